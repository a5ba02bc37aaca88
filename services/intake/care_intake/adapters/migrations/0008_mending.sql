-- What each fact said, so that a later translation can tell «the same fact, other content»; null: said before this
-- was kept. A fact that was corrected or withdrawn does not stand any more; what took its place names it.
ALTER TABLE receipt_facts ADD COLUMN digest bytea;
ALTER TABLE receipt_facts ADD COLUMN stands boolean NOT NULL DEFAULT true;
ALTER TABLE receipt_facts ADD COLUMN replaces text NOT NULL DEFAULT '';
CREATE INDEX receipt_facts_of_patient ON receipt_facts (patient_id);

-- A mended copy is a message of its own and names the one it was made from, and the other way round.
ALTER TABLE receipts ADD COLUMN fixed_from text NOT NULL DEFAULT '';
ALTER TABLE receipts ADD COLUMN mended_by text NOT NULL DEFAULT '';

-- Who mended a message, why, and which places; never what stood or stands there.
CREATE TABLE receipt_fixes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    receipt_id text NOT NULL REFERENCES receipts,
    fixed_receipt_id text NOT NULL REFERENCES receipts,
    fixed_by text NOT NULL,
    fixed_at timestamptz NOT NULL,
    reason text NOT NULL,
    places text NOT NULL
);
CREATE INDEX receipt_fixes_of_receipt ON receipt_fixes (receipt_id);

-- A second look may correct what was said: how many facts, and why somebody wanted it.
ALTER TABLE receipt_replays ADD COLUMN what text NOT NULL DEFAULT 'replay';
ALTER TABLE receipt_replays ADD COLUMN reason text NOT NULL DEFAULT '';
ALTER TABLE receipt_replays ADD COLUMN changed_facts integer NOT NULL DEFAULT 0;
ALTER TABLE receipt_replays ADD COLUMN withdrawn_facts integer NOT NULL DEFAULT 0;
