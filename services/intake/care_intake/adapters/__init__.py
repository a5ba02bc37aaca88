"""Where intake meets the outside: sockets, HTTP, Kafka and PostgreSQL."""
