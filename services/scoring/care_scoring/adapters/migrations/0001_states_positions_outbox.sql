-- Scoring's whole memory: what we believe about each patient, how far we have read, what we still have to say.

-- One row per partition, locked first by every transaction. `epoch` fences former owners; `turn` counts the
-- transactions, so that a writer that lost its connection during COMMIT can learn whether it succeeded.
CREATE TABLE partitions (
    partition integer PRIMARY KEY,
    epoch bigint NOT NULL,
    turn bigint NOT NULL,
    next_offset bigint NOT NULL,
    outbox_seq bigint NOT NULL,
    claimed_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- No index on anything that changes with every fact, and room on each page: updates stay heap-only.
CREATE TABLE patient_states (
    patient_id text PRIMARY KEY,
    partition integer NOT NULL,
    state bytea NOT NULL,
    next_wake_at timestamptz
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX patient_states_due ON patient_states (partition, next_wake_at) WHERE next_wake_at IS NOT NULL;
ALTER TABLE patient_states ALTER COLUMN state SET STORAGE MAIN;

-- The patient's story in order: each change of a gap, and each reason for silence.
CREATE TABLE timeline (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id text NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    rule_id text NOT NULL,
    episode text NOT NULL,
    reason text NOT NULL,
    change text NOT NULL,
    revision integer NOT NULL,
    gap_id text NOT NULL,
    event_id text NOT NULL,
    caused_by text NOT NULL
);
CREATE INDEX timeline_patient ON timeline (patient_id, at);

-- Numbered by the one fenced writer of its partition, so no row can appear below one already read.
CREATE TABLE outbox (
    partition integer NOT NULL,
    seq bigint NOT NULL,
    event_id text NOT NULL,
    topic text NOT NULL,
    key bytea NOT NULL,
    value bytea NOT NULL,
    headers text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    published_partition integer,
    published_offset bigint,
    PRIMARY KEY (partition, seq)
);
CREATE INDEX outbox_pending ON outbox (partition, seq) WHERE published_at IS NULL;
CREATE INDEX outbox_event ON outbox (event_id);

-- When was an offset folded? Answers `carelead trace`; only the newest are kept.
CREATE TABLE batches (
    partition integer NOT NULL,
    first_offset bigint NOT NULL,
    next_offset bigint NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (partition, next_offset)
);

-- A patient whose state makes a rule fail waits here, alone, until somebody asks to try again.
CREATE TABLE parked_patients (
    patient_id text PRIMARY KEY,
    partition integer NOT NULL,
    error text NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    release_requested_at timestamptz
);
CREATE TABLE parked_facts (
    partition integer NOT NULL,
    fact_offset bigint NOT NULL,
    patient_id text NOT NULL REFERENCES parked_patients ON DELETE CASCADE,
    value bytea NOT NULL,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (partition, fact_offset)
);
CREATE INDEX parked_facts_patient ON parked_facts (patient_id, fact_offset);

-- Facts that left the log before we read them. Each row is an alarm.
CREATE TABLE skipped_offsets (
    partition integer NOT NULL,
    expected bigint NOT NULL,
    found bigint NOT NULL,
    noticed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (partition, expected)
);
