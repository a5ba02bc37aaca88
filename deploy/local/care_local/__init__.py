"""A real Kafka and a real PostgreSQL on this machine, for trying CareLead out and for testing it."""
