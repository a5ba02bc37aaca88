-- What an act says beside its kind, in codes: the step taken, the role that reconciled, useful or not.
ALTER TABLE acts ADD COLUMN codes jsonb NOT NULL DEFAULT '{}';

-- As much of a patient as check-ins and next steps need, from the topic of facts; `look_at` is when to look again.
CREATE TABLE check_in_patients (
    patient_id text PRIMARY KEY,
    phone text NOT NULL DEFAULT '',
    email text NOT NULL DEFAULT '',
    look_at timestamptz,
    waiting jsonb NOT NULL DEFAULT '{}',
    body jsonb NOT NULL
);
CREATE INDEX check_in_patients_to_look_at ON check_in_patients (look_at) WHERE look_at IS NOT NULL;
CREATE INDEX check_in_patients_by_phone ON check_in_patients (phone) WHERE phone <> '';
CREATE INDEX check_in_patients_by_email ON check_in_patients (email) WHERE email <> '';

-- One row per check-in that fell due, sent or not. A lease is `leased_until`, as for notices.
CREATE TABLE check_ins (
    check_in_id text PRIMARY KEY,
    patient_id text NOT NULL,
    check_in text NOT NULL,
    party text NOT NULL,
    occurrence text NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'sent', 'answered', 'unanswered', 'not-sent')),
    reason text,
    code text,
    way text,
    language text NOT NULL DEFAULT 'en',
    decided_at timestamptz NOT NULL,
    answer_hours integer NOT NULL,
    send_until timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL,
    leased_until timestamptz,
    sent_at timestamptz,
    answer_until timestamptz,
    ended_at timestamptz,
    answers jsonb NOT NULL DEFAULT '{}',
    remark text
);
CREATE INDEX check_ins_of_patient ON check_ins (patient_id, decided_at);
CREATE INDEX check_ins_to_send ON check_ins (next_attempt_at) WHERE state = 'waiting';
CREATE INDEX check_ins_to_end ON check_ins (answer_until) WHERE state = 'sent';

-- The links that left: 128 random bits each, of which only the hash is kept. A retry makes another one.
CREATE TABLE check_in_links (
    token_hash bytea PRIMARY KEY,
    check_in_id text NOT NULL REFERENCES check_ins,
    ends_at timestamptz NOT NULL,
    posts integer NOT NULL DEFAULT 0
);
CREATE INDEX check_in_links_by_end ON check_in_links (ends_at);
CREATE TABLE check_in_misses (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    missed_at timestamptz NOT NULL
);
CREATE INDEX check_in_misses_by_source ON check_in_misses (source, missed_at);
