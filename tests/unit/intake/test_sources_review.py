"""A reviewer of the sources file sees each agreement, what looks doubtful, and what a new version changes."""

from pathlib import Path

from care_intake.adapters.sources import SourceEntry, read_entries
from care_intake.adapters.sources_review import differences, doubts, summary

OLD = """
sources:
  - name: general
    zone: America/New_York
    token_sha256: "1111111111111111111111111111111111111111111111111111111111111111"
    mappings:
      patient_class: {ZZ: inpatient, I: inpatient}
  - name: north
    zone: America/Chicago
"""
NEW = OLD.replace("1111", "2222").replace("ZZ: inpatient", "ZZ: observation, YY: emergency").replace("north", "south")


def entries(folder: Path, text: str) -> list[SourceEntry]:
    file = folder / "sources.yaml"
    file.write_text(text)
    return read_entries(file)


def test_each_source_is_a_line_and_doubts_name_the_entry(tmp_path: Path) -> None:
    found = entries(tmp_path, OLD)

    assert list(summary(found)) == [
        "general: hospital, America/New_York, by token; all senders, 0 issuers, 2 codes, silent after never",
        "north: hospital, America/Chicago, by no way in; all senders, 0 issuers, 0 codes, silent after never",
    ]
    assert list(doubts(found)) == [
        "general: patient_class.I: is not needed; the standard says the same",
        "north: has neither token nor certificate, address or kafka_source, so that nothing can come",
    ]


def test_a_change_is_told_entry_by_entry_and_a_secret_only_by_name(tmp_path: Path) -> None:
    found = list(differences(entries(tmp_path, OLD), entries(tmp_path, NEW)))

    assert found == [
        "- north",
        "+ south",
        "~ general: token_sha256 changed",
        "~ general: mappings.patient_class.ZZ: inpatient → observation",
        "~ general: mappings.patient_class.YY: nothing → emergency",
    ]
    assert list(differences(entries(tmp_path, OLD), entries(tmp_path, OLD))) == []
