"""Facts about the sources themselves: a feed went silent, or came back."""

from typing import Literal

from care_shared.contracts.envelope import CareEvent
from care_shared.vocabulary import SourceId


class FeedWentSilent(CareEvent):
    """A source stopped sending; silence of the patient must not be concluded from silence of the feed."""

    type: Literal["feed-went-silent"] = "feed-went-silent"
    feed: SourceId


class FeedResumed(CareEvent):
    """A silent source sends again."""

    type: Literal["feed-resumed"] = "feed-resumed"
    feed: SourceId
