"""Start, find and stop a whole CareLead on this machine."""
