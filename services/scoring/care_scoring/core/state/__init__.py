"""What we currently believe about one patient, one noun per file; facts become belief in `evolve`, nowhere else."""
