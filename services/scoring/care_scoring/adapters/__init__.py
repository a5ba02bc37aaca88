"""What scoring reaches the world with: Faust, PostgreSQL, the relay."""
