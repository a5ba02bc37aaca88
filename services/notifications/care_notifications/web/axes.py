"""From values and moments to places on a drawing, and the round values that stand beside its axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor, log10


@dataclass(frozen=True, slots=True)
class Paper:
    """A drawing's size, and the room around what is drawn for the words beside it."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int

    @property
    def inner_width(self) -> int:
        """Of what is drawn."""
        return self.width - self.left - self.right

    @property
    def foot(self) -> int:
        """Where the lowest value stands."""
        return self.height - self.bottom


@dataclass(frozen=True, slots=True)
class Frame:
    """What part of time and of the scale the paper shows."""

    paper: Paper
    begins: datetime
    ends: datetime
    low: float
    high: float

    def x(self, at: datetime) -> float:
        """Where a moment stands; a frame of one moment has it at its left edge."""
        span = (self.ends - self.begins) or timedelta(seconds=1)
        return round(self.paper.left + (at - self.begins) / span * self.paper.inner_width, 1)

    def y(self, value: float) -> float:
        """Where a value stands; the greater, the higher."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.paper.foot - share * (self.paper.foot - self.paper.top), 1)

    def day(self, at: datetime) -> float:
        """How many days after its beginning."""
        return (at - self.begins) / timedelta(days=1)


def frame_around(paper: Paper, window: tuple[datetime, datetime], values: Sequence[float], room: float) -> Frame:
    """A frame that holds all these values and a share of `room` above and below; equal values get some room, too."""
    margin = (max(values) - min(values)) * room or max(abs(values[0]) * 0.05, 1.0)
    return Frame(paper, *window, min(values) - margin, max(values) + margin)


def ticks(frame: Frame, about: int) -> tuple[float, ...]:
    """Round values inside the frame: steps of 1, 2 or 5 times a power of ten, about so many of them."""
    rough = (frame.high - frame.low) / about
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    first = ceil(frame.low / step)
    return tuple(round(step * count, 6) for count in range(first, floor(frame.high / step) + 1))
