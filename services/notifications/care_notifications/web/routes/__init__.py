"""What each address of the web application answers."""
