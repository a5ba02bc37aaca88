"""FHIR R4 resources about care gaps, built from what is stored: pure, and validated by an independent library."""
