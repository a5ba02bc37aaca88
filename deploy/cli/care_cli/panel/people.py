"""Who is in the made-up panel: names that belong to nobody, ids in a range no authority hands out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from care_cli.messages.person import Person
from care_shared.vocabulary import OrganizationId, PersonId

# Colours and trees: nobody takes these for real people, and they are easy to tell apart on a page.
FAMILY = (
    *("Amber", "Birch", "Cedar", "Dune", "Elmwood", "Fern", "Granite", "Hazel", "Indigo", "Juniper"),
    *("Kestrel", "Larch", "Maple", "Nettle", "Ochre", "Poplar", "Quartz", "Rowan", "Saffron", "Teal"),
    *("Umber", "Violet", "Willow", "Yarrow", "Zinc"),
)
GIVEN_F = ("Ada", "Bea", "Cora", "Dina", "Esther", "Flora", "Greta", "Hilda", "Iris", "June", "Kate", "Lena")
GIVEN_M = ("Abel", "Boris", "Carl", "Dan", "Emil", "Frank", "Gus", "Hugo", "Ivan", "Joel", "Karl", "Leo")
CARE_MANAGERS = tuple(PersonId(name) for name in ("cm-alvarez", "cm-brooks", "cm-chen", "cm-davis"))
AGENCIES = (OrganizationId("agency-harbor"), OrganizationId("agency-lakeside"))
HOME_ZONE = "America/New_York"
NAMED = 6
YOUNGEST = date(1960, 6, 1)

HEART_FAILURE = ("I50.9", "Heart failure, unspecified")
DIABETES = ("E11.9", "Type 2 diabetes mellitus without complications")
HYPERTENSION = ("I10", "Essential (primary) hypertension")


@dataclass(frozen=True, slots=True)
class Member:
    """One patient of the panel with what the care team knows about the home."""

    person: Person
    care_manager: PersonId
    backup: PersonId
    agency: OrganizationId
    lives_alone: bool
    conditions: tuple[tuple[str, str], ...]
    home_zone: str = HOME_ZONE

    @property
    def key(self) -> str:
        """The short name used on the command line: demo-3, panel-017."""
        return self.person.key

    def has(self, condition: tuple[str, str]) -> bool:
        """Whether the condition is on the problem list."""
        return condition in self.conditions


def members(seed: int, count: int) -> Sequence[Member]:
    """`count` patients: demo-1 to demo-6 first, whose conditions their stories need, then the others."""
    # Made-up people, not secrets; dice of their own, so that one more patient changes nobody else.
    return [_member(Random(f"{seed}/{position}"), position) for position in range(1, count + 1)]  # noqa: S311


def _member(chance: Random, position: int) -> Member:
    sex = chance.choice("FM")
    given = chance.choice(GIVEN_F if sex == "F" else GIVEN_M)
    family = f"{FAMILY[(position - 1) % len(FAMILY)]}-Demo"
    born = YOUNGEST - timedelta(days=chance.randint(0, 28 * 365))
    key = f"demo-{position}" if position <= NAMED else f"panel-{position:03d}"
    manager = (position - 1) % len(CARE_MANAGERS)
    return Member(
        person=person(key, position, (family, given), born, sex),
        care_manager=CARE_MANAGERS[manager],
        backup=CARE_MANAGERS[(manager + 1) % len(CARE_MANAGERS)],
        agency=AGENCIES[position % len(AGENCIES)],
        lives_alone=chance.random() < 0.4,
        conditions=_conditions(chance, key),
    )


def person(key: str, number: int, name: tuple[str, str], born: date, sex: str) -> Person:
    """A person whose ids say that they are made up; the telephone exchange 555-01xx is kept for fiction."""
    family, given = name
    return Person(
        key=key,
        mrn=f"DEMO{number:06d}",
        medicaid_id=f"ZZ{number:06d}",
        family=family,
        given=given,
        birth_date=born,
        sex=sex,
        phone=f"+1-555-555-01{number % 100:02d}",
    )


def _conditions(chance: Random, key: str) -> tuple[tuple[str, str], ...]:
    wanted = {"demo-3": (DIABETES,), "demo-4": (DIABETES,), "demo-5": (HEART_FAILURE,)}.get(key)
    if wanted is not None:
        return wanted
    shares = ((HEART_FAILURE, 0.3), (DIABETES, 0.35), (HYPERTENSION, 0.6))
    return tuple(condition for condition, share in shares if chance.random() < share)
