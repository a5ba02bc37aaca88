"""How exports of device portals call their columns."""

READING_HEADINGS: dict[str, tuple[str, ...]] = {
    "vital": ("code", "loinc", "type", "measurement", "measurement type", "reading type", "vital sign", "parameter",
              "observation", "metric", "test"),
    "value": ("result", "reading", "reading value", "measurement value", "observation value", "amount"),
    "unit": ("units", "uom", "unit of measure"),
    "measured_at": ("time", "date time", "timestamp", "measured on", "reading time", "measurement time",
                    "observation time", "effective time", "date and time", "datetime", "reading date time"),
    "device_id": ("device", "serial", "serial number", "device serial number", "device serial", "monitor id", "imei"),
    "slot": ("meal", "meal relation", "meal tag", "event", "timing", "context", "tag"),
    "manual": ("manual entry", "is manual", "entry method", "entered by hand", "source type"),
    "reading_id": ("id", "observation id", "measurement id", "record id"),
    "flag": ("flags", "status flag", "quality", "error code", "note code"),
    "status": ("reading status", "record status"),
    "reported_at": ("updated at", "sent at", "modified date", "received by portal"),
}  # fmt: skip
NEEDED = ("vital", "value", "measured_at")
