"""What intake decides, without touching clock, network or database."""
