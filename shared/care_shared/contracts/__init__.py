"""What services say to one another: pure, frozen, versioned models."""
