"""The scores of one patient as the state has them: inputs with times and sources, never a value nobody told us."""
