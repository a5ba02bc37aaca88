"""The library of next steps as the pages use it: what is offered for an alert, and what a click on it means."""

from dataclasses import dataclass, field

from care_notifications.adapters.content_files import content_folder, read_library
from care_notifications.adapters.postgres_follow_up import PostgresFollowUp
from care_notifications.core.next_steps.choose import Around, NextStep, next_steps
from care_notifications.core.next_steps.library import CoreService, Library, Link
from care_notifications.settings import NotificationsSettings
from care_shared.contracts.care_alerts import CareAlert


@dataclass(frozen=True, slots=True)
class Shelf:
    """Library, links, which programmes are Health Homes, and where acts are kept."""

    library: Library
    follow_up: PostgresFollowUp
    links: dict[Link, str] = field(default_factory=dict)
    health_homes: frozenset[str] = frozenset({"health-home"})

    def offered(self, alert: CareAlert, around: Around) -> tuple[NextStep, ...]:
        """The short list for this alert."""
        return next_steps(alert, around, self.library)

    def core_service(self, step: str, around: Around) -> CoreService | None:
        """Which core service the step is, where the patient is a member of a Health Home."""
        found = self.library.step(step)
        return found.core_service if found is not None and around.programmes & self.health_homes else None


def build_shelf(own: NotificationsSettings, follow_up: PostgresFollowUp) -> Shelf:
    """The reviewed next steps, with the links that this installation has."""
    links = {Link.TELEHEALTH: own.telehealth_url, Link.TRANSPORT: own.transport_url}
    library = read_library(content_folder(own.content_folder))
    return Shelf(library, follow_up, {link: url for link, url in links.items() if url})
