"""Words of the scenarios, one module per noun: each turns what a scenario says into facts."""
