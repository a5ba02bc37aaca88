"""Real messages as hospitals, devices and visit vendors write them."""
