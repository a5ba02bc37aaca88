"""The notice policy of a system on one's own machine: the one we ship, but awake at any hour."""

from care_cli.running.system import awake_at_any_hour
from care_notifications.core.notice_policy import load_notice_policy
from care_notifications.policies import read_notice_policy
from care_shared.vocabulary import Tier


def test_only_quiet_hours_differ_from_what_we_ship() -> None:
    local, shipped = load_notice_policy(awake_at_any_hour(), "local"), read_notice_policy("")

    assert set(local.quiet_hours.passes) == set(Tier)
    same = {"version": shipped.version, "quiet_hours": shipped.quiet_hours}
    assert local.model_copy(update=same) == shipped
