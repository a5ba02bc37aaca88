-- What each score of a patient was, and when: one row per change, written in the transaction that tells it.
CREATE TABLE scores (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    patient_id text NOT NULL,
    score text NOT NULL,            -- lace, hospital, charlson, news2, outreach-priority
    subject text NOT NULL,          -- the stay it is about; empty for the patient as a whole
    revision integer NOT NULL,
    version text NOT NULL,          -- of the model
    value integer,                  -- NULL: not computed; `inputs` says what is missing
    band text NOT NULL,
    computed_at timestamptz NOT NULL,
    event_id text NOT NULL,         -- of the message on care.alerts.v1
    caused_by text NOT NULL,        -- the fact; empty for the passing of time
    labels text NOT NULL,           -- sensitivity labels, parted by spaces
    inputs text NOT NULL            -- JSON: items with points, times and sources, missing, factors, settings
);
CREATE INDEX scores_patient ON scores (patient_id, score, computed_at);
