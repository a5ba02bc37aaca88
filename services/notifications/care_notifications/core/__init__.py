"""What is decided about an alert: pure, so that every decision can be tested and explained."""
