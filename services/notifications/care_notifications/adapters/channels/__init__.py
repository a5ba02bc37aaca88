"""One channel, one file; a new way to reach people is a new file here."""
