-- Every change of what a person wants, through which door, and by whom. What holds now stands in `opt_outs`.
CREATE TABLE opt_out_changes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id text NOT NULL REFERENCES people,
    channel text NOT NULL,
    kind text NOT NULL,
    wanted boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    said_by text NOT NULL,
    door text NOT NULL CHECK (door IN ('link', 'command', 'api'))
);
CREATE INDEX opt_out_changes_of_person ON opt_out_changes (person_id, changed_at);
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON opt_outs
    FOR EACH STATEMENT EXECUTE FUNCTION raise_directory_version();
