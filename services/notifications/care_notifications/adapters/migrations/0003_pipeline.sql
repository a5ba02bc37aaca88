-- A notice may wait (`held`) with a reason and a time, or travel in one notice with others (`folded`).
-- `held_by`: the alert that covers it. `leaves_at`: when it was put on its way, if it reaches for a person's attention.
ALTER TABLE deliveries
    DROP CONSTRAINT deliveries_state_check,
    ADD CONSTRAINT deliveries_state_check
        CHECK (state IN ('waiting', 'held', 'folded', 'delivered', 'suppressed', 'failed')),
    ADD COLUMN held_because text,
    ADD COLUMN held_until timestamptz,
    ADD COLUMN held_by text,
    ADD COLUMN fold_id text,
    ADD COLUMN leaves_at timestamptz,
    ADD CHECK (state <> 'held' OR (held_because IS NOT NULL AND held_until IS NOT NULL)),
    ADD CHECK (state <> 'folded' OR fold_id IS NOT NULL);
CREATE INDEX deliveries_held ON deliveries (held_until) WHERE state = 'held';
CREATE INDEX deliveries_held_of_recipient ON deliveries (recipient, channel, held_until) WHERE state = 'held';
CREATE INDEX deliveries_covered ON deliveries (held_by) WHERE state = 'held' AND held_by IS NOT NULL;
CREATE INDEX deliveries_left ON deliveries (recipient, channel, leaves_at) WHERE leaves_at IS NOT NULL;
CREATE INDEX deliveries_of_fold ON deliveries (fold_id) WHERE fold_id IS NOT NULL;
CREATE INDEX alerts_open_of_patient ON alerts (patient_id) WHERE NOT is_over;

-- One notice that lists several, sent under the same rules as any other: leased, tried again, ended with a reason.
CREATE TABLE folds (
    fold_id text PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('group', 'digest')),
    recipient text NOT NULL,
    standing text NOT NULL,
    channel text NOT NULL,
    lane text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'suppressed', 'failed')),
    reason text,
    code text,
    attempts integer NOT NULL DEFAULT 0,
    leaves_at timestamptz NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    leased_until timestamptz,
    perhaps_received boolean NOT NULL DEFAULT false,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX folds_due ON folds (lane, next_attempt_at) WHERE state = 'waiting';
CREATE INDEX folds_left ON folds (recipient, channel, leaves_at);

-- What patients allowed or refused to be disclosed. An empty recipient stands for everybody.
CREATE TABLE consents (
    patient_id text NOT NULL,
    scope text NOT NULL,
    recipient text NOT NULL DEFAULT '',
    permitted boolean NOT NULL,
    expires_at timestamptz,
    said_at timestamptz NOT NULL,
    PRIMARY KEY (patient_id, scope, recipient)
);
