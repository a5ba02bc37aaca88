"""FHIR records about medicines, referrals, tasks, plans and talks: which facts each is, and when it is none."""

from datetime import UTC, date, datetime

import pytest

from care_shared.vocabulary import ReferralEnd, SensitivityLabel
from tests.fhir_records import LOINC, bundle, concept, notification, record, words
from tests.intake_builders import Json, facts, left_aside, only, refused

TEN = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def kinds(value: Json) -> list[str]:
    return [str(fact.model_dump()["type"]) for fact in facts(value)]


class TestMedicines:
    @pytest.mark.parametrize(
        ("status", "active"),
        [("active", True), ("stopped", False), ("cancelled", False), ("on-hold", False), ("completed", False),
         ("entered-in-error", False)],
    )  # fmt: skip
    def test_an_order_stands_or_no_longer_does(self, status: str, active: bool) -> None:
        fact = only(record("MedicationRequest", status=status), "medication-ordered")

        assert (fact.active, fact.medication.code) == (active, "197361")
        assert fact.occurred_at == (TEN if active else datetime(2026, 11, 21, 14, 0, tzinfo=UTC))

    @pytest.mark.parametrize(
        "changes", [{"status": "draft"}, {"status": "unknown"}, {"intent": "proposal"}, {"doNotPerform": True}]
    )
    def test_what_orders_nothing_is_no_fact(self, changes: Json) -> None:
        assert left_aside(record("MedicationRequest", **changes))

    def test_a_course_ends_after_its_days(self) -> None:
        week = {"timing": {"repeat": {"boundsDuration": {"value": 1, "code": "wk"}}}}

        assert only(record("MedicationRequest", dosageInstruction=[week]), "medication-ordered").ends_on == date(
            2026, 11, 26
        )

    def test_the_medicine_is_found_inside_the_record(self) -> None:
        value = record(
            "MedicationRequest", medicationCodeableConcept=None, medicationReference={"reference": "#m"},
            contained=[{"resourceType": "Medication", "id": "m", "code": words("Suboxone 8 mg film")}],
        )  # fmt: skip

        fact = only(value, "medication-ordered")

        assert (fact.medication.code, fact.labels) == ("Suboxone 8 mg film", (SensitivityLabel.SUBSTANCE_USE,))

    def test_the_medicine_is_found_beside_the_record(self) -> None:
        medication = {"resourceType": "Medication", "id": "m1", "code": concept("1", display="aspirin")}
        value = record(
            "MedicationRequest", medicationCodeableConcept=None, medicationReference={"reference": "Medication/m1"}
        )

        assert only(bundle("transaction", value, medication), "medication-ordered").medication.display == "aspirin"

    def test_a_medicine_elsewhere_is_known_by_its_words_or_not_at_all(self) -> None:
        named = {
            "medicationCodeableConcept": None,
            "medicationReference": {"reference": "Medication/9", "display": "X"},
        }

        assert only(record("MedicationRequest", **named), "medication-ordered").medication.code == "X"
        assert left_aside(record("MedicationRequest", medicationCodeableConcept=None))[0].where.endswith("medication")

    def test_a_dispense_names_its_order_and_supply(self) -> None:
        value = record(
            "MedicationDispense", daysSupply={"value": 90, "unit": "days"}, type=words("Mail order"),
            authorizingPrescription=[{"reference": "MedicationRequest/r1"}],
        )  # fmt: skip

        fact = only(value, "medication-dispensed")

        assert (fact.days_supply, fact.by_mail, fact.entered_in_error) == (90, True, False)
        assert fact.order_id == only(record("MedicationRequest"), "medication-ordered").order_id

    @pytest.mark.parametrize("status", ["preparation", "in-progress", "cancelled", "declined", "unknown"])
    def test_what_was_not_handed_out_is_no_dispense(self, status: str) -> None:
        assert left_aside(record("MedicationDispense", status=status))

    def test_a_dispense_may_be_a_mistake(self) -> None:
        assert only(record("MedicationDispense", status="entered-in-error"), "medication-dispensed").entered_in_error

    @pytest.mark.parametrize(("status", "active"), [("active", True), ("not-taken", False), ("stopped", False)])
    def test_what_the_patient_takes(self, status: str, active: bool) -> None:
        assert only(record("MedicationStatement", status=status), "medication-ordered").active is active

    @pytest.mark.parametrize("kind", ["MedicationRequest", "MedicationDispense", "MedicationStatement"])
    def test_a_status_that_is_none_is_refused(self, kind: str) -> None:
        assert refused(record(kind, status="done")).field == f"{kind}.status"


