-- Whose phone a number is: a patient's, a caregiver's, or that of somebody who works here.
ALTER TABLE check_in_patients ADD COLUMN caregiver_phones jsonb
    GENERATED ALWAYS AS (jsonb_path_query_array(body, '$.caregivers.*.phone')) STORED;
CREATE INDEX check_in_patients_by_caregiver_phone ON check_in_patients USING gin (caregiver_phones);
CREATE INDEX people_by_mobile ON people (mobile) WHERE mobile <> '';
ALTER TABLE opt_out_changes
    DROP CONSTRAINT opt_out_changes_door_check,
    ADD CONSTRAINT opt_out_changes_door_check CHECK (door IN ('link', 'command', 'api', 'text', 'page'));
