"""One care rule, one file; rules do not know one another, `rulebook` knows them all."""
