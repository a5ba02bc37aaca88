"""Who pays, from the names that hospitals and plans use."""

import pytest

from care_intake.core.payers import is_self_pay, payer_kinds


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        pytest.param(("MEDICARE",), ("medicare",), id="Medicare"),
        pytest.param(("MCR A", "MEDICARE PART A"), ("medicare",), id="an abbreviation and its words"),
        pytest.param(("Humana Gold Plus", "Medicare Advantage HMO"), ("medicare",), id="a private plan of Medicare"),
        pytest.param(("MCD", "NY MEDICAID"), ("medicaid",), id="Medicaid"),
        pytest.param(("Medi-Cal",), ("medicaid",), id="California's name for it"),
        pytest.param(("MassHealth Standard",), ("medicaid",), id="Massachusetts' name for it"),
        pytest.param(("UHC Dual Complete HMO D-SNP",), ("medicare", "medicaid"), id="a plan for both"),
        pytest.param(("Medicare-Medicaid Plan",), ("medicare", "medicaid"), id="a plan that names both"),
        pytest.param(("AARP Medicare Supplement Plan F",), ("other",), id="sold beside Medicare"),
        pytest.param(("Medigap", "Mutual of Omaha"), ("other",), id="Medigap"),
        pytest.param(("MEDICAID PENDING",), ("other",), id="asked for and not granted"),
        pytest.param(("Non-Medicare Commercial",), ("other",), id="said not to be Medicare"),
        pytest.param(("Medical Mutual of Ohio",), ("other",), id="«medical» alone is nobody's name"),
        pytest.param(("MC",), ("other",), id="Medicaid to one sender and Medicare to the next"),
        pytest.param(("Blue Cross Blue Shield",), ("other",), id="somebody else"),
        pytest.param((), ("other",), id="no name"),
    ],
)
def test_the_kinds_of_payer(names: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert payer_kinds(names) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("SELF PAY", "1", "SELF PAY"), True), (("Self-Pay",), True), (("UNINSURED",), True), (("NONE",), True),
        (("SELF PAY", "AETNA"), False), (("Selfridge Mutual",), False), ((), False), (("5",), False),
    ],
)  # fmt: skip
def test_who_pays_alone(names: tuple[str, ...], expected: bool) -> None:
    assert is_self_pay(names) is expected
