"""A made-up panel of homebound patients, the same for the same seed."""
