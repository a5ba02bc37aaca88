-- At which hospital somebody was last, as far as any reader may know: a worklist is narrowed by it.
ALTER TABLE known_patients
    ADD COLUMN IF NOT EXISTS facility text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS stayed_at timestamptz;
CREATE INDEX IF NOT EXISTS known_patients_of_facility ON known_patients (facility, patient_id) WHERE facility <> '';
