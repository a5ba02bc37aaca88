"""A stream of bytes from a hospital is cut into whole messages, wherever the network happened to split it."""

from dataclasses import dataclass, field
from enum import Enum, StrEnum

START = b"\x0b"
END = b"\x1c"
CARRIAGE_RETURN = b"\r"
DEFAULT_MAX_FRAME_BYTES = 4 * 1024 * 1024


class FrameFault(StrEnum):
    """Why a stream cannot be read any further."""

    JUNK_BEFORE_START = "junk before the start of a frame"
    NESTED_START = "a frame starts inside a frame"
    END_WITHOUT_RETURN = "the end of a frame is not followed by a carriage return"
    TOO_LARGE = "a frame is larger than allowed"


class _Place(Enum):
    BETWEEN = "between frames"
    INSIDE = "inside a frame"
    AFTER_END = "after the end sign"


def framed(message: bytes) -> bytes:
    """The message as it goes over the wire."""
    return b"".join((START, message, END, CARRIAGE_RETURN))


@dataclass(slots=True)
class FrameDecoder:
    """Feed it packets, take whole messages; after a fault it takes nothing more.

    A lenient decoder also bears senders that leave out the carriage return or put line ends between frames. It is not
    the default: it would take the first half of a message that holds an end sign for the whole.
    """

    max_frame_bytes: int = DEFAULT_MAX_FRAME_BYTES
    lenient: bool = False
    fault: FrameFault | None = None
    _place: _Place = _Place.BETWEEN
    _partial: bytearray = field(default_factory=bytearray)

    @property
    def is_inside(self) -> bool:
        """A frame has begun and is not complete."""
        return self._place is not _Place.BETWEEN

    def feed(self, packet: bytes) -> list[bytes]:
        """The messages that this packet completes; those before a fault are still good."""
        messages: list[bytes] = []
        at, size = 0, len(packet)
        while at < size and self.fault is None:
            match self._place:
                case _Place.BETWEEN:
                    at = self._begin(packet, at)
                case _Place.INSIDE:
                    at = self._take(packet, at, messages)
                case _Place.AFTER_END:
                    at = self._finish(packet, at, messages)
        if self.fault is not None:
            self._partial.clear()
        return messages

    def _begin(self, packet: bytes, at: int) -> int:
        sign = packet[at : at + 1]
        if sign == START:
            self._place = _Place.INSIDE
        elif not (self.lenient and sign in b"\r\n"):
            self.fault = FrameFault.JUNK_BEFORE_START
        return at + 1

    def _take(self, packet: bytes, at: int, messages: list[bytes]) -> int:
        found = packet.find(END, at)
        end = found if found >= 0 else len(packet)
        if self._is_refused(packet, at, end):
            return end
        self._partial += packet[at:end]
        if found < 0:
            return end
        if self.lenient:
            self._complete(messages)
        else:
            self._place = _Place.AFTER_END
        return end + 1

    def _is_refused(self, packet: bytes, at: int, end: int) -> bool:
        # Whichever comes first in the stream decides, so that the split into packets makes no difference.
        room = self.max_frame_bytes - len(self._partial)
        nested = packet.find(START, at, min(end, at + room + 1))
        if nested >= 0:
            self.fault = FrameFault.NESTED_START
        elif end - at > room:
            self.fault = FrameFault.TOO_LARGE
        return self.fault is not None

    def _finish(self, packet: bytes, at: int, messages: list[bytes]) -> int:
        if packet[at : at + 1] == CARRIAGE_RETURN:
            self._complete(messages)
        else:
            self.fault = FrameFault.END_WITHOUT_RETURN
        return at + 1

    def _complete(self, messages: list[bytes]) -> None:
        messages.append(bytes(self._partial))
        self._partial.clear()
        self._place = _Place.BETWEEN
