"""The shipped questionnaires and leaflets: the same in every language, reviewed, with help where it is called for."""

import re

import pytest
import yaml
from pydantic import ValidationError

from care_notifications.adapters.content_files import content_folder, read_catalogue
from care_notifications.core.check_ins.answering import COMPLAINT
from care_notifications.core.check_ins.content import Kind, Sheet
from care_notifications.core.check_ins.listen import OVERWHELMED
from care_scoring.core.questionnaires import PHQ_2, SOCIAL_NEEDS, ZARIT_4, plain_name
from care_scoring.core.settings.feedback import FeedbackSettings
from care_shared.errors import ConfigurationError
from tests.check_in_stories import CATALOGUE

SHEETS = [
    pytest.param(sheet, id=f"{code} in {language}")
    for code, spoken in CATALOGUE.sheets.items()
    for language, sheet in spoken.items()
]


@pytest.mark.parametrize("code", sorted(CATALOGUE.sheets))
def test_what_is_there_in_english_is_there_in_spanish_with_the_same_questions_and_points(code):
    spoken = CATALOGUE.sheets[code]

    assert set(spoken) == {"en", "es"}
    assert spoken["en"].shape == spoken["es"].shape
    assert spoken["en"].title != spoken["es"].title, "translated, not copied"


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_sheet_says_who_reviewed_it_when_and_whose_words_it_holds(sheet):
    assert sheet.reviewed.by
    assert sheet.reviewed.date.year >= 2026
    assert len(sheet.licence) > 10


@pytest.mark.parametrize("code", ["mood", "caregiver-strain", "social-needs"])
def test_private_topics_are_marked_private(code):
    assert CATALOGUE.sheets[code]["en"].private


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_grave_answer_shows_help_at_once(language):
    mood = CATALOGUE.sheets["mood"][language]
    assert "988" in mood.crisis["call-988"]
    assert all(choice.crisis == "call-988" for one in mood.questions for choice in one.choices if choice.points >= 2)

    symptoms = CATALOGUE.sheets["heart-failure-symptoms"][language]
    assert "911" in symptoms.crisis["call-911"]
    chest = symptoms.question("chest-pain")
    assert [choice.crisis for choice in chest.choices if choice.points] == ["call-911"]

    needs = CATALOGUE.sheets["social-needs"][language]
    assert "1-800-799-7233" in needs.crisis["safety"]


def test_the_names_are_those_that_scoring_reads():
    names = {code: spoken["en"].name for code, spoken in CATALOGUE.sheets.items()}

    assert plain_name(names["mood"]) == PHQ_2
    assert plain_name(names["caregiver-strain"]) == ZARIT_4
    assert plain_name(names["social-needs"]) == SOCIAL_NEEDS
    surveys = tuple(FeedbackSettings().surveys)
    assert names["feeling-heard"].startswith(surveys)
    assert names["medicines"].startswith(surveys)


def test_scoring_reads_every_item_of_the_social_questions():
    items = {question.id for question in CATALOGUE.sheets["social-needs"]["en"].questions}

    assert items == {
        "housing", "housing_problems", "food_worried", "food_ran_out", "transport", "utilities",
        "safety_1", "safety_2", "safety_3", "safety_4",
    }  # fmt: skip


def test_the_survey_has_the_answers_that_rules_wait_for():
    asked = {question.id for question in CATALOGUE.sheets["feeling-heard"]["en"].questions}

    assert {"knew-medicines", "knew-whom-to-call", "felt-heard", OVERWHELMED, COMPLAINT} == asked


@pytest.mark.parametrize("words", CATALOGUE.words.values(), ids=list(CATALOGUE.words))
def test_a_message_says_nothing_about_health(words):
    text = f"{words.subject} {words.message}".casefold()

    assert not re.search(r"health|patient|hospital|care|medic|nurse|doctor|salud|paciente|atenci|clínic", text)
    assert len(words.message.format(sender="CareLead", link="https://carelead.example/c/" + "x" * 22)) <= 160


def test_leaflets_ask_nothing_and_say_when_to_call_911():
    leaflets = [
        spoken[one] for spoken in CATALOGUE.sheets.values() for one in spoken if spoken[one].kind is Kind.LEAFLET
    ]

    assert len(leaflets) == 4
    assert all("911" in " ".join(leaflet.text) for leaflet in leaflets)


SHEET = yaml.safe_load((content_folder() / "en" / "mood.yaml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param({"questions": []}, "asks something", id="a questionnaire without questions"),
        pytest.param({"name": ""}, "name of the instrument", id="an instrument without its name"),
        pytest.param({"crisis": {}}, "do not match", id="an answer that calls for help that is not there"),
        pytest.param({"kind": "symptoms"}, "named after the symptom", id="a symptom nobody knows"),
        pytest.param({"reviewed": None}, "valid dictionary", id="not reviewed"),
        pytest.param(
            {"questions": [*SHEET["questions"], SHEET["questions"][0]]}, "same id", id="two questions of one id"
        ),
    ],
)
def test_a_sheet_that_is_not_right_is_refused(change, problem):
    with pytest.raises(ValidationError, match=problem):
        Sheet.model_validate(SHEET | change)


def test_a_translation_that_asks_otherwise_is_refused(tmp_path):
    shipped = content_folder()
    for language in ("en", "es"):
        (tmp_path / language).mkdir()
        for file in (shipped / language).iterdir():
            (tmp_path / language / file.name).write_text(file.read_text("utf-8"), "utf-8")
    (tmp_path / "schedule.yaml").write_text((shipped / "schedule.yaml").read_text("utf-8"), "utf-8")
    spanish = tmp_path / "es" / "mood.yaml"
    spanish.write_text(spanish.read_text("utf-8").replace("points: 3", "points: 4"), "utf-8")

    with pytest.raises(ConfigurationError, match="mood asks otherwise in es than in en"):
        read_catalogue(content_folder(str(tmp_path)))


@pytest.mark.parametrize(
    ("spoken", "used"),
    [("es", "es"), ("es-MX", "es"), ("spa", "es"), ("en-US", "en"), ("vi", "en"), ("", "en"), ("ES", "es")],
)
def test_the_language_that_is_used(spoken, used):
    assert CATALOGUE.language_for(spoken) == used
