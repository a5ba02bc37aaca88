"""The commands that need no server: what they print, how they end, and that bad input costs one line and no more."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.intake_builders import adt

CARELEAD = Path(sys.executable).with_name("carelead")
SHIPPED_POLICY = Path(__file__).parents[3] / "services/scoring/care_scoring/policies/default.yaml"
DISCHARGED = {
    "type": "hospital-discharged",
    "event_id": "e1",
    "patient_id": "p1",
    "occurred_at": "2027-03-01T15:00:00Z",
    "recorded_at": "2027-03-01T15:05:00Z",
    "source": "hospital",
    "encounter_id": "s1",
    "encounter_class": "inpatient",
    "disposition": "home",
    "facility_zone": "America/New_York",
}


def carelead(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([CARELEAD, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60)


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def history(tmp_path: Path) -> Path:
    file = tmp_path / "history.jsonl"
    file.write_text(json.dumps(DISCHARGED) + "\n")
    return file


def test_evaluate_tells_the_silence_now_and_the_alert_when_the_deadline_has_passed(history: Path) -> None:
    before = carelead("evaluate", history)
    after = carelead("evaluate", history, "--until", "2027-03-04T12:00:00-05:00")

    assert [
        (one["effect"], one.get("reason")) for one in lines(before.stdout) if one.get("rule_id") == "TCM-CONTACT"
    ] == [("silence", "contact_pending")]
    told = [one for one in lines(after.stdout) if one["effect"] == "alert"]
    alerts = [one for one in told if one.get("rule_id") == "TCM-CONTACT"]
    assert alerts[0]["change"] == "opened"
    assert alerts[-1]["reason"] == "contact_overdue"
    assert alerts[-1]["due_at"] == "2027-03-04T04:59:59Z"
    assert (before.returncode, after.returncode) == (0, 0)


def test_evaluate_tells_the_scores_and_how_they_stand(history: Path) -> None:
    changes = lines(carelead("evaluate", history).stdout)
    standing = lines(carelead("evaluate", history, "--at", "2027-03-02T12:00:00-05:00").stdout)

    told = [(one["score"], one.get("value"), one["missing"]) for one in changes if one["effect"] == "score"]
    assert ("lace", None, ["length_of_stay", "acute", "comorbidity_sum"]) in told
    scores = {one["model"]: (one["status"], one["total"]) for one in standing if one["says"] == "score"}
    assert (scores["lace"], scores["outreach-priority"][0]) == (("not computed", None), "computed")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("no json", "line 2, the line: is not JSON", id="not JSON"),
        pytest.param('{"type":"Quillfeather"}', "line 2, the line: is not a kind of fact we know", id="unknown kind"),
        pytest.param(
            json.dumps({**DISCHARGED, "occurred_at": "Quillfeather"}),
            "line 2, hospital-discharged.occurred_at",
            id="a field that is no time",
        ),
    ],
)
def test_evaluate_names_line_and_field_of_a_bad_fact_and_never_its_value(history: Path, line: str, said: str) -> None:
    with history.open("a") as file:
        file.write(line + "\n")
    found = carelead("evaluate", history)

    assert found.returncode == 65
    assert said in found.stderr
    assert "Quillfeather" not in found.stderr
    assert len(found.stderr.splitlines()) == 1


def test_evaluate_reads_a_file_as_other_systems_write_it(history: Path, tmp_path: Path) -> None:
    other = tmp_path / "windows.jsonl"
    other.write_bytes(b"\xef\xbb\xbf\r\n" + history.read_bytes().replace(b"\n", b"\r\n") * 2 + b" \r\n")

    assert carelead("evaluate", other).stdout == carelead("evaluate", history).stdout


def test_evaluate_says_that_a_file_holds_no_facts(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_text("\n\n")
    found = carelead("evaluate", tmp_path / "empty.jsonl")

    assert (found.returncode, found.stdout) == (0, "")
    assert found.stderr.endswith("empty.jsonl holds no facts\n")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        pytest.param("occurred_at", "2027-03-01T15:00:00", "should have timezone info", id="a time without a zone"),
        pytest.param(
            "occurred_at", "9999-12-31T23:59:59Z", "lies beyond the calendar", id="a year nobody reckons with"
        ),
        pytest.param("recorded_at", "0001-01-01T00:00:00Z", "lies beyond the calendar", id="the year 1"),
    ],
)
def test_evaluate_refuses_times_that_no_rule_can_reckon_with(history: Path, field: str, value: str, said: str) -> None:
    history.write_text(json.dumps(DISCHARGED | {field: value}))
    found = carelead("evaluate", history)

    assert (found.returncode, found.stdout) == (65, "")
    assert f"line 1, hospital-discharged.{field}" in found.stderr
    assert said in found.stderr


def test_evaluate_tells_of_a_hospital_with_a_very_long_name(history: Path) -> None:
    history.write_text(json.dumps(DISCHARGED | {"facility": "Saint Mary " * 30}))
    found = carelead("evaluate", history, "--until", "2027-03-04T12:00:00-05:00")

    assert found.returncode == 0
    assert {len(str(one["explanation"])) <= 256 for one in lines(found.stdout) if one["effect"] == "alert"} == {True}


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1,5", ""])
def test_a_trend_of_what_is_no_number_is_refused_with_its_line(tmp_path: Path, value: str) -> None:
    file = tmp_path / "values.csv"
    file.write_text(f'time,value\n2027-03-01,142\n2027-03-02,"{value}"\n')
    found = carelead("score", "trend", file)

    assert (found.returncode, found.stderr) == (65, "carelead: line 3, column 2 is not a number\n")


def test_the_exit_codes_are_told() -> None:
    assert "65 the input cannot be used" in " ".join(carelead("--help").stdout.split())


def test_evaluate_refuses_an_hour_without_an_offset(history: Path) -> None:
    found = carelead("evaluate", history, "--until", "2027-03-04T12:00:00")

    assert (found.returncode, found.stderr) == (65, "carelead: --until needs an offset, such as -05:00 or Z\n")


def test_translate_says_who_is_whom_also_when_a_message_says_nothing_else(tmp_path: Path) -> None:
    link = tmp_path / "link.hl7"
    link.write_bytes(adt("A24", more="PID|2||4712^^^1.2.3&1.2.3&ISO^MR"))

    found = carelead("translate", link)

    [line] = [json.loads(one) for one in found.stdout.splitlines()]
    assert [one["value"] for one in line["one person"]] == ["4711", "4712"]


def test_translate_prints_facts_and_a_rejection_and_ends_with_1(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.hl7", tmp_path / "bad.hl7"
    good.write_text(
        "MSH|^~\\&|ADT|HOSP|X|Y|20270301100000-0500||ADT^A03^ADT_A03|1|P|2.5.1\n"
        "EVN|A03|20270301100000-0500\nPID|1||77^^^HOSP^MR||Doe^Jo\n"
        "PV1|1|I|||||||||||||||||V1^^^HOSP^VN|||||||||||||||||01|||||||||20270301095500-0500\n"
    )
    bad.write_text("PID|1||77^^^HOSP^MR||Doe^Jo\n")
    found = carelead("translate", good, bad)
    told = lines(found.stdout)

    facts = [one["fact"] for one in told if "fact" in one]
    assert [fact["type"] for fact in facts if isinstance(fact, dict)] == ["patient-updated", "hospital-discharged"]
    assert [(one["rejected"], one["field"]) for one in told if "rejected" in one] == [("quarantine", "MSH")]
    assert found.returncode == 1
    assert found.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param((), {"n": 10, "s": 39, "variance": 125.0, "slope": 4.5, "per": "day"}, id="vector T1, one a day"),
        pytest.param(("--period", "5"), {"n": 10, "s": 5, "variance": 5.0, "per": "season of 5 samples"}, id="seasons"),
    ],
)
def test_score_trend_gives_the_numbers_of_the_test(
    tmp_path: Path, arguments: tuple[str, ...], expected: dict[str, object]
) -> None:
    values = (142, 150, 147, 158, 163, 160, 171, 176, 174, 185)
    file = tmp_path / "t1.csv"
    file.write_text("time,value\n" + "".join(f"2027-03-{day:02d},{value}\n" for day, value in enumerate(values, 1)))
    found = carelead("score", "trend", file, "--json", *arguments)
    numbers = json.loads(found.stdout)

    assert {name: numbers[name] for name in expected} == expected


def test_score_trend_compares_slots_with_themselves_only(tmp_path: Path) -> None:
    """clinical vector T9: the two slots show what the mixed series hides."""
    rows = [f"{day},{value},fasting" for day, value in enumerate((120, 124, 123, 128, 131))]
    rows += [f"{day + 0.5},{value},bedtime" for day, value in enumerate((180, 179, 186, 188, 193))]
    file = tmp_path / "t9.csv"
    file.write_text("time,value,slot\n" + "\n".join(rows) + "\n")
    numbers = json.loads(carelead("score", "trend", file, "--json").stdout)

    assert (numbers["s"], round(numbers["variance"], 2), round(numbers["z"], 3)) == (16, 33.33, 2.598)
    assert (round(numbers["p"], 4), numbers["slope"]) == (0.0094, 3.0)


def test_score_trend_names_the_line_that_is_no_number(tmp_path: Path) -> None:
    file = tmp_path / "x.csv"
    file.write_text("time,value\n1,2\n2,Quillfeather\n")
    found = carelead("score", "trend", file)

    assert (found.returncode, found.stderr) == (65, "carelead: line 3, column 2 is not a number\n")


def test_policy_check_is_content_with_the_policy_we_ship() -> None:
    found = carelead("policy", "check", SHIPPED_POLICY)

    assert found.returncode == 0
    assert "good" in found.stdout


def test_policy_check_names_the_key_that_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(SHIPPED_POLICY.read_text().replace("business_days: 2", "busines_days: 2"))
    found = carelead("policy", "check", file)

    assert found.returncode == 78
    assert "thresholds.discharge_contact.busines_days" in found.stderr
    assert len(found.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("evaluate", "nowhere.jsonl"), id="evaluate"),
        pytest.param(("score", "trend", "nowhere.csv"), id="score trend"),
        pytest.param(("policy", "check", "nowhere.yaml"), id="policy check"),
        pytest.param(("translate", "nowhere.hl7"), id="translate"),
        pytest.param(("feed", "nowhere"), id="feed"),
    ],
)
def test_a_file_that_is_not_there_costs_one_line(arguments: tuple[str, ...]) -> None:
    found = carelead(*arguments)

    assert found.returncode == 1
    assert found.stderr.startswith("carelead: ")
    assert len(found.stderr.splitlines()) == 1


def test_evaluate_at_a_moment_says_what_every_rule_says_and_when_it_looks_again(history: Path) -> None:
    found = lines(carelead("evaluate", history, "--at", "2027-03-02T12:00:00-05:00", "--rule", "TCM-CONTACT").stdout)

    assert [(one["rule_id"], one["says"], one["reason"]) for one in found] == [
        ("TCM-CONTACT", "silent", "contact_pending")
    ]
    assert found[0]["looks_again_at"] == "2027-03-03T17:00:00+00:00"


def test_evaluate_knows_no_rule_that_is_not_in_the_rule_book(history: Path) -> None:
    found = carelead("evaluate", history, "--rule", "TCM-CONTRACT")

    assert found.returncode == 1
    assert "there is no rule of that name; there are TCM-CONTACT, " in found.stderr


@pytest.fixture
def later(tmp_path: Path) -> Path:
    file = tmp_path / "later.yaml"
    file.write_text('version: "later"\nthresholds: {discharge_contact: {business_days: 3}}\n')
    return file


def test_backtest_of_a_file_prints_what_differs_and_nobody(history: Path, later: Path) -> None:
    arguments = ["backtest", "--policy", later, "--facts", history, "--since", "2027-03-01", "--rule", "TCM-CONTACT"]
    arguments += ["--until", "2027-03-10T00:00:00Z"]
    told, as_json = carelead(*arguments), carelead(*arguments, "--json")

    assert told.stdout.splitlines()[0] == "policy 2026-11-26 → later, 2027-03-01 to 2027-03-10"
    assert "2027-03-03 17:00Z P2 to P1 → 2027-03-04 17:00Z P2 to P1" in told.stdout
    found = lines(as_json.stdout)[0]
    assert (found["before"], found["after"], found["facts"]) == (1, 1, 1)
    assert [change["kind"] for change in found["changes"]] == ["later"]
    assert "p1" not in told.stdout.replace("P1", "").split()


def test_backtest_refuses_a_time_without_an_offset_and_a_file_beside_the_topic(history: Path, later: Path) -> None:
    arguments = ["backtest", "--policy", later, "--facts", history]

    assert "--since needs an offset" in carelead(*arguments, "--since", "2027-03-01T12:00:00").stderr
    assert "exclude one another" in carelead(*arguments, "--from-kafka").stderr


def test_policy_check_asks_what_a_careful_reader_would(later: Path) -> None:
    found = carelead("policy", "check", later)

    assert (found.returncode, carelead("policy", "check", later, "--strict").returncode) == (0, 1)
    assert "look at thresholds.discharge_contact.business_days: is looser than what we ship" in found.stdout


def test_policy_diff_says_that_a_number_of_a_score_moves_no_rule(tmp_path: Path) -> None:
    stricter = tmp_path / "stricter.yaml"
    stricter.write_text('version: "later"\nthresholds: {scores: {lace_high_from: 11}}\n', "utf-8")

    found = carelead("policy", "diff", SHIPPED_POLICY, stricter)

    assert "thresholds.scores.lace_high_from: 10 → 11  (scores, no rule)" in found.stdout
    assert found.stdout.splitlines()[-1] == "1 difference; rules: none; patients: 0"


def test_policy_diff_names_keys_rules_and_direction(later: Path) -> None:
    found = carelead("policy", "diff", SHIPPED_POLICY, later)

    rules = ("TCM-CONTACT", "TCM-VISIT", "TCM-MEDREC", "FOLLOW-UP-NO-SHOW")
    assert f"thresholds.discharge_contact.business_days: 2 → 3  ({', '.join(rules)})  LOOSER" in found.stdout
    assert found.stdout.splitlines()[-1] == f"1 difference; rules: {', '.join(sorted(rules))}; patients: 0"
