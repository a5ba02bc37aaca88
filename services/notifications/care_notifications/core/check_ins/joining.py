"""Two records that are one person are one household to write to; where they differ, the newer word or the no holds."""

from care_notifications.core.check_ins.listen import FIELDS, LINES
from care_notifications.core.check_ins.profile import Profile


def join(survivor: Profile, absorbed: Profile) -> None:
    """What was known under the absorbed number is known under the surviving one."""
    for name in (*FIELDS, "hospice"):
        said = absorbed.said.get(name)
        if said is not None and survivor.is_news(name, said):
            setattr(survivor, name, getattr(absorbed, name))
    for line, private in LINES.items():
        _join_line(survivor, absorbed, line, private)
    for scope, is_refused in absorbed.refused.items():
        survivor.refused[scope] = is_refused or survivor.refused.get(scope, False)
    survivor.deceased = survivor.deceased or absorbed.deceased
    survivor.stays = absorbed.stays | survivor.stays
    survivor.conditions = absorbed.conditions | survivor.conditions
    survivor.periods = absorbed.periods | survivor.periods
    survivor.caregivers = absorbed.caregivers | survivor.caregivers
    survivor.no_shows = absorbed.no_shows | survivor.no_shows
    hints = [one for one in (survivor.hinted_at, absorbed.hinted_at) if one is not None]
    survivor.hinted_at = max(hints, default=None)
    survivor.said = absorbed.said | survivor.said
    survivor.said.pop("absorbed", None)


def _join_line(survivor: Profile, absorbed: Profile, line: str, private: str) -> None:
    """The newer number or mailbox, with what was said of that very one."""
    before, other = getattr(survivor, line), getattr(absorbed, line)
    if line in absorbed.said and survivor.is_news(line, absorbed.said[line]):
        setattr(survivor, line, other)
        if other != before:
            setattr(survivor, private, None)
            survivor.said.pop(private, None)
    is_same = getattr(survivor, line) == other
    if is_same and private in absorbed.said and survivor.is_news(private, absorbed.said[private]):
        setattr(survivor, private, getattr(absorbed, private))
