"""The answer to a dry run over HTTP."""

from starlette.responses import JSONResponse

from care_intake.core.previews import preview_of
from care_intake.core.receipts import Judged
from care_intake.core.roster_terms import RosterDiff

MOST_CHANGES = 5_000


def previewed(one: Judged, diff: RosterDiff | None) -> JSONResponse:
    """Counts, and what is different row by row; nothing was kept."""
    found = preview_of(one.decision, diff)
    body = {
        "dry_run": True,
        "verdict": found.verdict,
        "counts": dict(found.counts),
        "facts": dict(found.facts),
        "changes": [
            {"where": where, "change": kind, "fields": list(fields)}
            for where, kind, fields in found.changes[:MOST_CHANGES]
        ],
        "refused": [{"where": one.where, "problem": one.reason} for one in found.remarks if one.is_refused],
        "remarks": [{"where": one.where, "problem": one.reason} for one in found.remarks if not one.is_refused],
    }
    return JSONResponse(body)
