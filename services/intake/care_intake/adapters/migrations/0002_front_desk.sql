-- What a FHIR door let in is part of the question, so it is kept for whoever asks again.
ALTER TABLE receipts ADD COLUMN resource text NOT NULL DEFAULT '';

-- Every second look at a message: who asked, what it was, what it is now. Written in the look's own transaction.
CREATE TABLE receipt_replays (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    receipt_id text NOT NULL REFERENCES receipts,
    replayed_by text NOT NULL,
    replayed_at timestamptz NOT NULL,
    old_verdict text NOT NULL,
    new_verdict text NOT NULL,
    field text NOT NULL,
    problem text NOT NULL,
    new_facts integer NOT NULL
);
CREATE INDEX receipt_replays_of_receipt ON receipt_replays (receipt_id);

-- Who read a message with the patient's values in it.
CREATE TABLE receipt_views (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    receipt_id text NOT NULL REFERENCES receipts,
    viewed_by text NOT NULL,
    viewed_at timestamptz NOT NULL
);
CREATE INDEX receipt_views_of_receipt ON receipt_views (receipt_id);

-- How far we have read care.inbound.v1; moved in the transaction that keeps the records before it.
CREATE TABLE inbound_offsets (
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    PRIMARY KEY (topic, partition)
);
