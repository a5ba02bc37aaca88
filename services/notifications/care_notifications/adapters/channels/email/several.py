"""The words of a mail that stands for several alerts: how many of which urgency, and where to look; no patient."""

from care_notifications.core.effects import FoldKind
from care_notifications.core.messages import Listed, Listing

SUBJECTS = {FoldKind.GROUP: "{total} patient tasks need attention ({tier})", FoldKind.DIGEST: "Your digest: {tasks}"}
FOOT = "This message names no patient on purpose. Do not reply to it."


def subject_of(listing: Listing) -> str:
    """One line, with the gravest tier when somebody should hurry."""
    tasks = "1 patient task" if listing.total == 1 else f"{listing.total} patient tasks"
    return SUBJECTS[listing.kind].format(total=listing.total, tier=listing.counts[0][0].value, tasks=tasks)


def body_of(listing: Listing, base_url: str, stop: str = "") -> str:
    """Counts by tier, a link to each of the gravest, one to the whole list, and one that ends such mails."""
    lines = [subject_of(listing) + ".", ""]
    lines += [f"{tier.value}: {count}" for tier, count in listing.counts]
    lines += ["", f"All of them: {base_url}/", ""]
    lines += [_line(one, base_url) for one in listing.shown]
    unseen = listing.total - len(listing.shown)
    if unseen:
        lines.append(f"and {unseen} more.")
    foot = [FOOT, f"Stop digest mails: {stop}"] if stop else [FOOT]
    return "\n".join([*lines, "", *foot, ""])


def _line(one: Listed, base_url: str) -> str:
    deadline = one.due_at.strftime("due %Y-%m-%d %H:%M UTC") if one.due_at else "no deadline"
    return f"{one.tier.value}  {deadline}  {base_url}/alerts/{one.gap_id}"