class TestReferrals:
    def test_a_referral(self) -> None:
        value = record("ServiceRequest", priority="urgent", performerType=words("Cardiology"))

        fact = only(value, "referral-ordered")

        assert (fact.specialty, fact.urgent) == ("Cardiology", True)

    @pytest.mark.parametrize(
        ("status", "reason"),
        [("revoked", ReferralEnd.REVOKED), ("completed", ReferralEnd.COMPLETED),
         ("entered-in-error", ReferralEnd.ENTERED_IN_ERROR)],
    )  # fmt: skip
    def test_a_referral_that_is_over(self, status: str, reason: ReferralEnd) -> None:
        fact = only(record("ServiceRequest", status=status), "referral-closed")

        assert fact.reason is reason
        assert fact.referral_id == only(record("ServiceRequest"), "referral-ordered").referral_id

    def test_a_laboratory_test_is_awaited(self) -> None:
        value = record("ServiceRequest", code=concept("58410-2", LOINC), category=[concept("108252007")])

        assert only(value, "result-pending").test.code == "58410-2"

    @pytest.mark.parametrize(
        "changes",
        [{"status": "draft"}, {"doNotPerform": True}, {"code": words("Walk the dog")}],
    )
    def test_what_refers_nobody_is_no_fact(self, changes: Json) -> None:
        assert left_aside(record("ServiceRequest", **changes))

    @pytest.mark.parametrize("intent", ["proposal", "plan"])
    def test_a_proposal_is_what_a_report_recommends(self, intent: str) -> None:
        value = record(
            "ServiceRequest", intent=intent, code=concept("24627-2", LOINC, display="Chest CT"),
            occurrenceDateTime="2027-05-20",
        )  # fmt: skip

        fact = only(value, "follow-up-recommended")

        assert (fact.service.display, fact.due_on, fact.ended) == ("Chest CT", date(2027, 5, 20), None)

    def test_a_proposal_may_be_called_off(self) -> None:
        fact = only(record("ServiceRequest", intent="proposal", status="revoked"), "follow-up-recommended")

        assert fact.ended is ReferralEnd.REVOKED
        assert fact.recommendation_id == only(record("ServiceRequest", intent="proposal"), fact.type).recommendation_id

    def test_a_draft_of_a_proposal_is_no_fact(self) -> None:
        assert left_aside(record("ServiceRequest", intent="proposal", status="draft"))

    @pytest.mark.parametrize(
        "order",
        [{}, {"code": concept("24627-2", LOINC), "category": [concept("363679005")]}],
        ids=["a referral", "an imaging order"],
    )
    def test_an_order_based_on_a_proposal_says_that_somebody_sees_to_it(self, order: Json) -> None:
        proposed = only(record("ServiceRequest", intent="proposal"), "follow-up-recommended").recommendation_id
        value = record("ServiceRequest", id="r2", basedOn=[{"reference": "ServiceRequest/r1"}], **order)

        said = [fact for fact in facts(value) if fact.model_dump()["type"] == "follow-up-recommended"]

        assert [(one.recommendation_id, one.ended) for one in said] == [(proposed, ReferralEnd.COMPLETED)]

    def test_a_task_names_the_proposal_it_sees_to(self) -> None:
        proposed = only(record("ServiceRequest", intent="proposal"), "follow-up-recommended").recommendation_id
        task = record("Task", status="accepted", focus={"reference": "ServiceRequest/r1"})

        assert only(task, "care-task-changed").recommendation_id == proposed
        assert only(record("Task", status="accepted"), "care-task-changed").recommendation_id is None

    def test_an_appointment_fulfils_a_referral(self) -> None:
        value = record(
            "Appointment", basedOn=[{"reference": "ServiceRequest/r1"}], appointmentType=words("Video visit")
        )

        fact = only(value, "appointment-booked")

        assert fact.referral_id == only(record("ServiceRequest"), "referral-ordered").referral_id
        assert fact.telehealth

    @pytest.mark.parametrize(
        ("reason", "by_clinic"),
        [(concept("pat-crs"), False), (concept("prov-pers"), True), (concept("oth-weath"), None), (None, None)],
    )
    def test_who_called_the_appointment_off(self, reason: Json | None, by_clinic: bool | None) -> None:
        value = record("Appointment", status="cancelled", cancelationReason=reason)

        assert only(value, "appointment-cancelled").by_clinic is by_clinic

    def test_a_consult_report_answers_its_referral(self) -> None:
        value = record(
            "DocumentReference",
            type=concept("11488-4", LOINC),
            context={"related": [{"reference": "ServiceRequest/r1"}]},
        )

        assert kinds(value) == ["document-received", "referral-report-received"]
        assert (
            only(value, "referral-report-received").referral_id
            == only(record("ServiceRequest"), "referral-ordered").referral_id
        )


