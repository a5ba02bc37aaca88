-- Who an identity provider calls what; the account it leads to says who that is here.
CREATE TABLE external_identities (
    issuer text NOT NULL,
    subject text NOT NULL,
    username text NOT NULL REFERENCES accounts ON DELETE CASCADE,
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (issuer, subject)
);
