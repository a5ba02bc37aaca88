"""The carelead command: composes the services, never decides."""