class TestTasks:
    @pytest.mark.parametrize("status", ["requested", "accepted", "rejected", "completed", "entered-in-error"])
    def test_where_the_work_stands(self, status: str) -> None:
        gap = {"identifier": {"system": "urn:carelead:care-gap", "value": "gap-1"}}
        value = record(
            "Task", status=status, focus=gap, owner={"reference": "Organization/sunrise"},
            restriction={"period": {"end": "2026-11-25T12:00:00Z"}}, code=words("call the patient"),
        )  # fmt: skip

        fact = only(value, "care-task-changed")

        assert (fact.status, fact.gap_id, fact.owner, fact.occurred_at) == (status, "gap-1", "sunrise", TEN)
        assert fact.due_at == datetime(2026, 11, 25, 12, 0, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("changes", "is_told"),
        [({}, True), ({"status": "in-progress"}, False), ({"basedOn": []}, False), ({"reasonCode": None}, False)],
    )
    def test_a_finished_consult_report_answers_its_referral(self, changes: Json, is_told: bool) -> None:
        report = {"status": "completed", "basedOn": [{"reference": "ServiceRequest/r1"}],
                  "reasonCode": concept("11488-4", LOINC), "code": concept("fulfill")}  # fmt: skip

        told = kinds(record("Task", **(report | changes)))

        assert told == ["care-task-changed", *(["referral-report-received"] if is_told else [])]

    def test_a_missed_visit_by_progress_update(self) -> None:
        plan = record("Encounter", id="v1", status="planned", serviceType=words("Home health aide"))
        task = record(
            "Task", id="t1", status="failed", code=words("Missed visit"), focus={"reference": "Encounter/v1"},
            reasonCode=words("no one answered"),
        )  # fmt: skip

        value = notification("progress-update", task, plan)
        missed, planned = only(value, "visit-missed"), only(value, "visit-scheduled")

        assert missed.visit_id == planned.visit_id
        assert (missed.reason.value, missed.discipline.value) == ("no-answer", "aide")
        assert missed.scheduled_start == datetime(2026, 11, 20, 14, 0, tzinfo=UTC)

    def test_a_missed_visit_that_names_no_time_is_left_aside(self) -> None:
        assert left_aside(record("Task", code=words("missed-visit")))[0].where == "Task.executionPeriod.start"


class TestHomeVisits:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [("planned", "visit-scheduled"), ("in-progress", "visit-started"), ("finished", "visit-delivered"),
         ("cancelled", "visit-cancelled"), ("entered-in-error", "visit-cancelled")],
    )  # fmt: skip
    def test_a_visit_by_its_status(self, status: str, kind: str) -> None:
        assert kinds(record("Encounter", status=status)) == [kind]

    def test_an_episode_is_no_visit(self) -> None:
        value = record("Encounter", period={"start": "2026-11-01", "end": "2026-11-30"})

        assert left_aside(value)[0].reason == "is an episode of home care, not one visit"


class TestPlans:
    @pytest.mark.parametrize(("status", "active"), [("active", True), ("revoked", False), ("entered-in-error", False)])
    def test_a_plan_of_care(self, status: str, active: bool) -> None:
        assert only(record("CarePlan", status=status), "care-plan-updated").active is active

    @pytest.mark.parametrize(
        ("target", "line"),
        [
            pytest.param({"detailQuantity": {"value": 130, "comparator": "<", "code": "mm[Hg]"}},
                         (None, 130, "mm[Hg]"), id="below"),
            pytest.param({"detailRange": {"low": {"value": 80, "unit": "mg/dL"}, "high": {"value": 130}}},
                         (80, 130, "mg/dL"), id="between"),
            pytest.param({"detailQuantity": {"value": 70, "unit": "kg"}}, (70, 70, "kg"), id="exactly"),
            pytest.param({"detailString": "less salt"}, (None, None, ""), id="in words"),
        ],
    )  # fmt: skip
    def test_a_goal_is_a_personal_line(self, target: Json, line: tuple[float | None, float | None, str]) -> None:
        measured = {"measure": concept("8480-6", LOINC), "dueDate": "2027-01-31", **target}

        fact = only(record("Goal", target=[measured]), "goal-stated")

        assert ((fact.low, fact.high, fact.unit), fact.due_on) == (line, date(2027, 1, 31))
        assert fact.measure.code == "8480-6"

    def test_each_target_is_a_line_of_its_own(self) -> None:
        value = record("Goal", target=[{"detailQuantity": {"value": 130}}, {"detailQuantity": {"value": 80}}])

        assert len({fact.model_dump()["goal_id"] for fact in facts(value)}) == 2


