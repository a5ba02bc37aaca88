-- A partner's own people sign in, too. An account belongs to a person of ours or to an organisation, never to both: what
-- asks for a person finds no partner, and what asks for an organisation finds none of our people.
ALTER TABLE accounts
    ALTER COLUMN person_id DROP NOT NULL,
    ADD COLUMN organization_id text REFERENCES organizations,
    ADD COLUMN partner_name text NOT NULL DEFAULT '',
    ADD CONSTRAINT accounts_are_of_one_house CHECK ((person_id IS NULL) <> (organization_id IS NULL));
-- A removed endpoint keeps its row: its numbers and attempts are history, and its name is not used for something else.
ALTER TABLE endpoints ADD COLUMN removed_at timestamptz;
-- What an agreement added to the body of this attempt; all else of the body follows from the delivery.
ALTER TABLE attempts ADD COLUMN granted jsonb NOT NULL DEFAULT '{}';
-- What a partner may see through a door: FHIR, or the portal. Agreements name their doors.
CREATE FUNCTION may_see(partner text, labelled_too boolean, about issues, door text) RETURNS boolean
LANGUAGE sql STABLE
RETURN CASE WHEN partner IS NULL THEN labelled_too OR NOT about.labelled
    ELSE about.shareable AND about.agency = partner AND EXISTS (
        SELECT FROM serving_agencies AS serving WHERE serving.patient_id = about.patient_id AND serving.agency = partner)
    AND EXISTS (SELECT FROM agreements AS agreed WHERE agreed.organization_id = partner AND door = ANY(agreed.channels)
        AND agreed.begin_at <= now() AND (agreed.end_at IS NULL OR agreed.end_at > now())
        AND (agreed.rules = '{}' OR about.rule_id = ANY(agreed.rules)))
    END;
CREATE OR REPLACE FUNCTION may_see(partner text, labelled_too boolean, about issues) RETURNS boolean LANGUAGE sql STABLE
RETURN may_see(partner, labelled_too, about, 'fhir');
