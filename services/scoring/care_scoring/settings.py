"""Everything an operator may set about scoring: `CARE_SCORING_<FIELD>` beside Kafka, PostgreSQL and logging."""

from pydantic import Field
from pydantic_settings import BaseSettings

from care_shared.settings import CommonSettings, group


class ScoringGroup(BaseSettings):
    """Scoring's own settings."""

    model_config = group("CARE_SCORING_")

    health_host: str = Field(default="127.0.0.1", description="address of /livez, /readyz and /metrics")
    health_port: int = Field(default=8082, ge=0, le=65535, description="port of /livez, /readyz and /metrics")
    policy_file: str = Field(default="", description="policy YAML of this installation; empty: the one we ship")
    group_id: str = Field(default="care-scoring", min_length=1, description="Kafka consumer group of all replicas")
    topic_prefix: str = Field(default="", description="put before every topic name, when a cluster is shared")
    batch_records: int = Field(default=2000, ge=1, le=20000, description="most facts folded in one transaction")
    inbox_records: int = Field(default=8000, ge=1, description="facts read ahead before reading pauses")
    patients_at_hand: int = Field(default=50_000, ge=1, description="decoded patient states kept in memory")
    patients_at_hand_mib: int = Field(default=32, ge=1, description="the same, bounded by their encoded size")
    late_after_seconds: float = Field(default=300, gt=0, description="a deadline noticed later is marked late")
    silence_grace_seconds: float = Field(
        default=1, ge=0, le=3600, description="a deadline fires so long after it was due: facts may be on their way"
    )
    park_limit: int = Field(default=100, ge=1, description="stop when more patients than this had to be parked")
    session_seconds: float = Field(default=30, ge=6, le=85, description="silence after which Kafka calls us dead")
    drain_seconds: float = Field(default=10, gt=0, le=30, description="time for the turn in flight when we stop")
    keep_batches: int = Field(default=10_000, ge=100, description="batches remembered per partition, for trace")
    keep_outbox_hours: float = Field(default=168, gt=0, description="published alerts kept in the outbox, for trace")


class ScoringSettings(CommonSettings):
    """The whole configuration of the scoring service."""

    scoring: ScoringGroup = Field(default_factory=ScoringGroup)
