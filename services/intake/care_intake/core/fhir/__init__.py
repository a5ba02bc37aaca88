"""The part of FHIR R4 that carries facts we use; what is not named here is kept in the stored original."""
