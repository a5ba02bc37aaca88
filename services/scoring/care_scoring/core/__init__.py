"""What scoring decides, without knowing where facts come from or where alerts go: no clock, no I/O, no chance."""
