"""One picture of a patient, from the facts: pure, and the same in whatever order they came."""
