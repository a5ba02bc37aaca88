"""The numbers that several modules share, one room per noun; a rule's own numbers live in the rule's room."""
