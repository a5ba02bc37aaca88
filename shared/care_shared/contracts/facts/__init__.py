"""The facts by noun; `care_events` is the door through which everybody imports them."""
