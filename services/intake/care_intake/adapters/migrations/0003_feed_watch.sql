-- Which feeds are silent, since when, and how far their patients' pictures have been told so.
CREATE TABLE feed_watch (
    source text PRIMARY KEY,
    is_silent boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    told_up_to text NOT NULL DEFAULT '',
    told integer NOT NULL DEFAULT 0,
    is_told boolean NOT NULL DEFAULT false
);
