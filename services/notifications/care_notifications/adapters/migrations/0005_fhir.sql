-- The newest of each score of a patient, small enough to sort a worklist by, and every change of it.
CREATE TABLE scores (
    patient_id text NOT NULL,
    score text NOT NULL,
    subject text NOT NULL,
    revision integer NOT NULL,
    value integer,
    band text,
    queue text NOT NULL,
    labelled boolean NOT NULL,
    computed_at timestamptz NOT NULL,
    PRIMARY KEY (patient_id, score, subject)
);
CREATE TABLE score_changes (
    change_id text PRIMARY KEY,
    patient_id text NOT NULL,
    score text NOT NULL,
    subject text NOT NULL,
    revision integer NOT NULL,
    labelled boolean NOT NULL,
    received_at timestamptz NOT NULL,
    body bytea NOT NULL,
    UNIQUE (patient_id, score, subject, revision)
);
CREATE INDEX score_changes_of_patient ON score_changes (patient_id, received_at, change_id);
CREATE INDEX score_changes_by_time ON score_changes (received_at, change_id);

-- What FHIR readers ask of an alert, beside the message itself: whose agency it names, whether it may leave the house.
CREATE TABLE issues (
    gap_id text PRIMARY KEY REFERENCES alerts,
    patient_id text NOT NULL,
    rule_id text NOT NULL,
    agency text,
    shareable boolean NOT NULL,
    labelled boolean NOT NULL,
    closed boolean NOT NULL,
    cancelled boolean NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX issues_by_time ON issues (updated_at, gap_id);
CREATE INDEX issues_of_patient ON issues (patient_id, updated_at, gap_id);
CREATE INDEX issues_of_agency ON issues (agency, updated_at, gap_id) WHERE shareable;
-- The agency that serves the patient now, as the newest alert of the patient says.
CREATE TABLE serving_agencies (
    patient_id text PRIMARY KEY,
    agency text,
    as_of timestamptz NOT NULL
);
-- Whether one may see an alert: a partner what is meant for it, about patients it serves now, of rules that an agreement
-- about FHIR covers now; our own people (no partner) everything, or everything without a label.
CREATE FUNCTION may_see(partner text, labelled_too boolean, about issues) RETURNS boolean LANGUAGE sql STABLE
RETURN CASE WHEN partner IS NULL THEN labelled_too OR NOT about.labelled
    ELSE about.shareable AND about.agency = partner AND EXISTS (
        SELECT FROM serving_agencies AS serving WHERE serving.patient_id = about.patient_id AND serving.agency = partner)
    AND EXISTS (SELECT FROM agreements AS agreed WHERE agreed.organization_id = partner AND 'fhir' = ANY(agreed.channels)
        AND agreed.begin_at <= now() AND (agreed.end_at IS NULL OR agreed.end_at > now())
        AND (agreed.rules = '{}' OR about.rule_id = ANY(agreed.rules)))
    END;

-- A system of a partner organisation; what the organisation may have stands in its agreements.
CREATE TABLE fhir_tokens (
    token_hash bytea PRIMARY KEY,
    name text NOT NULL UNIQUE,
    organization_id text NOT NULL REFERENCES organizations,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
-- Every answer that was given or refused: who asked for what, and how it ended. Never a value of a search.
CREATE TABLE fhir_accesses (
    access_id text PRIMARY KEY,
    at timestamptz NOT NULL,
    organization_id text,
    person_id text,
    credential text NOT NULL,
    interaction text NOT NULL,
    resource_type text NOT NULL,
    resource_id text,
    patient_id text,
    status integer NOT NULL,
    found text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX fhir_accesses_by_time ON fhir_accesses (at, access_id);
CREATE INDEX fhir_accesses_of_organization ON fhir_accesses (organization_id, at, access_id);

INSERT INTO issues (gap_id, patient_id, rule_id, agency, shareable, labelled, closed, cancelled, updated_at)
SELECT gap_id, patient_id, message ->> 'rule_id', message #>> '{care_team,agency}',
    coalesce(message -> 'audience', '[]') ? 'home-health-agency'
        AND jsonb_array_length(coalesce(message -> 'labels', '[]')) = 0
        AND NOT coalesce((message ->> 'private')::boolean, false),
    jsonb_array_length(coalesce(message -> 'labels', '[]')) > 0,
    message ->> 'change' = 'closed', coalesce(message ->> 'close_reason' = 'withdrawn', false), changed_at
FROM (SELECT gap_id, patient_id, changed_at, convert_from(body, 'UTF8')::jsonb AS message FROM alerts) AS known;
INSERT INTO serving_agencies (patient_id, agency, as_of)
SELECT DISTINCT ON (patient_id) patient_id, message #>> '{care_team,agency}', changed_at
FROM (SELECT patient_id, changed_at, convert_from(body, 'UTF8')::jsonb AS message FROM alerts) AS known
ORDER BY patient_id, changed_at DESC;

-- A subscription is a place in a numbered row of events: `events` is the last number given, `sent` the last one that the
-- partner has. The number is given in the transaction that keeps the alert, under the lock of this row: no gaps.
CREATE TABLE subscriptions (
    subscription_id text PRIMARY KEY,
    organization_id text NOT NULL REFERENCES organizations,
    topic text NOT NULL,
    filters text[] NOT NULL,
    endpoint text NOT NULL,
    headers text[] NOT NULL,
    content text NOT NULL CHECK (content IN ('empty', 'id-only', 'full-resource')),
    heartbeat_seconds integer,
    timeout_seconds integer NOT NULL,
    max_count integer NOT NULL,
    ends_at timestamptz,
    reason text NOT NULL,
    status text NOT NULL CHECK (status IN ('requested', 'active', 'error', 'off')),
    version integer NOT NULL DEFAULT 1,
    events bigint NOT NULL DEFAULT 0,
    sent bigint NOT NULL DEFAULT 0,
    attempt bigint NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    failing_since timestamptz,
    code text,
    next_attempt_at timestamptz NOT NULL,
    leased_until timestamptz,
    told_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CHECK (sent <= events)
);
CREATE INDEX subscriptions_of_organization ON subscriptions (organization_id, subscription_id);
-- Whether something is to leave for a subscription: its handshake, an event, or a heartbeat (which goes on in error).
CREATE FUNCTION is_due(one subscriptions, at timestamptz) RETURNS boolean LANGUAGE sql STABLE
RETURN one.next_attempt_at <= at AND (one.leased_until IS NULL OR one.leased_until <= at) AND (
    one.status = 'requested' OR (one.status = 'active' AND one.sent < one.events)
    OR (one.status IN ('active', 'error') AND one.told_at + make_interval(secs => one.heartbeat_seconds) <= at));
CREATE TABLE subscription_events (
    subscription_id text NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    number bigint NOT NULL,
    gap_id text NOT NULL REFERENCES alerts,
    round integer NOT NULL,
    kind text NOT NULL,
    tier text NOT NULL,
    noted_at timestamptz NOT NULL,
    delivered_at timestamptz,
    PRIMARY KEY (subscription_id, number),
    UNIQUE (subscription_id, gap_id, round, kind, tier)
);
CREATE INDEX subscription_events_of_alert ON subscription_events (gap_id);

-- What a partner is asked to do about an alert, one row per round of a gap and organisation. `silent_at`: when we noticed
-- that nobody had answered by `answer_by`.
CREATE TABLE partner_tasks (
    task_id text PRIMARY KEY,
    gap_id text NOT NULL REFERENCES alerts,
    round integer NOT NULL,
    organization_id text NOT NULL REFERENCES organizations,
    patient_id text NOT NULL,
    status text NOT NULL CHECK (status IN
        ('requested', 'received', 'accepted', 'rejected', 'in-progress', 'completed', 'failed', 'cancelled')),
    version integer NOT NULL,
    tier text NOT NULL,
    reason text,
    note text,
    outcome text,
    requested_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    answer_by timestamptz NOT NULL,
    silent_at timestamptz,
    UNIQUE (gap_id, round, organization_id)
);
CREATE INDEX partner_tasks_of_organization ON partner_tasks (organization_id, updated_at, task_id);
CREATE INDEX partner_tasks_by_time ON partner_tasks (updated_at, task_id);
CREATE INDEX partner_tasks_unanswered ON partner_tasks (answer_by)
    WHERE status IN ('requested', 'received') AND silent_at IS NULL;
