-- People and organisations that can be told something, and the accounts of those who sign in.
CREATE TABLE people (
    person_id text PRIMARY KEY,
    display_name text NOT NULL,
    email text NOT NULL DEFAULT '',
    roles text[] NOT NULL DEFAULT '{care-manager}',
    channels text[] NOT NULL DEFAULT '{console,email}',
    active boolean NOT NULL DEFAULT true
);
CREATE TABLE organizations (
    organization_id text PRIMARY KEY,
    display_name text NOT NULL
);
CREATE TABLE endpoints (
    endpoint_id text PRIMARY KEY,
    organization_id text NOT NULL REFERENCES organizations,
    url text NOT NULL,
    secrets text[] NOT NULL CHECK (cardinality(secrets) BETWEEN 1 AND 2),
    enabled boolean NOT NULL DEFAULT true,
    switched_off_at timestamptz,
    switched_off_because text
);
CREATE INDEX endpoints_of_organization ON endpoints (organization_id);
CREATE TABLE accounts (
    username text PRIMARY KEY,
    person_id text NOT NULL REFERENCES people,
    password_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz
);
CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY,
    username text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX sessions_by_age ON sessions (seen_at);
CREATE TABLE sign_in_failures (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username_hash bytea NOT NULL,
    source text NOT NULL,
    failed_at timestamptz NOT NULL
);
CREATE INDEX sign_in_failures_by_time ON sign_in_failures (failed_at);

-- How far the topic has been read; moves in the transaction that keeps the alerts.
CREATE TABLE positions (
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);

-- One row per care gap. `body` is the newest message as it came; the typed columns are what lists and locks need.
CREATE TABLE alerts (
    gap_id text PRIMARY KEY,
    patient_id text NOT NULL,
    revision integer NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'acknowledged', 'closed')),
    round integer NOT NULL,
    tier text NOT NULL,
    owner text NOT NULL REFERENCES people,
    due_sort timestamptz NOT NULL,
    opened_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    acknowledged_at timestamptz,
    acknowledged_by text,
    body bytea NOT NULL
);
CREATE INDEX alerts_to_do ON alerts (tier, due_sort, opened_at, gap_id) WHERE state <> 'closed';
CREATE INDEX alerts_to_do_of_owner ON alerts (owner, tier, due_sort, opened_at, gap_id) WHERE state <> 'closed';
CREATE INDEX alerts_done ON alerts (changed_at DESC, gap_id DESC) WHERE state = 'closed';
CREATE TABLE alert_changes (
    gap_id text NOT NULL REFERENCES alerts,
    revision integer NOT NULL,
    event_id text NOT NULL,
    caused_by text,
    change text NOT NULL,
    tier text NOT NULL,
    reason text NOT NULL,
    close_reason text,
    changed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (gap_id, revision)
);
CREATE INDEX alert_changes_by_event ON alert_changes (event_id);
CREATE INDEX alert_changes_by_cause ON alert_changes (caused_by) WHERE caused_by IS NOT NULL;

-- What people did with an alert. A contact carries how it went; its id comes from the form, so a repeat changes nothing.
CREATE TABLE acts (
    act_id text PRIMARY KEY,
    gap_id text NOT NULL REFERENCES alerts,
    patient_id text NOT NULL,
    kind text NOT NULL,
    done_at timestamptz NOT NULL,
    done_by text NOT NULL REFERENCES people,
    outcome text,
    channel text,
    party text,
    purpose text
);
CREATE INDEX acts_of_alert ON acts (gap_id, done_at);
CREATE INDEX contacts_of_patient ON acts (patient_id, done_at DESC) WHERE kind = 'contact-logged';

-- One row per notice. A lease is `leased_until`; whoever finds it expired may try again under the same delivery_id.
CREATE TABLE deliveries (
    delivery_id text PRIMARY KEY,
    gap_id text NOT NULL REFERENCES alerts,
    round integer NOT NULL,
    revision integer NOT NULL,
    tier text NOT NULL,
    recipient text NOT NULL,
    standing text NOT NULL,
    channel text NOT NULL,
    notice text NOT NULL,
    change text NOT NULL,
    due_at timestamptz,
    noticed_at timestamptz NOT NULL,
    lane text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'suppressed', 'failed')),
    reason text,
    code text,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    leased_until timestamptz,
    perhaps_received boolean NOT NULL DEFAULT false,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    UNIQUE (gap_id, round, tier, recipient, channel, notice)
);
CREATE INDEX deliveries_due ON deliveries (lane, next_attempt_at) WHERE state = 'waiting';
CREATE TABLE suppressions (
    gap_id text NOT NULL REFERENCES alerts,
    revision integer NOT NULL,
    recipient text NOT NULL,
    channel text NOT NULL,
    reason text NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (gap_id, revision, recipient, channel, reason)
);

-- What open pages listen to: which alert changed, nothing more. Read below the oldest running transaction, as the outbox.
CREATE TABLE feed (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    written_by xid8 NOT NULL DEFAULT pg_current_xact_id(),
    gap_id text NOT NULL,
    noted_at timestamptz NOT NULL
);

-- Waiting messages, the same table in every service that speaks through an outbox.
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
