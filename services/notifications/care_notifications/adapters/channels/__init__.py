"""One channel, one folder: a new way to reach people is a folder here, its word in the core, and a line in `all.py`."""
