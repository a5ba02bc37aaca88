"""Files become messages, and messages are played into the running system."""
