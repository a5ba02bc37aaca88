"""Scoring on a day long ago: it folds what it reads, and no deadline has passed yet."""

import os
from datetime import datetime

from care_scoring import app
from care_scoring.__main__ import leave, main

THAT_DAY = "EARLY_SCORING_DAY"


def on_that_day() -> datetime:
    """The moment at which this worker's clock stands."""
    return datetime.fromisoformat(os.environ[THAT_DAY])


if __name__ == "__main__":
    app.utc_now = on_that_day
    leave(main())
