-- What the patient page shows, from the topic of facts, read at a position of its own. `record_id` is the record that the
-- fact was written under and never changes; `patient_id` is the person who answers for that record now.
CREATE TABLE patient_facts (
    event_id text PRIMARY KEY,
    patient_id text NOT NULL,
    record_id text NOT NULL,
    fact text NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    passing boolean NOT NULL,
    labels text[] NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    stated_at timestamptz,
    source text NOT NULL,
    received_at timestamptz NOT NULL,
    body bytea NOT NULL
);
CREATE INDEX patient_facts_in_time ON patient_facts (patient_id, occurred_at DESC, event_id DESC);
CREATE INDEX patient_facts_about ON patient_facts (patient_id, subject);
CREATE INDEX patient_facts_of_record ON patient_facts (record_id);
CREATE INDEX patient_facts_to_forget ON patient_facts (occurred_at) WHERE passing;

-- Most facts are readings: one narrow row each.
CREATE TABLE patient_readings (
    event_id text PRIMARY KEY,
    patient_id text NOT NULL,
    record_id text NOT NULL,
    code text NOT NULL,
    observation_id text NOT NULL,
    measured_at timestamptz NOT NULL,
    said_at timestamptz NOT NULL,
    value double precision NOT NULL,
    beyond text NOT NULL,
    quality text NOT NULL,
    by_device boolean NOT NULL,
    retracted boolean NOT NULL,
    labels text[] NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE INDEX patient_readings_in_time ON patient_readings (patient_id, measured_at DESC, event_id DESC);
CREATE INDEX patient_readings_of_record ON patient_readings (record_id);
CREATE INDEX patient_readings_to_forget ON patient_readings (measured_at);

-- Which record answers for which: the highest revision holds. `survivor_id` is NULL once they are two people again.
CREATE TABLE patient_records (
    record_id text PRIMARY KEY,
    survivor_id text,
    revision integer NOT NULL
);
CREATE INDEX patient_records_of_survivor ON patient_records (survivor_id) WHERE survivor_id IS NOT NULL;

-- As much of each person as a list needs, folded anew from their facts whenever one of those says something else.
CREATE TABLE known_patients (
    patient_id text PRIMARY KEY,
    display_name text NOT NULL,
    birth_date date,
    home_zone text NOT NULL,
    lead text,
    backup text,
    agency text,
    programmes text[] NOT NULL,
    deceased boolean NOT NULL
);
CREATE INDEX known_patients_of_lead ON known_patients (lead, patient_id) WHERE lead IS NOT NULL;
CREATE INDEX known_patients_of_backup ON known_patients (backup, patient_id) WHERE backup IS NOT NULL;

-- When a person last looked at a patient, and when the look before that one began: what became known since is new.
CREATE TABLE patient_looks (
    person_id text NOT NULL REFERENCES people,
    patient_id text NOT NULL,
    looked_at timestamptz NOT NULL,
    new_since timestamptz,
    PRIMARY KEY (person_id, patient_id)
);
-- Who looked at whom, how, and how it ended. Rows are added and never touched again.
CREATE TABLE patient_views (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    person_id text NOT NULL,
    patient_id text NOT NULL,
    page text NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('shown', 'refused', 'unknown')),
    not_shown integer NOT NULL DEFAULT 0
);
CREATE INDEX patient_views_of_patient ON patient_views (patient_id, at);
CREATE INDEX patient_views_by_time ON patient_views USING brin (at);
CREATE FUNCTION patient_views_are_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'patient_views is only ever added to';
END
$$;
CREATE TRIGGER patient_views_are_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON patient_views
    FOR EACH STATEMENT EXECUTE FUNCTION patient_views_are_kept();

CREATE INDEX acts_of_patient ON acts (patient_id, done_at DESC);
CREATE INDEX scores_by_value ON scores (value DESC, patient_id) WHERE score = 'outreach-priority';
