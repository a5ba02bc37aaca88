"""What a person can do about an alert: chosen from a reviewed library by rule and situation."""
