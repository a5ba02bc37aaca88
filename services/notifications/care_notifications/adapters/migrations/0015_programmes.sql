-- The programmes a patient was in when the alert last changed, in plain spelling, as the body says: what lists filter by.
ALTER TABLE alerts ADD COLUMN programmes text[] NOT NULL DEFAULT '{}';
CREATE OR REPLACE FUNCTION alerts_follow_body() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    message jsonb := convert_from(NEW.body, 'UTF8')::jsonb;
BEGIN
    NEW.rule_id := message ->> 'rule_id';
    NEW.rule_version := coalesce((message ->> 'rule_version')::integer, 1);
    NEW.labelled := coalesce(jsonb_array_length(message -> 'labels'), 0) > 0;
    NEW.programmes := ARRAY(
        SELECT translate(lower(name), ' _', '--') FROM jsonb_array_elements_text(message -> 'programmes') AS name);
    RETURN NEW;
END
$$;
UPDATE alerts SET body = body WHERE convert_from(body, 'UTF8')::jsonb ? 'programmes';
-- A common programme is read along the index of the list's order, a rare one by this.
CREATE INDEX alerts_of_programme ON alerts USING gin (programmes);
