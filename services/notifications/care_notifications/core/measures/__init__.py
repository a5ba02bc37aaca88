"""How a programme does: measures counted from facts; each says what it counts, of how many, and what it leaves out."""
