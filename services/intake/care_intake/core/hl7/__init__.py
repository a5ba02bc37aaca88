"""How we read what hospitals send as HL7 version 2, and how we answer."""
