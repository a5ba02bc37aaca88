"""What CareLead promises, told as steps that are checked."""
