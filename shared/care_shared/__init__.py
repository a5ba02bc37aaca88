"""The words, contracts and plumbing that at least two CareLead services share."""
