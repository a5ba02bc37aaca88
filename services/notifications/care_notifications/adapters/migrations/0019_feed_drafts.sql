-- A feed on its way to being agreed: what was written down about it, and how its first messages fared in the sandbox.
-- No message is kept here, and no secret: of a token its digest, of a trial the kind, the verdict and the places of trouble.
CREATE TABLE feed_drafts (
    draft_id text PRIMARY KEY,
    body text NOT NULL,
    begun_by text NOT NULL,
    begun_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE TABLE feed_trials (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    draft_id text NOT NULL REFERENCES feed_drafts ON DELETE CASCADE,
    kind text NOT NULL,
    verdict text NOT NULL,
    facts integer NOT NULL,
    problems text NOT NULL,
    tried_by text NOT NULL,
    tried_at timestamptz NOT NULL
);
CREATE INDEX feed_trials_of_draft ON feed_trials (draft_id, id DESC);
