"""Where notifications meets the world: PostgreSQL, Kafka, and the channels."""
