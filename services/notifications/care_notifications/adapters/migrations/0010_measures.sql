-- What each record's facts say for the measures. Records that are one person are linked, not mixed: a merge can be undone.
-- `news` grows with every change; `count_at` is when the person must be counted anew.
CREATE TABLE measure_records (
    patient_id text PRIMARY KEY,
    survivor text,
    link_revision integer NOT NULL DEFAULT -1,
    body jsonb NOT NULL DEFAULT '{}',
    news bigint NOT NULL DEFAULT 1,
    count_at timestamptz
);
CREATE INDEX measure_records_of_survivor ON measure_records (survivor) WHERE survivor IS NOT NULL;
CREATE INDEX measure_records_to_count ON measure_records (count_at) WHERE count_at IS NOT NULL;

-- One row per case of a measure: a discharge, a month, an event. `part` of `whole` counts, unless it is still open.
CREATE TABLE measure_cases (
    patient_id text NOT NULL,
    measure text NOT NULL,
    case_id text NOT NULL,
    index_on date NOT NULL,
    part integer NOT NULL CHECK (part BETWEEN 0 AND whole),
    whole integer NOT NULL CHECK (whole > 0),
    is_late boolean NOT NULL,
    is_open boolean NOT NULL,
    organization text NOT NULL,
    language text NOT NULL,
    is_dual boolean,
    PRIMARY KEY (patient_id, measure, case_id)
);
CREATE INDEX measure_cases_by_day ON measure_cases (index_on, measure)
    INCLUDE (part, whole, is_late, is_open, organization, language, is_dual);

-- From when to when a patient was aligned to anybody: whom alerts are counted per.
CREATE TABLE measure_spans (
    patient_id text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    PRIMARY KEY (patient_id, starts_on)
);

-- Which version of its rule an alert rests on, as its newest message says.
ALTER TABLE alerts ADD COLUMN rule_version integer NOT NULL DEFAULT 1;
CREATE OR REPLACE FUNCTION alerts_follow_body() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    message jsonb := convert_from(NEW.body, 'UTF8')::jsonb;
BEGIN
    NEW.rule_id := message ->> 'rule_id';
    NEW.rule_version := coalesce((message ->> 'rule_version')::integer, 1);
    NEW.labelled := coalesce(jsonb_array_length(message -> 'labels'), 0) > 0;
    RETURN NEW;
END
$$;
UPDATE alerts SET body = body;
CREATE INDEX alert_changes_openings ON alert_changes (changed_at) INCLUDE (gap_id) WHERE change IN ('opened', 'reopened');

-- A backtest that somebody kept: what two policies would have told, by rule and day. No gap and no patient is in it.
CREATE TABLE backtest_runs (
    run_id text PRIMARY KEY,
    kept_at timestamptz NOT NULL,
    kept_by text NOT NULL,
    body jsonb NOT NULL
);
CREATE INDEX backtest_runs_by_time ON backtest_runs (kept_at DESC, run_id);
