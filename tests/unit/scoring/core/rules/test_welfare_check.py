"""VISIT-WELFARE: vector V8 and the near misses of rule 4."""

import pytest

from tests.builders import Known, Step, Visit, admitted, assessed, contacted, play, tick, when

RULE = "VISIT-WELFARE"
DOOR = Visit(0, "10:00")
ALONE = assessed(homebound=True, alone=True)
NOBODY = "opened P1 nobody_answered"


@pytest.mark.parametrize(
    ("history", "story"),
    [
        pytest.param([ALONE, DOOR.missed("no-answer"), tick(0, "10:59")], [], id="V8 the hour is not over"),
        pytest.param(
            [ALONE, DOOR.missed("no-answer"), tick(0, "11:00")], [NOBODY], id="V8 locked door, no answer by 11"
        ),
        pytest.param(
            [ALONE, DOOR.missed("no-answer"), tick(0, "11:00"), contacted(0, "11:20", party="other")],
            [NOBODY, "closed evidence somebody_reached"],
            id="V8 the daughter knows: closes",
        ),
        pytest.param(
            [
                ALONE,
                DOOR.missed("no-answer"),
                contacted(0, "10:10", "no-answer"),
                contacted(0, "10:30", "no-answer"),
            ],
            [NOBODY],
            id="rule 4: two calls in vain within the hour",
        ),
        pytest.param([ALONE, DOOR.missed("hospitalised"), tick(1)], [], id="rule 4: told as hospitalised"),
        pytest.param(
            [ALONE, DOOR.missed("no-answer"), contacted(0, "10:20", party="caregiver"), tick(1)],
            [],
            id="rule 4: the daughter answers the phone",
        ),
        pytest.param(
            [assessed(homebound=False, alone=True), DOOR.missed("no-answer"), tick(1)], [], id="rule 4: not homebound"
        ),
        pytest.param(
            [assessed(homebound=True, alone=False), DOOR.missed("no-answer"), tick(1)], [], id="somebody lives there"
        ),
        pytest.param(
            [assessed(homebound=True, alone=None), DOOR.missed("no-answer"), tick(1)], [], id="we do not know"
        ),
        pytest.param([ALONE, DOOR.missed("agency-no-show"), tick(1)], [], id="the agency did not come"),
        pytest.param(
            [ALONE, DOOR.missed("no-answer"), tick(0, "11:00"), Visit(1).delivered()],
            [NOBODY, "closed evidence care_resumed"],
            id="seen the next day",
        ),
        pytest.param(
            [ALONE, DOOR.missed("no-answer"), tick(0, "11:00"), admitted(0, "13:00")],
            [NOBODY, "closed superseded inpatient"],
            id="found in hospital",
        ),
        pytest.param(
            [ALONE, DOOR.missed("no-answer"), tick(0, "11:00"), DOOR.delivered(Known(when(0, "18:00")))],
            [NOBODY, "closed late_evidence visit_proven_late"],
            id="the visit took place after all",
        ),
        pytest.param(
            [ALONE, DOOR.missed("no-answer", Known(when(4)))], [], id="told four days later it is no emergency any more"
        ),
        pytest.param(
            [ALONE, DOOR.missed("no-answer"), contacted(0, "09:30"), tick(0, "11:00")],
            [NOBODY],
            id="a call before the closed door proves nothing",
        ),
    ],
)
def test_welfare(history: list[Step], story: list[str]) -> None:
    assert play(history, RULE).story == story


def test_it_says_why_it_worries() -> None:
    alert = play([ALONE, DOOR.missed("no-answer"), tick(0, "11:00")], RULE).alerts[0]

    assert alert.explanation == (
        "Nobody answered the door on Mon 1 Mar 10:00; the patient is homebound and lives alone, "
        "and no call reached anybody."
    )
    assert alert.due_at == when(0, "12:00")
