-- What an act says beside its kind, in codes: the step taken, the role that reconciled, useful or not.
ALTER TABLE acts ADD COLUMN codes jsonb NOT NULL DEFAULT '{}';