class TestTalks:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            pytest.param({}, ("reached", "phone", "patient"), id="a call"),
            pytest.param({"medium": [concept("SMSWRIT")]}, ("left-message", "text-message", "patient"), id="an SMS"),
            pytest.param({"medium": [concept("EMAILWRIT")]}, ("left-message", "text-message", "patient"), id="a mail"),
            pytest.param({"medium": [concept("VIDEOCONF")]}, ("reached", "video", "patient"), id="a video call"),
            pytest.param({"medium": [concept("FACE")]}, ("reached", "in-person", "patient"), id="face to face"),
            pytest.param({"status": "not-done"}, ("no-answer", "phone", "patient"), id="nobody answered"),
            pytest.param(
                {"status": "not-done", "statusReason": words("wrong number")},
                ("wrong-number", "phone", "patient"), id="wrong number",
            ),
            pytest.param({"statusReason": words("left message")}, ("left-message", "phone", "patient"), id="mailbox"),
            pytest.param(
                {"recipient": [{"reference": "RelatedPerson/d"}]}, ("reached", "phone", "caregiver"), id="the daughter"
            ),
            pytest.param(
                {"recipient": [{"reference": "Practitioner/n"}], "sender": {"reference": "Patient/p1"},
                 "medium": [words("portal message")]},
                ("reached", "portal", "patient"), id="the patient writes",
            ),
        ],
    )  # fmt: skip
    def test_how_it_ended(self, changes: Json, expected: tuple[str, str, str]) -> None:
        fact = only(record("Communication", **changes), "contact-logged")

        assert (fact.outcome.value, fact.channel.value, fact.party.value) == expected
        assert fact.occurred_at == TEN

    @pytest.mark.parametrize(
        "changes",
        [{"recipient": [{"reference": "Practitioner/n"}]}, {"medium": None}, {"status": "in-progress"}],
    )
    def test_what_is_no_contact(self, changes: Json) -> None:
        assert left_aside(record("Communication", **changes))

    def test_a_contact_may_be_a_mistake(self) -> None:
        right = only(record("Communication"), "contact-logged")

        assert (
            only(record("Communication", status="entered-in-error"), "contact-retracted").contact_id == right.contact_id
        )

    def test_a_call_about_a_date_is_no_care(self) -> None:
        fact = only(record("Communication", reasonCode=[words("Appointment reminder")]), "contact-logged")

        assert fact.purpose.value == "scheduling-only"


class TestNotifications:
    @pytest.mark.parametrize(
        ("event", "value", "kind"),
        [
            ("pharmacy", record("MedicationDispense"), "medication-dispensed"),
            ("tx-change", record("MedicationRequest"), "medication-ordered"),
            ("referral", record("ServiceRequest"), "referral-ordered"),
            ("care-team-change", record("CareTeam", participant=[
                {"role": [words("Lead care manager")], "member": {"display": "x", "identifier": {"value": "cm-1"}}}]),
             "care-team-changed"),
            ("outpatient-visit", record("Encounter", **{"class": {"code": "AMB"}}), "appointment-fulfilled"),
            ("progress-update", record("Communication"), "contact-logged"),
            ("something-new", record("Flag"), "flag-changed"),
        ],
    )  # fmt: skip
    def test_each_event_says_what_its_resources_say(self, event: str, value: Json, kind: str) -> None:
        assert kinds(notification(event, value)) == [kind]

    @pytest.mark.parametrize("event", ["refill-request", "appointment-reminder"])
    def test_a_wish_is_no_fact(self, event: str) -> None:
        assert left_aside(notification(event, record("MedicationRequest")))[0].where.endswith("eventCoding")

    def test_the_patient_of_a_notification_is_found_by_its_address(self) -> None:
        patient = record("Patient", id="p9")
        talk = record("Communication", subject={"reference": "urn:uuid:p9"}, recipient=[{"reference": "urn:uuid:p9"}])

        value = notification("progress-update", talk, patient)

        assert {fact.patient_id for fact in facts(value)} == {
            only(record("Communication"), "contact-logged").patient_id
        }
