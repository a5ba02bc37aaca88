"""What a reviewer of the sources file should see: each agreement in a line, doubts, and what changes."""

from collections.abc import Iterator, Sequence

from care_intake.adapters.sources import SourceEntry
from care_intake.core.local_codes import remarks

# Digests of secrets are never printed: that one changed is all a reviewer needs.
_PROOFS = frozenset({"token_sha256", "certificates"})


def summary(entries: Sequence[SourceEntry]) -> Iterator[str]:
    """One line per source."""
    for one in entries:
        doors = {
            "token": bool(one.token_sha256), "certificate": bool(one.certificates), "address": bool(one.peers),
            "kafka": bool(one.kafka_source),
        }  # fmt: skip
        ways = ", ".join(name for name, is_open in doors.items() if is_open) or "no way in"
        codes = sum(map(len, one.mappings.values()))
        yield (
            f"{one.name}: {one.kind}, {one.zone}, by {ways}; {len(one.senders) or 'all'} senders, "
            f"{len(one.authorities)} issuers, {codes} codes, silent after {one.silent_after or 'never'}"
        )


def doubts(entries: Sequence[SourceEntry]) -> Iterator[str]:
    """What is allowed and still worth a look."""
    for one in entries:
        yield from (f"{one.name}: {remark}" for remark in remarks(one.mappings))
        if not (one.token_sha256 or one.certificates or one.peers or one.kafka_source):
            yield f"{one.name}: has neither token nor certificate, address or kafka_source, so that nothing can come"
        yield from (
            f"{one.name}: authorities.{name}: names itself" for name, other in one.authorities.items() if name == other
        )


def differences(old: Sequence[SourceEntry], new: Sequence[SourceEntry]) -> Iterator[str]:
    """What comes, goes and changes, source by source."""
    before, after = ({one.name: one for one in entries} for entries in (old, new))
    yield from (f"- {name}" for name in before if name not in after)
    yield from (f"+ {name}" for name in after if name not in before)
    for name in before.keys() & after.keys():
        was, is_ = before[name].model_dump(mode="json"), after[name].model_dump(mode="json")
        for field in was:
            yield from (f"~ {name}: {line}" for line in _changes(field, was[field], is_[field]))


def _changes(name: str, was: object, is_: object) -> Iterator[str]:
    if was == is_:
        return
    if name in _PROOFS:
        yield f"{name} changed"
    elif isinstance(was, dict) and isinstance(is_, dict):
        for key in dict.fromkeys((*was, *is_)):
            yield from _changes(f"{name}.{key}", was.get(key, {}), is_.get(key, {}))
    else:
        yield f"{name}: {_shown(was)} → {_shown(is_)}"


def _shown(value: object) -> str:
    return "nothing" if value in ({}, [], "", None) else str(value)
