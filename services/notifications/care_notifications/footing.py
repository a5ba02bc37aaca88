"""What every part of the service stands on: settings, database, clock, the directory of people, the ways out."""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from care_notifications.adapters.channels.all import build_channels
from care_notifications.adapters.postgres import Ring
from care_notifications.adapters.postgres_directory import DirectorySource
from care_notifications.adapters.sealed import Sealer
from care_notifications.bells import Bells
from care_notifications.core.notice_policy import NoticePolicy
from care_notifications.core.state import Channel
from care_notifications.ports import ChannelPort
from care_notifications.settings import NotificationsSettings, Settings
from care_shared.runtime.clock import Clock
from care_shared.vocabulary import PersonId


@dataclass(frozen=True, slots=True)
class Footing:
    """One per process. `bells` are rung after a commit; whoever waits for news hangs a wake among them."""

    settings: Settings
    pool: asyncpg.Pool
    clock: Clock
    bells: Bells
    channels: Mapping[Channel, ChannelPort]
    source: DirectorySource
    sealer: Sealer

    @property
    def own(self) -> NotificationsSettings:
        """The settings that are this service's alone."""
        return self.settings.notifications

    @property
    def policy(self) -> NoticePolicy:
        """The reviewed numbers of who is told when."""
        return self.own.notice_policy

    @property
    def ring(self) -> Ring:
        """Called after a commit that others in this process want to know about."""
        return self.bells.ring


def build_footing(settings: Settings, pool: asyncpg.Pool, clock: Clock) -> Footing:
    """Wire it; nothing runs yet."""
    own = settings.notifications
    channels = build_channels(own)
    source = DirectorySource(PersonId(own.default_owner), frozenset(channels), own.default_zone, own.terms)
    return Footing(settings, pool, clock, Bells(), channels, source, Sealer(own.sealing_keys))
