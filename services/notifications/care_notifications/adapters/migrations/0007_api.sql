-- What a list is filtered by stands beside the message it comes from, and cannot say anything else: whoever writes an
-- alert, these follow its body.
ALTER TABLE alerts
    ADD COLUMN IF NOT EXISTS rule_id text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS labelled boolean NOT NULL DEFAULT false;
CREATE FUNCTION alerts_follow_body() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    message jsonb := convert_from(NEW.body, 'UTF8')::jsonb;
BEGIN
    NEW.rule_id := message ->> 'rule_id';
    NEW.labelled := coalesce(jsonb_array_length(message -> 'labels'), 0) > 0;
    RETURN NEW;
END
$$;
CREATE TRIGGER alerts_follow_body BEFORE INSERT OR UPDATE OF body ON alerts
    FOR EACH ROW EXECUTE FUNCTION alerts_follow_body();
UPDATE alerts SET body = body;

CREATE INDEX alerts_to_do_of_rule ON alerts (rule_id, tier, due_sort, opened_at, gap_id) WHERE NOT is_over;
CREATE INDEX alerts_to_do_in_state ON alerts (state, tier, due_sort, opened_at, gap_id) WHERE NOT is_over;
CREATE INDEX alerts_to_do_by_deadline ON alerts (due_sort, gap_id) WHERE NOT is_over;
CREATE INDEX alerts_to_do_by_change ON alerts (changed_at DESC, gap_id DESC) WHERE NOT is_over;
CREATE INDEX alerts_to_do_by_opening ON alerts (opened_at DESC, gap_id DESC) WHERE NOT is_over;
CREATE INDEX alerts_to_do_by_id ON alerts (gap_id) WHERE NOT is_over;
CREATE INDEX alerts_by_change ON alerts (changed_at DESC, gap_id DESC);
CREATE INDEX alerts_done_of_owner ON alerts (owner, changed_at DESC, gap_id DESC) WHERE is_over;
CREATE INDEX alerts_done_of_rule ON alerts (rule_id, changed_at DESC, gap_id DESC) WHERE is_over;
CREATE INDEX alerts_of_patient ON alerts (patient_id, changed_at DESC, gap_id DESC);
CREATE INDEX deliveries_by_time ON deliveries (noticed_at DESC, delivery_id DESC);
CREATE INDEX deliveries_in_state ON deliveries (state, noticed_at DESC, delivery_id DESC);

-- A program that acts for a person. The token itself is kept nowhere, only its SHA-256.
CREATE TABLE api_tokens (
    token_id text PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE,
    name text NOT NULL,
    person_id text NOT NULL REFERENCES people,
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0 AND scopes <@ '{read,act,sensitive}'),
    per_minute integer NOT NULL CHECK (per_minute BETWEEN 1 AND 100000),
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > created_at),
    revoked_at timestamptz,
    used_at timestamptz
);

-- The first answer to a request with an Idempotency-Key. While `status` is missing, somebody still works on it, since
-- `begun_at`; the act has its name from `first_at`, so that whoever takes over does nothing twice.
CREATE TABLE api_answers (
    caller text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    first_at timestamptz NOT NULL,
    begun_at timestamptz NOT NULL,
    status integer,
    headers text,
    body bytea,
    PRIMARY KEY (caller, key)
);
CREATE INDEX api_answers_by_age ON api_answers (begun_at);

-- Who asked for what, and how it ended. Rows are added and never touched again.
CREATE TABLE api_audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    caller text NOT NULL,
    person_id text NOT NULL,
    operation text NOT NULL,
    subject text NOT NULL,
    status integer NOT NULL
);
CREATE INDEX api_audit_by_time ON api_audit USING brin (at);
CREATE FUNCTION api_audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'api_audit is only ever added to';
END
$$;
CREATE TRIGGER api_audit_is_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON api_audit
    FOR EACH STATEMENT EXECUTE FUNCTION api_audit_is_kept();

-- Up to where the feed of changes was swept: whoever heard less must look at everything anew.
CREATE TABLE feed_floor (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    written_by xid8 NOT NULL,
    id bigint NOT NULL
);
INSERT INTO feed_floor (written_by, id) VALUES ('0', 0);
CREATE INDEX feed_in_order ON feed (written_by, id);
CREATE INDEX feed_by_age ON feed USING brin (noted_at);
