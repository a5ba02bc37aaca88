"""Reasons that rules of several nouns give, and those of the policy: a rule that is off, or in shadow."""

from care_scoring.core.reasons.reason import Reason


class CommonReason(Reason):
    """Codes and sentences."""

    TOO_LONG_AGO = "too_long_ago", "It is too long ago to act on."
    SOMEBODY_REACHED = "somebody_reached", "Somebody was reached about the patient."
    NOT_MENTIONED = "not_mentioned", "The facts it rested on were withdrawn."
    RULE_DISABLED = "rule_disabled", "The policy has switched this rule off."
    RULE_IN_SHADOW = "rule_in_shadow", "The policy has put this rule in shadow: it is recorded, and tells nobody."
