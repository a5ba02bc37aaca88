"""Happenings of scenarios, by noun: words a nurse reads, put into facts."""
