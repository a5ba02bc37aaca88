"""Words of scenarios, one module per noun: each maps a happening to the facts it means."""
