-- Teams share work; a team that works around the clock names who answers outside of its members' hours.
CREATE TABLE teams (
    team_id text PRIMARY KEY,
    display_name text NOT NULL,
    organization_id text REFERENCES organizations,
    supervisor text REFERENCES people,
    after_hours text REFERENCES people
);
CREATE INDEX teams_of_organization ON teams (organization_id);

-- An empty zone is the installation's (CARE_NOTIFICATIONS_DEFAULT_ZONE). Days as ISO says: Monday is 1.
ALTER TABLE people
    ADD COLUMN zone text NOT NULL DEFAULT '',
    ADD COLUMN work_days smallint[] NOT NULL DEFAULT '{1,2,3,4,5}',
    ADD COLUMN work_from time NOT NULL DEFAULT '08:00',
    ADD COLUMN work_until time NOT NULL DEFAULT '17:00',
    ADD COLUMN phone text NOT NULL DEFAULT '',
    ADD COLUMN mobile text NOT NULL DEFAULT '',
    ADD COLUMN languages text[] NOT NULL DEFAULT '{en}',
    ADD COLUMN supervisor text REFERENCES people,
    ADD COLUMN team_id text REFERENCES teams,
    ADD CHECK (work_from < work_until),
    ADD CHECK (cardinality(work_days) BETWEEN 1 AND 7 AND work_days <@ '{1,2,3,4,5,6,7}');
CREATE INDEX people_of_team ON people (team_id);

-- A leave without end lasts until somebody ends it. `moved_at` and `returned_at`: when the open work went and came back.
CREATE TABLE leaves (
    leave_id text PRIMARY KEY,
    person_id text NOT NULL REFERENCES people,
    from_at timestamptz NOT NULL,
    until_at timestamptz,
    cover text REFERENCES people,
    recorded_by text NOT NULL,
    recorded_at timestamptz NOT NULL,
    moved_at timestamptz,
    returned_at timestamptz,
    CHECK (until_at > from_at),
    CHECK (cover <> person_id)
);
CREATE INDEX leaves_of_person ON leaves (person_id, from_at);
CREATE INDEX leaves_to_begin ON leaves (from_at) WHERE moved_at IS NULL;
CREATE INDEX leaves_to_end ON leaves (until_at) WHERE returned_at IS NULL;

-- Who answered for a patient, from when, as whom the care team named (a person, a team, an organisation), and why.
CREATE TABLE lead_history (
    patient_id text NOT NULL,
    since timestamptz NOT NULL,
    entry bigint GENERATED ALWAYS AS IDENTITY,
    person_id text NOT NULL REFERENCES people,
    backup text REFERENCES people,
    named text,
    reason text NOT NULL,
    done_by text NOT NULL,
    PRIMARY KEY (patient_id, since, entry)
);

-- `is_over` is the one place in SQL that knows which states are the last ones; `core/state.is_over` is its twin.
DROP INDEX alerts_to_do, alerts_to_do_of_owner, alerts_done;
ALTER TABLE alerts DROP CONSTRAINT alerts_state_check;
UPDATE alerts SET state = coalesce((
    SELECT CASE WHEN close_reason = 'expired' THEN 'expired'
        WHEN close_reason IN ('withdrawn', 'superseded') THEN 'withdrawn' ELSE 'resolved' END
    FROM alert_changes WHERE alert_changes.gap_id = alerts.gap_id AND alert_changes.revision = alerts.revision
), 'resolved') WHERE state = 'closed';
ALTER TABLE alerts
    ADD CONSTRAINT alerts_state_check CHECK (
        state IN ('open', 'acknowledged', 'in-progress', 'snoozed', 'resolved', 'withdrawn', 'expired')),
    ADD COLUMN is_over boolean NOT NULL GENERATED ALWAYS AS (state IN ('resolved', 'withdrawn', 'expired')) STORED,
    ADD COLUMN version bigint NOT NULL DEFAULT 1,
    ADD COLUMN backup text REFERENCES people,
    ADD COLUMN covering_for text REFERENCES people,
    ADD COLUMN named text NOT NULL DEFAULT '',
    ADD COLUMN occurrences integer NOT NULL DEFAULT 1,
    ADD COLUMN outcome text,
    ADD COLUMN snoozed_until timestamptz,
    ADD COLUMN awaited text[] NOT NULL DEFAULT '{}',
    ADD COLUMN takers text[] NOT NULL DEFAULT '{}',
    ADD COLUMN rung integer NOT NULL DEFAULT 0,
    ADD COLUMN step integer NOT NULL DEFAULT 0,
    ADD COLUMN next_escalation_at timestamptz,
    ADD COLUMN chain_ended_at timestamptz,
    ADD CHECK ((state = 'snoozed') = (snoozed_until IS NOT NULL));
