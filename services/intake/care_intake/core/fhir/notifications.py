"""Which Da Vinci notifications carry facts we use, and why others do not (clinical.md 8.4)."""

STAYS = frozenset({"notification-admit", "notification-transfer", "notification-discharge"})
# Their news stands in resources that speak for themselves: Observation, Condition, MedicationDispense, Task …
CARRIED = frozenset({
    "notification-vitals", "notification-lab-report", "notification-pharmacy", "notification-new-condition",
    "notification-tx-change", "notification-care-team-change", "notification-social-determinants-change",
    "notification-progress-update", "notification-referral", "notification-outpatient-visit",
    "notification-phone-consult", "notification-summary-report",
})  # fmt: skip
NOT_CARRIED = {
    "notification-refill-request": "asks a prescriber for something, and says nothing that has happened",
    "notification-appointment-reminder": "reminds of what was booked, and says nothing new",
}
