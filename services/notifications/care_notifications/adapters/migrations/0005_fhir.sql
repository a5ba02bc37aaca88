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
-- Whether one may see an alert: a partner what is meant for it about patients it serves now; our own people (no partner)
-- everything, or everything without a label.
CREATE FUNCTION may_see(partner text, labelled_too boolean, about issues) RETURNS boolean LANGUAGE sql STABLE
RETURN CASE WHEN partner IS NULL THEN labelled_too OR NOT about.labelled
    ELSE about.shareable AND about.agency = partner AND EXISTS (
        SELECT FROM serving_agencies AS serving WHERE serving.patient_id = about.patient_id AND serving.agency = partner)
    END;

-- Partner organisations that speak FHIR with us, what they may have, and the hashes of their tokens.
CREATE TABLE fhir_partners (
    organization_id text PRIMARY KEY REFERENCES organizations,
    full_resource boolean NOT NULL DEFAULT false,
    scores boolean NOT NULL DEFAULT false
);
CREATE TABLE fhir_tokens (
    token_hash bytea PRIMARY KEY,
    name text NOT NULL UNIQUE,
    organization_id text NOT NULL REFERENCES fhir_partners,
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

INSERT INTO issues (gap_id, patient_id, agency, shareable, labelled, closed, cancelled, updated_at)
SELECT gap_id, patient_id, message #>> '{care_team,agency}',
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
