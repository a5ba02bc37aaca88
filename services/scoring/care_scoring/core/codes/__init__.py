"""Code tables that care rules read, as dated data: which diagnoses, medicines and tests belong to which group."""
