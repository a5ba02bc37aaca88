"""Care alerts in; the right person told, once, with a reason."""
