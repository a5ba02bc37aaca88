-- `carelead trace` finds a gap's story by the gap, by one of its messages, or by the fact that caused it. Silences, the
-- greater part of the timeline, are found by patient only and cost these indexes nothing.
CREATE INDEX timeline_gap ON timeline (gap_id) WHERE kind = 'gap';
CREATE INDEX timeline_event ON timeline (event_id) WHERE kind = 'gap';
CREATE INDEX timeline_cause ON timeline (caused_by) WHERE kind = 'gap';
