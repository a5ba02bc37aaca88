-- Of each record only what can veto a number: the birth date, and a digest of the family name that is salted with the
-- record, so that it says neither the name nor who shares it. `survivor_id` answers for the person of the record.
CREATE TABLE patient_records (
    record_id text PRIMARY KEY,
    survivor_id text NOT NULL,
    birth_date date,
    family bytea NOT NULL DEFAULT '',
    said_at timestamptz
);
CREATE INDEX patient_records_of_survivor ON patient_records (survivor_id) WHERE survivor_id <> record_id;

-- The last word about two records: one person or not. Who said so is a receipt, or a person's name.
CREATE TABLE patient_ties (
    first_id text NOT NULL,
    second_id text NOT NULL,
    is_one boolean NOT NULL,
    survivor_id text NOT NULL,
    stated_at timestamptz NOT NULL,
    said_by text NOT NULL,
    PRIMARY KEY (first_id, second_id)
);
CREATE INDEX patient_ties_second ON patient_ties (second_id);

-- Each record that another one answers for since then; `revision` orders what scoring hears of it.
CREATE TABLE identity_changes (
    revision bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    record_id text NOT NULL,
    before_id text NOT NULL,
    after_id text NOT NULL,
    said_by text NOT NULL,
    reason text NOT NULL DEFAULT '',
    changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX identity_changes_of_record ON identity_changes (record_id);

-- A doubt keeps the facts it holds back, and in the end who decided what, and why.
ALTER TABLE identity_conflicts
    ADD COLUMN why text NOT NULL DEFAULT '',
    ADD COLUMN facts text NOT NULL DEFAULT '[]',
    ADD COLUMN decision text NOT NULL DEFAULT '',
    ADD COLUMN decided_by text NOT NULL DEFAULT '',
    ADD COLUMN reason text NOT NULL DEFAULT '';
CREATE INDEX identity_conflicts_of_patients ON identity_conflicts USING gin (patient_ids) WHERE settled_at IS NULL;
