-- Every change of people, teams, leaves, endpoints or agreements raises this number, so that who reads alerts can keep
-- the directory at hand instead of reading it anew for every batch. What webhooks write about an endpoint's health does not.
CREATE TABLE directory_version (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version bigint NOT NULL
);
INSERT INTO directory_version (version) VALUES (1);
CREATE FUNCTION raise_directory_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE directory_version SET version = version + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON people
    FOR EACH STATEMENT EXECUTE FUNCTION raise_directory_version();
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON teams
    FOR EACH STATEMENT EXECUTE FUNCTION raise_directory_version();
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON leaves
    FOR EACH STATEMENT EXECUTE FUNCTION raise_directory_version();
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON agreements
    FOR EACH STATEMENT EXECUTE FUNCTION raise_directory_version();
CREATE TRIGGER directory_changed AFTER INSERT OR UPDATE OF endpoint_id, organization_id, enabled OR DELETE OR TRUNCATE
    ON endpoints FOR EACH STATEMENT EXECUTE FUNCTION raise_directory_version();
