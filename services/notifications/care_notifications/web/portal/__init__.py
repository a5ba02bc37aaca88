"""The portal of partner organisations: pages for their people, behind a gate of its own."""
