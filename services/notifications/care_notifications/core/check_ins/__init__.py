"""Short questions and leaflets between visits: which are due for whom and when, and what the answers say."""
