-- What the worklist is ordered and filtered by. `rank`: who may come to harm first, then what today runs out, then the
-- rest by deadline. `outreach_sort` is the patient's outreach priority, negated: in every order, less is sooner.
ALTER TABLE alerts
    ADD COLUMN rank smallint NOT NULL GENERATED ALWAYS AS (CASE tier WHEN 'P1' THEN 0 WHEN 'P2' THEN 1 ELSE 2 END) STORED,
    ADD COLUMN outreach_sort smallint NOT NULL DEFAULT 0,
    ADD COLUMN agency text;
CREATE OR REPLACE FUNCTION alerts_follow_body() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    message jsonb := convert_from(NEW.body, 'UTF8')::jsonb;
BEGIN
    NEW.rule_id := message ->> 'rule_id';
    NEW.rule_version := coalesce((message ->> 'rule_version')::integer, 1);
    NEW.labelled := coalesce(jsonb_array_length(message -> 'labels'), 0) > 0;
    NEW.agency := message #>> '{care_team,agency}';
    NEW.programmes := ARRAY(
        SELECT translate(lower(name), ' _', '--') FROM jsonb_array_elements_text(message -> 'programmes') AS name);
    IF TG_OP = 'INSERT' THEN
        NEW.outreach_sort := -least(greatest((SELECT max(value) FROM scores
            WHERE scores.patient_id = NEW.patient_id AND score = 'outreach-priority'), 0), 1000);
    END IF;
    RETURN NEW;
END
$$;
UPDATE alerts SET body = body, outreach_sort = -least(greatest((SELECT max(value) FROM scores
    WHERE scores.patient_id = alerts.patient_id AND score = 'outreach-priority'), 0), 1000);
CREATE FUNCTION alerts_follow_priority() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE alerts SET outreach_sort = -least(greatest(NEW.value, 0), 1000)
    WHERE patient_id = NEW.patient_id AND NOT is_over AND outreach_sort <> -least(greatest(NEW.value, 0), 1000);
    RETURN NULL;
END
$$;
CREATE TRIGGER alerts_follow_priority AFTER INSERT OR UPDATE OF value ON scores
    FOR EACH ROW WHEN (NEW.score = 'outreach-priority') EXECUTE FUNCTION alerts_follow_priority();

CREATE INDEX alerts_work ON alerts (rank, due_sort, outreach_sort, opened_at, gap_id) WHERE NOT is_over;
CREATE INDEX alerts_work_of_owner ON alerts (owner, rank, due_sort, outreach_sort, opened_at, gap_id) WHERE NOT is_over;
CREATE INDEX alerts_work_of_rule ON alerts (rule_id, rank, due_sort, outreach_sort, opened_at, gap_id) WHERE NOT is_over;
CREATE INDEX alerts_work_of_agency ON alerts (agency, rank, due_sort, outreach_sort, opened_at, gap_id) WHERE NOT is_over;
CREATE INDEX lead_history_of_person ON lead_history (person_id, patient_id);

-- A way of looking at the worklist that somebody gave a name; shared ones are seen by the whole team.
CREATE TABLE saved_views (
    view_id text PRIMARY KEY,
    owner text NOT NULL REFERENCES people,
    team_id text REFERENCES teams,
    name text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    query text NOT NULL CHECK (char_length(query) <= 600),
    changed_at timestamptz NOT NULL,
    UNIQUE (owner, name)
);
CREATE INDEX saved_views_of_team ON saved_views (team_id) WHERE team_id IS NOT NULL;

-- What a person set for themselves in the web app.
CREATE TABLE web_preferences (
    person_id text PRIMARY KEY REFERENCES people,
    single_keys boolean NOT NULL DEFAULT true
);

-- What somebody asked for and may still take back: it is done when `due_at` has come, by whoever looks first.
CREATE TABLE held_acts (
    act_id text PRIMARY KEY,
    gap_id text NOT NULL REFERENCES alerts,
    done_by text NOT NULL REFERENCES people,
    kind text NOT NULL,
    codes jsonb NOT NULL,
    note text NOT NULL DEFAULT '',
    seen_version bigint NOT NULL,
    held_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_as text
);
CREATE UNIQUE INDEX held_acts_one_each ON held_acts (gap_id) WHERE ended_at IS NULL;
CREATE INDEX held_acts_due ON held_acts (due_at) WHERE ended_at IS NULL;
CREATE INDEX held_acts_of_person ON held_acts (done_by, due_at DESC);
