"""The plumbing every service uses: time, logs, PostgreSQL, Kafka, outbox, health."""
