"""The client side of our front doors: MLLP and HTTP."""
