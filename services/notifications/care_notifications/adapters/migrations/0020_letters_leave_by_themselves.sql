-- A letter that is to be sent again leaves by a way of its own: what a broker refuses must hold up no fact of ours.
-- Where it went is kept, so that a letter which comes back is recognised.
ALTER TABLE dead_letters
    DROP CONSTRAINT dead_letters_state_check,
    ADD CONSTRAINT dead_letters_state_check CHECK (state IN ('waiting', 'leaving', 'replayed', 'discarded')),
    ADD COLUMN sent_partition integer,
    ADD COLUMN sent_offset bigint;
CREATE INDEX dead_letters_leaving ON dead_letters (topic, settled_at) WHERE state = 'leaving';
