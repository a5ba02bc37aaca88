"""FHIR rest-hooks: notification Bundles of subscriptions, over the same guarded connector as webhooks."""
