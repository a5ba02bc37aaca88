"""The HTTP API of notifications: what a web application and integrators need, described by one OpenAPI document."""
