-- Whom the rosters of each source name, by which numbers, and the fields they stated last, by aspect.
CREATE TABLE roster_members (
    source text NOT NULL,
    member_id text NOT NULL,
    numbers text NOT NULL,
    said text NOT NULL,
    lead text NOT NULL,
    as_of date NOT NULL,
    stated_at timestamptz NOT NULL,
    receipt_id text NOT NULL,
    PRIMARY KEY (source, member_id)
);
CREATE INDEX roster_members_of_lead ON roster_members (lead) WHERE lead <> '';

-- Which Lead is away and who stands in, for patients who come to that Lead later.
CREATE TABLE lead_absences (
    lead text NOT NULL,
    stand_in text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    cancelled boolean NOT NULL,
    receipt_id text NOT NULL,
    PRIMARY KEY (lead, stand_in, starts_on)
);

-- Local codes that nobody explained to us: somebody is asked, and the sources file answers.
CREATE TABLE unmapped_codes (
    source text NOT NULL,
    kind text NOT NULL,
    code text NOT NULL,
    times bigint NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    last_receipt_id text NOT NULL,
    PRIMARY KEY (source, kind, code)
);
