"""Care events in, patient state, care gaps and alerts out."""
