"""What was decided about a notice is said in words, and each word has a sentence."""

from dataclasses import replace

import pytest

from care_notifications.core.explanation import NoticeRow, Verdict, explained, in_words, without_echoes
from care_notifications.core.reasons import Hold, Reason
from care_notifications.core.state import Channel, Notice, Standing
from care_shared.vocabulary import GapId, Role, Tier
from tests.care_alerts import ANNA, BEN, NOW

MAIL = NoticeRow(
    recipient=ANNA, name="Anna", zone="", standing=Standing.CARE_TEAM, roles=(Role.CARE_MANAGER,),
    channel=Channel.EMAIL,
    notice=Notice.ATTENTION, tier=Tier.P2, step=0, state="delivered", at=NOW, reason=None, held_because=None,
    held_until=None, held_by=None, together=0, attempts=1,
)  # fmt: skip
HOOK = replace(MAIL, recipient="endpoint-harbor", name="Harbor", standing=Standing.PARTNER, channel=Channel.WEBHOOK)
REFUSED = replace(MAIL, standing=None, notice=None, tier=None, state="suppressed", reason="already-told")
COVERED = replace(MAIL, state="held", held_because="covered", held_until=NOW, held_by=GapId("graver"))


@pytest.mark.parametrize(
    ("row", "verdict", "code", "why_them"),
    [
        pytest.param(MAIL, Verdict.TOLD, "", "answers for this alert", id="the owner was told"),
        pytest.param(replace(MAIL, state="waiting"), Verdict.ON_ITS_WAY, "", "answers for this alert", id="on its way"),
        pytest.param(
            replace(MAIL, state="folded"), Verdict.ON_ITS_WAY, "", "answers for this alert", id="on its way with others"
        ),
        pytest.param(
            replace(MAIL, recipient=BEN, roles=(Role.NURSE, Role.SUPERVISOR)),
            Verdict.TOLD, "", "is nurse and supervisor", id="somebody who has a role",
        ),
        pytest.param(
            replace(MAIL, recipient=BEN, step=2), Verdict.TOLD, "", "step 2 of the escalation", id="somebody higher up"
        ),
        pytest.param(HOOK, Verdict.TOLD, "", "serves the patient", id="the agency"),
        pytest.param(COVERED, Verdict.WAITS, "covered", "answers for this alert", id="waits"),
        pytest.param(
            replace(HOOK, state="failed", reason="refused"), Verdict.NOT_DELIVERED, "refused", "serves the patient",
            id="tried in vain",
        ),
        pytest.param(
            replace(REFUSED, recipient="nurse", name="nurse", roles=(), channel=None, reason="unknown-role"),
            Verdict.NOT_TOLD, "unknown-role", "", id="nobody was found",
        ),
    ],
)  # fmt: skip
def test_what_became_of_it(row, verdict, code, why_them):
    found = explained(row, ANNA)

    assert (found.verdict, found.code, found.why_them) == (verdict, code, why_them)


def test_every_reason_and_every_wait_has_a_sentence():
    assert all(in_words(code) for code in [*Reason, *Hold])
    assert in_words("") == ""


def test_that_somebody_was_told_before_is_no_news_beside_that_they_were_told():
    told, again = explained(MAIL, ANNA), explained(REFUSED, ANNA)
    other = explained(replace(REFUSED, recipient=BEN, reason="expired"), ANNA)

    assert without_echoes([told, again, other]) == (told, other)
    assert without_echoes([again, other]) == (again, other)
