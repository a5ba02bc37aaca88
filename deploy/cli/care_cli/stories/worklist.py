"""A care manager at the worklist page: signs in, looks for an alert, logs a contact. Through HTTP, as a browser does."""
