"""FHIR records about people around the patient, rosters, answers and results: which facts each is, and when none."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from care_intake.core.instruments import Form
from care_shared.vocabulary import SensitivityLabel, Symptom
from tests.fhir_records import ICD10, LOINC, SNOMED, SUBJECT, bundle, concept, record, words
from tests.intake_builders import Json, facts, left_aside, observation, only, refused, said

SOPT = "https://nahdo.org/sopt"
LAB = [{"coding": [{"code": "laboratory"}]}]
EIGHT = "2026-11-20T08:00:00-05:00"


def kinds(value: Json) -> list[str]:
    return [str(fact.model_dump()["type"]) for fact in facts(value)]


def member(number: str, start: str | None = "2027-01-01", **more: Any) -> Json:
    period = {"start": start} if start else {}
    return {"entity": {"identifier": {"system": "urn:m", "value": number}}, "period": period} | more


def roster(*members: Json, **changes: Any) -> Json:
    return record("Group", name="LEAD 2027", managingEntity={"display": "North ACO"}, member=list(members)) | changes


class TestRoster:
    def test_each_member_is_aligned_for_a_period(self) -> None:
        value = roster(member("1"), member("2", period={"start": "2027-01-01", "end": "2027-06-30"}))

        first, second = [one.model_dump() for one in facts(value)]

        assert (first["organization"], first["programme"], first["starts_on"], first["ends_on"]) == (
            "North ACO", "LEAD 2027", date(2027, 1, 1), None,
        )  # fmt: skip
        assert second["ends_on"] == date(2027, 6, 30)
        assert first["patient_id"] != second["patient_id"]

    @pytest.mark.parametrize(
        "more",
        [{"inactive": True}, {"extension": [{"url": "http://hl7.org/…/ext-changeType", "valueCode": "dropped"}]}],
    )
    def test_a_member_who_left_ends_when_we_are_told(self, more: Json) -> None:
        [fact] = facts(roster(member("1", "2026-01-01", **more)))

        assert fact.model_dump()["ends_on"] == date(2026, 11, 21)

    def test_one_bad_member_stops_no_other(self) -> None:
        value = roster(member("1"), member("2", None), {"entity": {"display": "Ada"}})

        assert len(facts(value)) == 1
        assert [(one.where, one.is_refused) for one in left_aside(value)] == [
            ("Group.member[1].period.start", True), ("Group.member[2].entity", True),
        ]  # fmt: skip

    def test_a_list_of_all_bad_members_is_refused(self) -> None:
        assert refused(roster(member("1", None))).field == "Group.member[0].period.start"

    def test_a_roster_of_no_programme_is_refused(self) -> None:
        assert refused(roster(member("1"), name="")).field == "Group.name"

    def test_the_patients_of_a_roster_are_found_beside_it(self) -> None:
        patient = record("Patient", id="p1")
        value = bundle(
            "collection", patient, roster({"entity": {"reference": "Patient/p1"}, "period": {"start": "2027-01-01"}})
        )

        assert len({fact.patient_id for fact in facts(value)}) == 1


class TestPayers:
    @pytest.mark.parametrize(
        ("changes", "kinds_of_payer"),
        [
            pytest.param({}, ["medicare"], id="by its name"),
            pytest.param({"payor": [{"reference": "#o"}], "contained": [
                {"resourceType": "Organization", "id": "o", "name": "Ohio Medicaid"}]}, ["medicaid"], id="inside it"),
            pytest.param({"payor": [], "type": concept("14", SOPT)}, ["medicare", "medicaid"], id="both"),
            pytest.param({"payor": [{"display": "Acme"}], "type": concept("111", SOPT)},
                         ["medicare"], id="by typology"),
            pytest.param({"payor": [{"display": "Acme Health"}]}, ["other"], id="another"),
        ],
    )  # fmt: skip
    def test_who_pays(self, changes: Json, kinds_of_payer: list[str]) -> None:
        found = [fact.model_dump() for fact in facts(record("Coverage", **changes))]

        assert [one["payer_kind"] for one in found] == kinds_of_payer

    def test_a_coverage_ends(self) -> None:
        value = record("Coverage", status="cancelled", period={"start": "2026-01-01", "end": "2026-10-31"})

        fact = only(value, "coverage-changed")

        assert (fact.active, fact.starts_on, fact.ends_on) == (False, date(2026, 1, 1), date(2026, 10, 31))

    def test_nobody_pays(self) -> None:
        assert left_aside(record("Coverage", type=concept("pay", "urn:x")))


class TestPeople:
    def test_the_lead_the_backup_and_the_agency(self) -> None:
        nurse = {"role": [words("Home health nurse")], "member": {"reference": "Practitioner/n"},
                 "onBehalfOf": {"identifier": {"value": "sunrise"}}}  # fmt: skip
        team = record("CareTeam", participant=[
            {"role": [words("Covering care manager")], "member": {"reference": "Practitioner/cm-2"}},
            {"role": [words("Lead Care Manager")], "member": {"reference": "Practitioner/cm-1"}}, nurse,
        ])  # fmt: skip

        fact = only(team, "care-team-changed")

        assert (fact.lead_care_manager, fact.backup, fact.agency) == ("cm-1", "cm-2", "sunrise")

    @pytest.mark.parametrize("changes", [{"status": "inactive"}, {"participant": [{"role": [words("Cook")]}]}])
    def test_a_team_that_names_nobody_we_need(self, changes: Json) -> None:
        assert left_aside(record("CareTeam", **changes))

    def test_a_caregiver(self) -> None:
        value = record(
            "RelatedPerson", relationship=[words("daughter")], name=[{"given": ["Ada"], "family": "Sim"}],
            telecom=[{"system": "phone", "value": "555-0101"}],
        )  # fmt: skip

        fact = only(value, "caregiver-named")

        assert (fact.name, fact.relationship, fact.phone, fact.active) == ("Ada Sim", "daughter", "555-0101", True)

    @pytest.mark.parametrize("changes", [{"active": False}, {"period": {"end": "2026-01-01"}}])
    def test_a_caregiver_no_more(self, changes: Json) -> None:
        assert not only(record("RelatedPerson", **changes), "caregiver-named").active

    @pytest.mark.parametrize(
        ("changes", "permitted"),
        [({"provision": {"type": "permit"}}, True), ({"provision": {"type": "deny"}}, False), ({}, False),
         ({"status": "inactive", "provision": {"type": "permit"}}, False),
         ({"status": "entered-in-error", "provision": {"type": "permit"}}, False)],
    )  # fmt: skip
    def test_only_a_plain_permit_allows(self, changes: Json, permitted: bool) -> None:
        fact = only(record("Consent", **changes), "consent-changed")

        assert (fact.permitted, fact.scope) == (permitted, "patient-privacy")

    def test_a_consent_is_for_somebody_and_ends(self) -> None:
        actor = {"role": words("recipient"), "reference": {"reference": "Organization/sunrise"}}
        provision = {"type": "permit", "actor": [actor], "period": {"end": "2027-01-01T00:00:00Z"}}

        fact = only(record("Consent", provision=provision), "consent-changed")

        assert (fact.recipient, fact.expires_at) == ("sunrise", datetime(2027, 1, 1, tzinfo=UTC))

    @pytest.mark.parametrize(("status", "active"), [("active", True), ("inactive", False), ("entered-in-error", False)])
    def test_a_warning(self, status: str, active: bool) -> None:
        assert only(record("Flag", status=status), "flag-changed").active is active

    def test_a_mail_address_and_a_zone_that_clocks_know(self) -> None:
        zone = {"url": "http://hl7.org/fhir/StructureDefinition/timezone", "valueCode": "Mars/Olympus"}
        value = record("Patient", telecom=[{"system": "email", "value": "a@b.example"}], extension=[zone])

        fact = only(value, "patient-updated")

        assert (fact.email, fact.home_zone) == ("a@b.example", None)

    def test_a_name_may_be_said_by_an_extension_only(self) -> None:
        value = record("Patient", name=[{"family": "Sim", "given": [None], "_given": [{"extension": []}]}])

        assert only(value, "patient-updated").family_name == "Sim"

    @pytest.mark.parametrize("kind", ["Practitioner", "PractitionerRole", "Organization", "Location", "Medication"])
    def test_context_alone_is_no_news(self, kind: str) -> None:
        assert left_aside({"resourceType": kind, "id": "x"})[0].reason.startswith("is context")

    def test_a_record_about_a_device_is_about_no_patient(self) -> None:
        value = observation("8867-4", 72, "/min", subject={"reference": "Device/d1"})

        assert left_aside(value)[0].where == "Observation.subject"

    def test_contained_patients_of_two_records_are_two_people(self) -> None:
        def about(value: str) -> Json:
            inner = {"resourceType": "Patient", "id": "p", "identifier": [{"system": "urn:m", "value": value}]}
            return observation("8867-4", 72, "/min", subject={"reference": "#p"}, contained=[inner])

        first, second = said(about("1")).translations[0], said(about("2")).translations[0]

        assert not set(first.patient.identifiers) & set(second.patient.identifiers)


class TestLabels:
    @pytest.mark.parametrize(
        ("codes", "labels"),
        [
            (["N"], ()), (["R", "PSY"], ("PSY",)), (["R"], ("V",)), (["STD"], ("V",)), (["TREAT", "M"], ()),
            (["42CFRPart2", "NORDSCLCD", "R"], ("42CFRPart2",)), (["HIV", "house-rule"], ("HIV", "V")),
        ],
    )  # fmt: skip
    def test_what_we_do_not_know_is_very_restricted(self, codes: list[str], labels: tuple[str, ...]) -> None:
        security = {"security": [{"code": code} for code in codes]}

        assert only(observation("8867-4", 72, "/min", meta=security), "vital-sign-recorded").labels == labels

    def test_a_diagnosis_betrays_itself_and_its_stay(self) -> None:
        condition = {
            "resourceType": "Condition", "id": "c1", "subject": SUBJECT, "code": concept("F10.20", ICD10),
            "clinicalStatus": concept("active"),
        }  # fmt: skip
        stay = record("Encounter", id="e1", diagnosis=[{"condition": {"reference": "Condition/c1"}, "rank": 1}])
        stay["class"] = {"code": "IMP"}

        found = facts(bundle("collection", stay, condition))

        assert {fact.labels for fact in found} == {(SensitivityLabel.SUBSTANCE_USE,)}

    def test_the_principal_diagnosis_comes_first(self) -> None:
        def condition(name: str, code: str) -> Json:
            return {"resourceType": "Condition", "id": name, "subject": SUBJECT, "code": concept(code, ICD10),
                    "encounter": {"reference": "Encounter/e1"}}  # fmt: skip

        ranked = [
            {"condition": {"reference": "Condition/b"}, "rank": 1},
            {"condition": {"reference": "Condition/a"}, "rank": 2},
        ]
        stay = record("Encounter", id="e1", diagnosis=ranked) | {"class": {"code": "IMP"}}

        value = bundle("collection", stay, condition("a", "I10"), condition("b", "I50.9"))

        assert [one.code for one in only(value, "hospital-discharged").diagnoses] == ["I50.9", "I10"]


class TestResults:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            pytest.param({"interpretation": [concept("L"), concept("HH")]}, (147, "", "HH"), id="the gravest flag"),
            pytest.param({"valueQuantity": {"value": 5, "comparator": "<"}}, (None, "<5", ""), id="below"),
            pytest.param({"valueQuantity": None, "valueString": "positive"}, (None, "positive", ""), id="words"),
            pytest.param({"valueQuantity": None, "valueCodeableConcept": words("A+")}, (None, "A+", ""), id="a code"),
            pytest.param({"valueQuantity": None, "valueInteger": 3}, (3, "", ""), id="a whole number"),
        ],
    )  # fmt: skip
    def test_a_result(self, changes: Json, expected: tuple[float | None, str, str]) -> None:
        value = {k: v for k, v in (observation("718-7", 147, "g/L", category=LAB) | changes).items() if v is not None}

        fact = only(value, "lab-resulted")

        assert (fact.value, fact.text, fact.abnormal_flag) == expected

    def test_a_result_may_be_corrected_and_withdrawn(self) -> None:
        right = only(observation("718-7", 14, "g/dL", category=LAB, status="corrected"), "lab-resulted")
        wrong = only(observation("718-7", 14, "g/dL", category=LAB, status="entered-in-error"), "lab-retracted")

        assert (right.corrected, right.observation_id) == (True, wrong.observation_id)

    def test_a_preliminary_result_is_awaited_under_its_order(self) -> None:
        ordered = {"basedOn": [{"reference": "ServiceRequest/r1"}], "category": LAB}
        pending = only(observation("718-7", None, "", status="preliminary", **ordered), "result-pending")
        final = only(observation("718-7", 14, "g/dL", **ordered), "lab-resulted")
        order = only(
            record("ServiceRequest", code=concept("718-7", LOINC), category=[concept("108252007")]), "result-pending"
        )

        assert pending.order_id == final.order_id == order.order_id

    def test_each_component_of_a_result_is_one(self) -> None:
        parts = [{"code": concept("2951-2", LOINC), "valueQuantity": {"value": 140}},
                 {"code": concept("2823-3", LOINC), "valueQuantity": {"value": 4.1}}]  # fmt: skip
        value = observation("24321-2", None, "", category=LAB, component=parts)

        found = [fact.model_dump() for fact in facts(value)]

        assert [(one["test"]["code"], one["value"]) for one in found] == [("2951-2", 140), ("2823-3", 4.1)]
        assert len({one["observation_id"] for one in found}) == 2

    def test_a_report_holds_results_of_its_own_patient_and_time(self) -> None:
        inner = {"resourceType": "Observation", "id": "h", "status": "final", "code": concept("718-7", LOINC),
                 "category": LAB, "valueQuantity": {"value": 14, "unit": "g/dL"}}  # fmt: skip
        value = record("DiagnosticReport", contained=[inner], result=[{"reference": "#h"}])

        fact = only(value, "lab-resulted")

        assert (fact.value, fact.occurred_at) == (14, datetime(2026, 11, 20, 13, 0, tzinfo=UTC))

    def test_a_withdrawn_report_withdraws_what_it_holds(self) -> None:
        inner = {
            "resourceType": "Observation",
            "id": "h",
            "status": "final",
            "code": concept("718-7", LOINC),
            "category": LAB,
        }

        assert kinds(record("DiagnosticReport", status="entered-in-error", contained=[inner])) == ["lab-retracted"]

    @pytest.mark.parametrize("status", ["registered", "partial", "preliminary"])
    def test_a_report_that_is_awaited(self, status: str) -> None:
        assert kinds(record("DiagnosticReport", status=status)) == ["result-pending"]

    def test_a_consult_note_that_comes_as_a_report(self) -> None:
        value = record("DiagnosticReport", code=concept("11488-4", LOINC), basedOn=[{"reference": "ServiceRequest/r1"}])

        assert kinds(value) == ["document-received", "referral-report-received"]

    @pytest.mark.parametrize(
        ("changes", "kind", "final"),
        [({}, "discharge-summary", True), ({"type": concept("11488-4", LOINC)}, "consult-report", True),
         ({"type": words("Photo")}, "other", True), ({"docStatus": "preliminary"}, "discharge-summary", False),
         ({"status": "entered-in-error"}, "discharge-summary", False)],
    )  # fmt: skip
    def test_a_document(self, changes: Json, kind: str, final: bool) -> None:
        fact = only(record("DocumentReference", **changes), "document-received")

        assert (fact.kind, fact.final) == (kind, final)

    def test_a_unit_without_a_known_code_is_read_by_its_words(self) -> None:
        value = observation("29463-7", 176.37, "", valueQuantity={"value": 176.37, "unit": "lbs", "code": "POUND-X"})

        assert only(value, "vital-sign-recorded").value == 80.0

    def test_a_time_to_the_month_is_too_vague_and_said_so(self) -> None:
        value = observation("29463-7", 80, "kg", effectiveDateTime="2026-11")

        assert left_aside(value)[0].reason == "says when only by the year or month"


def asked(code: str, **answer: Any) -> Json:
    return {"linkId": code, "answer": [answer]}


class TestForms:
    def test_phq_9_by_its_questions(self) -> None:
        codes = ("44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3", "44260-8")
        items = [asked(f"/{code}", valueCoding={"code": "LA6569-3"}) for code in codes]

        fact = only(record("QuestionnaireResponse", item=[{"linkId": "g", "item": items}]), "assessment-completed")

        assert (fact.instrument, fact.total, fact.items["9"]) == ("PHQ-9", 9, 1)

    @pytest.mark.parametrize(
        ("points", "expected"),
        [((2, 2, 2, 1), ("ZBI-4", 7)), ((1,) * 12, ("ZBI-12", 12)), ((2, 2, 2), ("ZBI-4", None))],
    )
    def test_zarit_by_the_numbers_of_its_questions(
        self, points: tuple[int, ...], expected: tuple[str, int | None]
    ) -> None:
        items = [asked(f"zbi-{number}", valueInteger=value) for number, value in enumerate(points, 1)]
        value = record("QuestionnaireResponse", questionnaire="http://forms.example/zarit", item=items)

        fact = only(value, "assessment-completed")

        assert (fact.instrument, fact.total) == expected

    def test_social_needs(self) -> None:
        answers = {"71802-3": "LA31993-1", "96778-6": "LA28580-1", "88122-7": "LA6729-3", "93030-5": "LA33-6",
                   "96779-4": "LA32002-0", "95618-5": "LA10082-8"}  # fmt: skip
        items = [asked(code, valueCoding={"code": answer}) for code, answer in answers.items()]

        fact = only(record("QuestionnaireResponse", item=items), "assessment-completed")

        assert (fact.instrument, fact.items) == (
            "AHC-HRSN",
            {"housing": 0, "housing_problems": 1, "food_worried": 1, "transport": 1, "utilities": 2, "safety_1": 3},
        )

    def test_our_pulse_survey_and_symptoms(self) -> None:
        items = [asked("felt-heard", valueInteger=4), asked("dyspnoea", valueBoolean=True),
                 asked("267038008", valueBoolean=False)]  # fmt: skip
        value = record("QuestionnaireResponse", item=items, source={"reference": "RelatedPerson/d"})

        assert only(value, "survey-answered").answers == {"felt-heard": 4}
        symptoms = only(value, "symptoms-reported")
        assert symptoms.symptoms == {Symptom.DYSPNOEA: True, Symptom.SWELLING: False}
        assert symptoms.reported_by == "caregiver"

    def test_an_answer_that_is_none_is_said(self) -> None:
        items = [asked("44250-9", valueInteger=7), asked("44255-8", valueInteger=2)]

        value = record("QuestionnaireResponse", item=items)

        assert only(value, "assessment-completed").items == {"2": 2}
        assert left_aside(value)[0].where == "QuestionnaireResponse.item[0]"

    def test_a_form_may_be_a_mistake_or_under_way(self) -> None:
        item = [asked("44250-9", valueInteger=1)]
        right = only(record("QuestionnaireResponse", item=item), "assessment-completed")
        wrong = only(record("QuestionnaireResponse", status="entered-in-error"), "assessment-retracted")

        assert right.assessment_id == wrong.assessment_id
        assert left_aside(record("QuestionnaireResponse", status="in-progress"))

    def test_a_panel_gathers_its_members_and_they_say_nothing_twice(self) -> None:
        one = observation("44250-9", None, "", id="a", valueCodeableConcept=concept("LA6571-9", LOINC))
        two = observation("44255-8", None, "", id="b", valueInteger=2)
        members = [{"reference": "Observation/a"}, {"reference": "urn:uuid:b"}]
        panel = observation("55757-9", None, "", id="p", hasMember=members)

        fact = only(bundle("collection", one, two, panel), "assessment-completed")

        assert (fact.instrument, fact.items, fact.total) == ("PHQ-2", {"1": 3, "2": 2}, 5)

    def test_a_panel_of_components(self) -> None:
        parts = [{"code": concept("88122-7", LOINC), "valueCodeableConcept": concept("LA28397-0", LOINC)},
                 {"code": concept("93030-5", LOINC), "valueCodeableConcept": concept("LA32-8", LOINC)}]  # fmt: skip

        fact = only(observation("96777-8", None, "", component=parts), "assessment-completed")

        assert fact.items == {"food_worried": 2, "transport": 0}

    def test_a_symptom_as_a_finding(self) -> None:
        value = observation("1", None, "", valueBoolean=True) | {"code": concept("29857009", SNOMED)}

        assert only(value, "symptoms-reported").symptoms == {Symptom.CHEST_PAIN: True}

    def test_an_empty_form_says_nothing(self) -> None:
        assert Form().assessments() == []
