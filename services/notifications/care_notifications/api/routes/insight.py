"""Why an alert was told to whom, how urgent its patient is, how notices and endpoints fare, how precise rules are."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi import Query as Params
from pydantic import Field
from starlette.responses import Response

from care_notifications.adapters.explain import explain
from care_notifications.adapters.rule_precision import rule_precision
from care_notifications.api.desk import ID, AlertId, ApiDeskHere, Looker, Overseer, PatientKey, shown
from care_notifications.api.models import Answer
from care_notifications.api.problems import NOT_ALLOWED, ProblemError, described
from care_notifications.api.routes.alerts import Query, refuse_hidden
from care_notifications.core.explanation import Verdict
from care_shared.contracts.envelope import UtcDatetime
from care_shared.contracts.score_changes import ScoreFactor
from care_shared.errors import NotFoundError
from care_shared.vocabulary import GapId, PatientId

router = APIRouter(tags=["insight"])
PROBLEMS = described(401, 403, 422, 429, 500, 503)
DeliveryId = Annotated[str, Path(pattern=ID)]
PERIOD = timedelta(days=90)


class NoticeExplained(Answer):
    """One recipient over one channel: told or not, and why."""

    recipient: str
    name: str
    channel: str
    notice: str
    verdict: Verdict
    at: datetime
    code: str
    why: str
    why_them: str
    waited_for: str
    waited_until: datetime | None
    attempts: int


class ExplanationShown(Answer):
    """All that was decided about telling of one alert."""

    alert_id: str
    next_escalation_at: datetime | None
    notices: tuple[NoticeExplained, ...]


class ScoreShown(Answer):
    """The newest of one score of a patient, and what made it."""

    score: str
    subject: str
    label: str
    value: int | None = Field(description="absent: not computed, see `missing` and `notes`; never a guess")
    band: str | None
    factors: tuple[ScoreFactor, ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    model_version: str
    computed_at: datetime


class ScoresShown(Answer):
    """The scores of one patient."""

    scores: tuple[ScoreShown, ...]


class AttemptShown(Answer):
    """One attempt to hand a notice over."""

    number: int
    started_at: datetime
    ended_at: datetime
    code: str


class AttemptsShown(Answer):
    """Every attempt of one notice, kept for a month."""

    attempts: tuple[AttemptShown, ...]


class EndpointShown(Answer):
    """How the endpoint of a partner fares. Its address and keys are not shown."""

    endpoint_id: str
    organization_id: str
    organization: str
    enabled: bool
    switched_off_at: datetime | None
    switched_off_because: str | None
    verified_at: datetime | None
    paused_at: datetime | None
    failures: int
    failing_since: datetime | None
    left_alone_until: datetime | None
    last_sequence: int
    waiting: int


class EndpointsShown(Answer):
    """Every endpoint."""

    endpoints: tuple[EndpointShown, ...]


class PrecisionShown(Answer):
    """How one rule did in the period."""

    rule_id: str
    told: int
    acknowledged: int
    acted: int
    overridden: int
    useful: int
    not_useful: int
    undecided: int
    precision: float | None = Field(description="share acted on within 14 days, of those whose time is over")


class PrecisionsShown(Answer):
    """How the rules did."""

    rules: tuple[PrecisionShown, ...]


class PeriodQuery(Query):
    """Which alerts, by when they opened; the last 90 days unless said otherwise."""

    since: UtcDatetime | None = None
    until: UtcDatetime | None = None


@router.get("/alerts/{alert_id}/explanation", response_model=ExplanationShown, responses=PROBLEMS | described(404))
async def show_explanation(request: Request, desk: ApiDeskHere, caller: Looker, alert_id: AlertId) -> Response:
    """Who was told, over what and when, and why all others were not."""
    refuse_hidden(caller, await desk.versions.labelled(GapId(alert_id)))
    found = next((one for one in await explain(desk.pool, alert_id) if one.gap_id == alert_id), None)
    if found is None:
        raise NotFoundError("no such alert")
    notices = tuple(
        NoticeExplained(**{name: getattr(one, name) for name in NoticeExplained.model_fields}) for one in found.notices
    )
    answer = ExplanationShown(alert_id=alert_id, next_escalation_at=found.next_escalation_at, notices=notices)
    return shown(request, answer)


@router.get("/patients/{patient_id}/scores", response_model=ScoresShown, responses=PROBLEMS)
async def list_scores(request: Request, desk: ApiDeskHere, caller: Looker, patient_id: PatientKey) -> Response:
    """The newest of each score of a patient."""
    found = await desk.insight.scores(PatientId(patient_id), caller.sees_sensitive)
    scores = tuple(ScoreShown(**{name: getattr(one, name) for name in ScoreShown.model_fields}) for one in found)
    return shown(request, ScoresShown(scores=scores))


@router.get("/deliveries/{delivery_id}/attempts", response_model=AttemptsShown, responses=PROBLEMS | described(404))
async def list_attempts(request: Request, desk: ApiDeskHere, caller: Overseer, delivery_id: DeliveryId) -> Response:
    """Every attempt of one notice."""
    rows = await desk.insight.attempts(delivery_id, caller.sees_sensitive)
    if rows is None:
        raise NotFoundError("no such notice")
    return shown(request, AttemptsShown(attempts=tuple(AttemptShown(**dict(row)) for row in rows)))


@router.get("/endpoints", response_model=EndpointsShown, responses=described(401, 403, 429, 500, 503))
async def list_endpoints(request: Request, desk: ApiDeskHere, _: Overseer) -> Response:
    """How the partners' endpoints fare."""
    rows = await desk.insight.endpoints()
    return shown(request, EndpointsShown(endpoints=tuple(EndpointShown(**dict(row)) for row in rows)))


@router.get("/rules/precision", response_model=PrecisionsShown, responses=PROBLEMS)
async def show_precision(
    request: Request, desk: ApiDeskHere, caller: Overseer, asked: Annotated[PeriodQuery, Params()]
) -> Response:
    """How precise each rule was: acknowledged, acted on, overridden, useful or not."""
    if not caller.sees_sensitive:
        raise ProblemError(NOT_ALLOWED, "These figures count labelled alerts, too: this needs the scope sensitive.")
    until = asked.until or request.state.now
    found = await rule_precision(desk.pool, asked.since or request.state.now - PERIOD, until)
    rules = tuple(PrecisionShown(**{name: getattr(one, name) for name in PrecisionShown.model_fields}) for one in found)
    return shown(request, PrecisionsShown(rules=rules))
