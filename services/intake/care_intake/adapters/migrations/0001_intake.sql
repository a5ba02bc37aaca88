-- What every sender sent, whole, with what became of it.
CREATE TABLE receipts (
    receipt_id text PRIMARY KEY,
    source text NOT NULL,
    format text NOT NULL,
    control_id text NOT NULL,
    fingerprint bytea NOT NULL,
    raw bytea NOT NULL,
    received_at timestamptz NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    verdict text NOT NULL,
    field text NOT NULL,
    problem text NOT NULL,
    ignored text NOT NULL
);
CREATE INDEX receipts_control_id ON receipts (control_id) WHERE control_id <> '';
CREATE INDEX receipts_of_source ON receipts (source, received_at);
CREATE INDEX receipts_to_look_at ON receipts (received_at)
    WHERE verdict IN ('quarantined', 'rejected', 'conflict', 'held');

-- Under which number a source sent which message: the same number with other content is a conflict.
CREATE TABLE claims (
    source text NOT NULL,
    claim text NOT NULL,
    receipt_id text NOT NULL,
    PRIMARY KEY (source, claim)
);

-- Which facts came of which message, kept longer than the outbox. Written in the receipt's own transaction, so a
-- foreign key would only cost a look-up per fact.
CREATE TABLE receipt_facts (
    event_id text PRIMARY KEY,
    receipt_id text NOT NULL,
    event_type text NOT NULL,
    patient_id text NOT NULL
);
CREATE INDEX receipt_facts_of_receipt ON receipt_facts (receipt_id);

-- The crosswalk: numbers that others issued, and never a name.
CREATE TABLE identifiers (
    authority text NOT NULL,
    type text NOT NULL,
    value text NOT NULL,
    patient_id text NOT NULL,
    first_receipt_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (authority, type, value)
);
CREATE INDEX identifiers_of_patient ON identifiers (patient_id);

-- Numbers of several patients in one message: held for a person, and nothing of it goes out.
CREATE TABLE identity_conflicts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    receipt_id text NOT NULL REFERENCES receipts,
    identifiers text NOT NULL,
    patient_ids text[] NOT NULL,
    found_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz
);
CREATE INDEX identity_conflicts_open ON identity_conflicts (found_at) WHERE settled_at IS NULL;

-- What we have to say waits here until Kafka has it (care_shared.runtime.outbox).
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    written_by xid8 NOT NULL DEFAULT pg_current_xact_id(),
    event_id text NOT NULL,
    topic text NOT NULL,
    key bytea NOT NULL,
    value bytea NOT NULL,
    headers text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    published_partition integer,
    published_offset bigint
);
CREATE INDEX outbox_pending ON outbox (id) WHERE published_at IS NULL;
CREATE INDEX outbox_event ON outbox (event_id);
CREATE INDEX outbox_age ON outbox USING brin (created_at);
