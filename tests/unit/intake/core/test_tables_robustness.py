"""Whatever a vendor writes into a table or a data point ends in a verdict, and never in a fault of ours."""

import json

from hypothesis import given
from hypothesis import strategies as st

from care_intake.core.effects import Accept, Quarantine, Reject, verdict_of
from care_intake.core.formats import Format, sniff
from care_intake.core.translators.open_mhealth import MEASURES
from tests.intake_builders import judge, roster, table

TABLES = [form for form in Format if form.is_table]
SAMPLES = {
    Format.EVV_TABLE: table(
        "Visit ID,MRN,Schedule Date,Scheduled Start,Scheduled End,Actual Start,Status,Reason,Exception,Manual",
        "1,4711,11/20/2026,9:00 AM,10:00 AM,9:02 AM,missed,210,3,Y",
        "2,4711,2026-11-21,9:00 AM,10:00 AM,,,,,",
    ),
    Format.ROSTER: roster("1,ANN", "2,BEA"),
    Format.ABSENCES: table("Lead,Covered by,From,To", "cm-1,cm-2,12/20/2026,01/03/2027"),
    Format.READINGS_TABLE: table("MRN,Vital,Value,Unit,Measured at,Flag", "1,BP,120/80,mmHg,2026-11-20 7:25 AM,motion"),
}
CELLS = st.text(st.sampled_from('0123456789:/-. APMTZ"=,;#\n\r\t%٣é\U0001f600'), max_size=24)
POINTS = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | CELLS,
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            [*MEASURES, "header", "body", "user_id", "value", "unit", "effective_time_frame", "date_time",
             "time_interval", "start_date_time", "duration", "external_datasheets", "acquisition_provenance"]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@given(st.binary(max_size=300) | CELLS.map(str.encode), st.sampled_from(TABLES))
def test_any_bytes_end_in_a_verdict(body: bytes, form: Format) -> None:
    sniff(body)
    assert verdict_of(judge(body, form=form).decision.effect)


@given(st.sampled_from(TABLES), st.data())
def test_any_cell_of_a_good_table_may_hold_anything(form: Format, data: st.DataObject) -> None:
    """And no two facts of one file share an id."""
    lines = SAMPLES[form].decode().splitlines()
    row = data.draw(st.integers(0, len(lines) - 1))
    cells = lines[row].split(",")
    place = data.draw(st.integers(0, len(cells) - 1))
    cells[place] = data.draw(CELLS)
    lines[row] = ",".join(cells)

    effect = judge("\r\n".join(lines).encode(), form=form).decision.effect

    if isinstance(effect, Accept):
        assert all(len(one.event_ids) == len(one.facts) for one in effect.said.translations)
        ids = [event_id for one in effect.said.translations for event_id in one.event_ids]
        assert len(ids) == len(set(ids))


@given(POINTS)
def test_any_data_point_ends_in_a_verdict(value: object) -> None:
    effect = judge(json.dumps(value).encode(), form=Format.OPEN_MHEALTH).decision.effect

    if isinstance(effect, Quarantine | Reject):
        assert effect.error.field
