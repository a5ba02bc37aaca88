"""One feed, one room: each module turns one kind of message into facts, and knows none of the others."""
