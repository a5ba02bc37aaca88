-- What a shift report asks for by time: what opened and closed, who took and resolved what, check-ins without an answer.
CREATE INDEX alert_changes_closings ON alert_changes (changed_at) INCLUDE (gap_id) WHERE change = 'closed';
CREATE INDEX acts_by_time ON acts (done_at) WHERE kind IN ('acknowledged', 'resolved');
CREATE INDEX check_ins_unanswered ON check_ins (ended_at) WHERE state = 'unanswered';
CREATE INDEX alerts_snoozed ON alerts (snoozed_until) WHERE NOT is_over AND snoozed_until IS NOT NULL;
-- Who has taken what for how long: the supervisor's look at «acknowledged, not done».
CREATE INDEX alerts_taken ON alerts (acknowledged_at) INCLUDE (owner)
    WHERE NOT is_over AND state IN ('acknowledged', 'in-progress');
-- Whether somebody wants digest mails can be said on a page, too.
ALTER TABLE opt_out_changes
    DROP CONSTRAINT opt_out_changes_door_check,
    ADD CONSTRAINT opt_out_changes_door_check CHECK (door IN ('link', 'command', 'api', 'page'));
