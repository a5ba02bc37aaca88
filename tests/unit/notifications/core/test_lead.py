"""Whatever a care team names is one named person now: lead, cover, backup, supervisor, and at last the desk."""

from datetime import timedelta

import pytest

from care_notifications.core.lead import Answering, answering, is_known
from care_notifications.core.state import Leave, Person, Team, TeamId
from care_shared.contracts.care_alerts import CareTeam
from care_shared.vocabulary import OrganizationId, PersonId, Role
from tests.care_alerts import ANNA, BEN, DESK, NOW, directory

CORA, DAN, EVE = PersonId("cm-cora"), PersonId("cm-dan"), PersonId("sup-eve")
WEST, ORG = TeamId("team-west"), OrganizationId("org-lead")
DAY = timedelta(days=1)
TEAM = CareTeam(lead_care_manager=ANNA, backup=BEN)


def away(cover=None):
    return (Leave(NOW - DAY, NOW + DAY, cover),)


def world(load=None, **people):
    """Anna, Ben, Cora and Dan in team West under Eve, and the desk; `people` changes some of them."""
    known = {name: Person(name, team=WEST) for name in (ANNA, BEN, CORA, DAN)}
    known |= {EVE: Person(EVE, (Role.SUPERVISOR,)), DESK: Person(DESK)}
    named = {"anna": ANNA, "ben": BEN, "cora": CORA, "dan": DAN, "eve": EVE, "desk": DESK}
    known |= {named[name]: Person(named[name], **({"team": WEST} | fields)) for name, fields in people.items()}
    return directory(people=known, teams={WEST: Team(WEST, ORG, EVE)}, load=load or {})


@pytest.mark.parametrize(
    ("team", "known", "expected"),
    [
        pytest.param(TEAM, world(), Answering(ANNA, BEN), id="the lead answers, the backup stands by"),
        pytest.param(
            TEAM, world(anna={"leaves": away(CORA)}), Answering(CORA, BEN, ANNA), id="on leave the cover answers"
        ),
        pytest.param(
            TEAM, world(anna={"leaves": away(CORA)}, cora={"leaves": away(DAN)}), Answering(DAN, BEN, ANNA),
            id="and whoever covers for the cover",
        ),
        pytest.param(
            TEAM, world(anna={"leaves": away(CORA)}, cora={"leaves": away(ANNA)}), Answering(BEN, DAN, ANNA),
            id="two who cover for each other cover nothing",
        ),
        pytest.param(TEAM, world(anna={"leaves": away()}), Answering(BEN, CORA, ANNA), id="no cover: the backup"),
        pytest.param(TEAM, world(anna={"active": False}), Answering(BEN, CORA), id="who left covers nobody's return"),
        pytest.param(
            TEAM, world(anna={"leaves": away()}, ben={"leaves": away()}), Answering(EVE, DESK, ANNA),
            id="both away: the supervisor",
        ),
        pytest.param(CareTeam(), world(), Answering(DESK), id="nobody named: the desk"),
        pytest.param(
            CareTeam(lead_care_manager=PersonId("stranger")), world(), Answering(DESK), id="a stranger named: the desk"
        ),
        pytest.param(
            CareTeam(lead_care_manager=PersonId(WEST)), world({ANNA: 5, BEN: 2, CORA: 1, DAN: 3}),
            Answering(CORA, BEN), id="of a team the one with the least work",
        ),
        pytest.param(
            CareTeam(lead_care_manager=PersonId(ORG)),
            world({ANNA: 5, BEN: 2, CORA: 1, DAN: 3}, cora={"leaves": away()}),
            Answering(BEN, DAN), id="of an organisation too, among those who are there",
        ),
    ],
)  # fmt: skip
def test_who_answers(team, known, expected):
    assert answering(team, known, NOW) == expected


def test_whoever_has_the_work_of_a_team_keeps_it():
    known = world({ANNA: 50})

    assert answering(CareTeam(lead_care_manager=PersonId(WEST)), known, NOW, keep=ANNA).owner == ANNA


def test_a_name_is_known_when_it_stands_for_somebody():
    known = world(ben={"active": False})

    assert [is_known(one, known) for one in (ANNA, BEN, WEST, ORG, "stranger")] == [True, False, True, True, False]


def test_there_is_always_an_owner_and_never_the_same_as_the_backup():
    known = world(**{name: {"leaves": away()} for name in ("anna", "ben", "cora", "dan", "eve", "desk")})

    found = answering(TEAM, known, NOW)

    assert (found.owner, found.backup) == (DESK, None)