UPDATE alerts SET takers = ARRAY[acknowledged_by] WHERE state = 'acknowledged' AND acknowledged_by IS NOT NULL;
CREATE INDEX alerts_to_do ON alerts (tier, due_sort, opened_at, gap_id) WHERE NOT is_over;
CREATE INDEX alerts_to_do_of_owner ON alerts (owner, tier, due_sort, opened_at, gap_id) WHERE NOT is_over;
CREATE INDEX alerts_to_do_covered ON alerts (covering_for) WHERE NOT is_over AND covering_for IS NOT NULL;
CREATE INDEX alerts_done ON alerts (changed_at DESC, gap_id DESC) WHERE is_over;
CREATE INDEX alerts_to_escalate ON alerts (next_escalation_at) WHERE NOT is_over;
CREATE INDEX alerts_unanswered ON alerts (chain_ended_at) WHERE NOT is_over AND chain_ended_at IS NOT NULL;

-- What machines do (a time-out, work that moves when a leave begins) is an act, too: `done_by` need not be a person.
ALTER TABLE acts
    DROP CONSTRAINT acts_done_by_fkey,
    ADD COLUMN round integer,
    ADD COLUMN version bigint,
    ADD COLUMN state text,
    ADD COLUMN reason text,
    ADD COLUMN note text,
    ADD COLUMN until_at timestamptz,
    ADD COLUMN to_person text;
ALTER TABLE alert_changes ADD COLUMN version bigint;

-- A notice of an escalation belongs to the step that asked for it: the same person may be told again by a later one.
ALTER TABLE deliveries ADD COLUMN step integer NOT NULL DEFAULT 0;
ALTER TABLE deliveries DROP CONSTRAINT deliveries_gap_id_round_tier_recipient_channel_notice_key;
ALTER TABLE deliveries ADD CONSTRAINT deliveries_once
    UNIQUE (gap_id, round, tier, step, recipient, channel, notice);
CREATE INDEX deliveries_waiting_of_alert ON deliveries (gap_id) WHERE state = 'waiting';

-- Every step of every ladder: whom it reached for, whom it found, and how late it was taken.
CREATE TABLE escalation_steps (
    gap_id text NOT NULL REFERENCES alerts,
    round integer NOT NULL,
    step integer NOT NULL,
    rung integer NOT NULL,
    target text NOT NULL,
    recipients text[] NOT NULL,
    passed_over text[] NOT NULL DEFAULT '{}',
    due_at timestamptz NOT NULL,
    done_at timestamptz NOT NULL,
    PRIMARY KEY (gap_id, round, step)
);

-- What the auditor found and has not been put right yet; chores tell when they last ran, and how it went.
CREATE TABLE audit_findings (
    kind text NOT NULL,
    subject text NOT NULL,
    found_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    gone_at timestamptz,
    PRIMARY KEY (kind, subject, found_at)
);
CREATE INDEX audit_findings_now ON audit_findings (kind, subject) WHERE gone_at IS NULL;
CREATE TABLE chores (
    chore text PRIMARY KEY,
    ran_at timestamptz NOT NULL,
    outcome text NOT NULL
);
