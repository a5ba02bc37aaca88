"""The FHIR R4 interface: partners subscribe, work on Tasks and read; our own people read."""
