"""Raw messages in, care events out: stored first, acknowledged after."""
