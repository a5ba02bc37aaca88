"""How many microseconds one discharge message (ADT^A03, 8 segments) costs to read, beside the PyPI library `hl7`."""

import gc
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

import hl7

from care_intake.core.hl7.acks import AckStamp, Outcome, acknowledge
from care_intake.core.hl7.parser import parse
from care_intake.core.hl7.reply_to import reply_to
from care_intake.core.hl7.timestamps import parse_timestamp

DOCTOR = "1093701245^WELBY^MARCUS^^^^^^NPI"
A03 = "\r".join(
    [
        r"MSH|^~\&|ADT1|GOOD HEALTH^1.2.3^ISO|CARELEAD|ACO|20261120143012-0500||ADT^A03^ADT_A03|MSG0004711|P|2.5.1|||"
        "AL|NE||UNICODE UTF-8",
        "EVN|A03|20261120143000-0500|||8041^DOE^ANNA",
        "PID|1||MRN48213^^^GOODHEALTH&1.2.3&ISO^MR~1EG4TE5MK73^^^CMS&2.16.840.1.113883.4.927&ISO^MC||SIM^PATIENT^Q||"
        "19410322|F|||12 MAIN ST^^ANYTOWN^OH^44001||^PRN^PH^^1^555^0100|||M|||ACC99812",
        f"PD1||||{DOCTOR}",
        f"PV1|1|I|4WEST^412^A^GOODHEALTH|U|||{DOCTOR}|||MED||||7|||{DOCTOR}|IP|V2026112|MCR||||||||||||||||06|||"
        "GOODHEALTH||DIS|||20261114080500-0500|20261120142200-0500",
        "PV2|||I50.9^Heart failure^I10",
        "DG1|1||I50.23^Acute on chronic systolic heart failure^I10|||F",
        "IN1|1|MCR^Medicare|CMS|MEDICARE||||||||||||A",
    ]
).encode()

ZONE = ZoneInfo("America/New_York")
HEADER = ("MSH-9.1", "MSH-9.2", "MSH-10", "MSH-11", "MSH-12")
STAY = ("EVN-2", "PV1-2", "PV1-3.4", "PV1-19", "PV1-36", "PV1-44", "PV1-45")
PATHS = (*HEADER, *STAY)


def ours() -> tuple[str, ...]:
    """What a translator of discharges reads: header, the stay, all patient ids with authority and type."""
    message = parse(A03)
    read = [message.text(path) for path in PATHS]
    for value in message.segments("PID")[0].repetitions(3):
        read += (value.text, value.component(4), value.component(5))
    return (*read, message.text("DG1-3"), message.text("PID-7"))


def theirs() -> tuple[str, ...]:
    """The same fields through `hl7`."""
    message = hl7.parse(A03.decode())
    read = [_theirs_at(message, path) for path in PATHS]
    for repetition in message.segment("PID")(3):
        read += [str(repetition(1)), str(repetition(4)(1)), str(repetition(5))]
    return (*read, _theirs_at(message, "DG1-3.1"), _theirs_at(message, "PID-7"))


def _theirs_at(message: hl7.Message, path: str) -> str:
    segment, _, rest = path.partition("-")
    field, _, component = rest.partition(".")
    found = message.segment(segment)(int(field))
    return str(found(1)(int(component))) if component else str(found)


def ours_with_times_and_ack() -> None:
    """Parse, needed fields, both times, and the acknowledgement."""
    fields = ours()
    parse_timestamp(fields[10], "PV1-44", ZONE)
    end = parse_timestamp(fields[11], "PV1-45", ZONE)
    acknowledge(reply_to(A03), Outcome.ACCEPTED, AckStamp("1", end.at))


def microseconds(work: Callable[[], object], rounds: int, repeats: int = 7) -> dict[str, float]:
    """Best and median of several rounds of CPU time."""
    taken = []
    for _ in range(repeats):
        started = time.process_time_ns()
        for _ in range(rounds):
            work()
        taken.append((time.process_time_ns() - started) / rounds / 1000)
    return {"best_us": round(min(taken), 2), "median_us": round(statistics.median(taken), 2)}


def main() -> None:
    """Print one JSON object."""
    if ours() != theirs():
        sys.exit("the two parsers disagree, the comparison would be worthless")
    gc.disable()
    ours_all, theirs_all = microseconds(ours, 5000), microseconds(theirs, 200)
    result = {
        "message": {"bytes": len(A03), "segments": A03.count(b"\r") + 1, "fields_read": len(ours())},
        "parse_only": microseconds(lambda: parse(A03), 5000),
        "parse_and_fields": ours_all,
        "parse_fields_times_ack": microseconds(ours_with_times_and_ack, 5000),
        "hl7_parse_and_fields": theirs_all,
        "times_faster_than_hl7": round(theirs_all["median_us"] / ours_all["median_us"], 1),
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
