-- What a service could not read, as the topics of dead letters hold it: for people to look at, send again or discard.
-- `value` rests sealed where there is a key. Topic, partition and first_offset say where the message itself stood.
CREATE TABLE dead_letters (
    letter_id text PRIMARY KEY,
    topic text NOT NULL,
    partition integer NOT NULL,
    first_offset bigint NOT NULL,
    error text NOT NULL,
    field text NOT NULL,
    problem text NOT NULL,
    recorded_at timestamptz NOT NULL,
    key bytea NOT NULL,
    value text NOT NULL,
    headers text,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'replayed', 'discarded')),
    settled_at timestamptz,
    settled_by text,
    reason text NOT NULL DEFAULT '',
    CHECK ((state = 'waiting') = (settled_at IS NULL))
);
CREATE INDEX dead_letters_waiting ON dead_letters (topic, error, field, problem, recorded_at) WHERE state = 'waiting';
CREATE INDEX dead_letters_settled ON dead_letters (settled_at) WHERE state <> 'waiting';

-- Who read, sent again, discarded or took away which letter. Rows are added and never touched again.
CREATE TABLE dead_letter_acts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    letter_id text NOT NULL,
    person_id text NOT NULL,
    act text NOT NULL CHECK (act IN ('unmasked', 'replayed', 'discarded', 'exported')),
    reason text NOT NULL
);
CREATE INDEX dead_letter_acts_of_letter ON dead_letter_acts (letter_id, at);
CREATE FUNCTION dead_letter_acts_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'dead_letter_acts is only ever added to';
END
$$;
CREATE TRIGGER dead_letter_acts_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON dead_letter_acts
    FOR EACH STATEMENT EXECUTE FUNCTION dead_letter_acts_are_kept();
