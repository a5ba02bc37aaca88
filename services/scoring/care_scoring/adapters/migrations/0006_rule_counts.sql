-- How often each rule fired, in shadow or for people. Only the owner of a partition writes its rows, so nobody waits.
CREATE TABLE rule_counts (
    partition integer NOT NULL,
    day date NOT NULL,               -- UTC
    rule_id text NOT NULL,
    rule_version integer NOT NULL,
    policy_version text NOT NULL,
    tier text NOT NULL,
    shadow boolean NOT NULL,
    change text NOT NULL,
    times bigint NOT NULL,
    PRIMARY KEY (partition, day, rule_id, rule_version, policy_version, tier, shadow, change)
) WITH (fillfactor = 50);

-- `fired` counts gaps that opened or opened again. Acknowledged, acted on, overridden: see the service's README.
CREATE VIEW rule_firings AS
SELECT day, rule_id, rule_version, policy_version, tier, shadow,
    coalesce(sum(times) FILTER (WHERE change IN ('opened', 'reopened')), 0)::bigint AS fired,
    coalesce(sum(times) FILTER (WHERE change = 'escalated'), 0)::bigint AS escalated,
    coalesce(sum(times) FILTER (WHERE change = 'updated'), 0)::bigint AS updated,
    coalesce(sum(times) FILTER (WHERE change = 'closed'), 0)::bigint AS closed
FROM rule_counts GROUP BY day, rule_id, rule_version, policy_version, tier, shadow;
