"""Who pays: Medicare, Medicaid, both, or somebody else, from the names that hospitals and plans use."""

import re
from collections.abc import Iterable

MEDICARE, MEDICAID, OTHER = "medicare", "medicaid", "other"
DUAL, SELF_PAY = "dual", "self-pay"
# What a sources file may say that a payer's own code means; nobody pays for whoever pays alone.
AGREED_KINDS = {MEDICARE: (MEDICARE,), MEDICAID: (MEDICAID,), DUAL: (MEDICARE, MEDICAID), OTHER: (OTHER,)}

_MEDICARE = re.compile(r"\b(medicare|mcare|mcr|title (18|xviii)|t18)\b")
# Medicaid goes by another name in many states.
_MEDICAID = re.compile(
    r"\b(medicaid|mcaid|mcd|medi cal|title (19|xix)|t19|masshealth|tenncare|badgercare|soonercare|ahcccs"
    r"|mo ?healthnet|apple health|kancare|mainecare|denalicare|husky [abcd]|nj familycare|hoosier healthwise"
    r"|health first colorado|centennial care|turquoise care|star ?plus|med quest|dr dynasaur)\b"
)
_BOTH = re.compile(r"\b(dual(ly)? (eligible|complete|special needs)|d ?snp|mmp|medi ?medi|cal mediconnect)\b")
# Sold beside Medicare by others, asked for and not granted, or said not to be.
_NOT_MEDICARE = re.compile(r"\b(supplement(al)?|medigap|non medicare|not medicare|no medicare)\b")
_NOT_MEDICAID = re.compile(r"\b(pending|applied|application|non medicaid|not medicaid|no medicaid)\b")
_SELF = re.compile(r"(self ?pay|selfpay|uninsured|no insurance|none|charity care|self)")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def payer_kinds(names: Iterable[str]) -> tuple[str, ...]:
    """The kinds of payer that these names of one plan mean; a plan for the dually eligible is both."""
    whole = " / ".join(_words(name) for name in names)
    both = _BOTH.search(whole) is not None
    kinds = []
    if both or (_MEDICARE.search(whole) and not _NOT_MEDICARE.search(whole)):
        kinds.append(MEDICARE)
    if both or (_MEDICAID.search(whole) and not _NOT_MEDICAID.search(whole)):
        kinds.append(MEDICAID)
    return tuple(kinds) or (OTHER,)


def is_self_pay(names: Iterable[str]) -> bool:
    """Whether the names say that nobody but the patient pays."""
    texts = [words for name in names if (words := _words(name)) and not words.isdigit()]
    return bool(texts) and all(_SELF.fullmatch(words) for words in texts)


def _words(name: str) -> str:
    return _NOT_WORD.sub(" ", name.lower()).strip()
