"""Attacks 1 to 7, 10 and 11 on the MLLP door of a running intake: what each gets, and that nobody else notices."""

import asyncio
import hashlib
import ssl
from pathlib import Path

import pytest
import pytest_asyncio

from care_intake.adapters.mllp import MllpServer
from care_intake.adapters.mllp_client import MllpClient
from care_intake.adapters.mllp_frames import DEFAULT_MAX_FRAME_BYTES, framed
from care_intake.adapters.mllp_terms import MllpEndpoint, MllpEvent, MllpEventName, MllpLimits, Reply
from care_intake.adapters.mllp_tls import Peer
from care_shared.errors import NotReadyError
from tests.intake_builders import adt
from tests.intake_world import IntakeWorld, until
from tests.integration.test_mllp import Authority, client_context

pytestmark = [pytest.mark.stack, pytest.mark.asyncio(loop_scope="module")]

SOON = 30.0  # the end of patience, never a measure
MEGABYTE = 1024 * 1024
# What a hostile frame may leave behind: less than the cap of one frame, twice; the allocator keeps some.
ROOM = 3 * DEFAULT_MAX_FRAME_BYTES
CANARY = "Quackenbush"


async def everything(reader: asyncio.StreamReader) -> bytes:
    """All that still comes until the other side hangs up."""
    heard = b""
    async with asyncio.timeout(SOON):
        try:
            while packet := await reader.read(65_536):
                heard += packet
        except ConnectionError:
            pass
    return heard


async def poured(port: int, stream: bytes) -> bytes:
    """The answer to a stream that is written as fast as the other side takes it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(stream)
        await writer.drain()
    except ConnectionError:
        pass  # hung up on, as it should be
    heard = await everything(reader)
    writer.close()
    return heard


async def test_1_ten_megabytes_without_an_end_are_hung_up_on_without_an_answer_and_memory_stays_flat(
    world: IntakeWorld,
) -> None:
    await poured(world.mllp, b"\x0b" + b"A" * (10 * MEGABYTE))  # whatever a first time allocates for good
    before = world.memory()
    for _ in range(20):
        assert await poured(world.mllp, b"\x0b" + CANARY.encode() + b"A" * (10 * MEGABYTE)) == b""

    assert world.memory() - before < ROOM
    assert 'care_intake_mllp_events_total{event="frame.refused"} 21.0' in await world.metrics()
    told = [line for line in world.lines() if line["event"] == "mllp.connection"]
    assert {line["kind"] for line in told} == {"frame.refused"}
    assert CANARY not in world.log.read_text()
    async with MllpClient("127.0.0.1", world.mllp, SOON) as hospital:
        assert b"MSA|AA|M1" in await hospital.send(adt("A01"))


async def test_2_five_hundred_connections_that_drip_are_capped_and_cut_off_while_another_sender_is_served() -> None:
    """The limits of production, with seconds for its minutes."""
    events: list[MllpEvent] = []
    limits = MllpLimits(frame_timeout=3.0, idle_timeout=30.0)

    async def receive(message: bytes, peer: Peer) -> Reply:
        return b"ACK " + message

    server = MllpServer(MllpEndpoint("127.0.0.1", 0), receive, limits, observe=events.append)
    async with server, asyncio.timeout(SOON):
        _, other = hospital = await asyncio.open_connection("127.0.0.1", server.port, local_addr=("127.0.0.2", 0))
        drips = [asyncio.create_task(_dripping(server.port)) for _ in range(500)]
        for number in range(60):
            other.write(framed(b"MSH|%d" % number))
            answer = framed(b"ACK MSH|%d" % number)
            assert await hospital[0].readexactly(len(answer)) == answer
            await asyncio.sleep(0.05)
        await asyncio.gather(*drips)
        other.close()
    names = [(event.name, event.reason) for event in events]
    # In the crowd some are counted against the limit of all before they are counted against their sender's.
    assert [name for name, _ in names].count(MllpEventName.REFUSED) == 400
    assert names.count((MllpEventName.TIMED_OUT, "a frame does not end")) == 100


async def _dripping(port: int) -> None:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x0b")
        while True:
            writer.write(b"A")
            await writer.drain()
            await asyncio.sleep(0.2)
    except ConnectionError:
        return


async def test_3_two_messages_in_one_packet_get_two_answers_in_order_and_one_over_fifty_packets_gets_one(
    world: IntakeWorld,
) -> None:
    two = framed(adt("A01", control_id="FIRST")) + framed(adt("A08", control_id="SECOND"))
    reader, writer = await asyncio.open_connection("127.0.0.1", world.mllp)
    writer.write(two)
    writer.write_eof()
    heard = await everything(reader)
    writer.close()
    assert heard.count(b"MSA|AA|") == 2
    assert heard.index(b"MSA|AA|FIRST") < heard.index(b"MSA|AA|SECOND")

    one = framed(adt("A03", control_id="THIRD"))
    size = len(one) // 49
    reader, writer = await asyncio.open_connection("127.0.0.1", world.mllp)
    for at in range(0, len(one), size):
        writer.write(one[at : at + size])
        await writer.drain()
        await asyncio.sleep(0)
    writer.write_eof()
    heard = await everything(reader)
    writer.close()
    assert (heard.count(b"MSA|"), heard.count(b"MSA|AA|THIRD")) == (1, 1)


@pytest.mark.parametrize(
    ("message", "place"),
    [
        pytest.param(b"MSH|^^\\&|A|B\rPID|1", b"MSH^1^2", id="6 a separator twice"),
        pytest.param(b"MSH|ab\\&|A|B\rPID|1", b"MSH^1^2", id="6 letters as separators"),
        pytest.param(b"MSHA^~\\&A|B\rPID|1", b"MSH^1^1", id="6 a letter as field separator"),
        pytest.param(b"PID|1||4711\rPV1|1|I", b"MSH^1", id="6 no header at all"),
        pytest.param(b"\xff\xfeM\x00S\x00H\x00", b"MSH^1^18", id="7 UTF-16"),
        pytest.param(adt("A01").replace(b"SIM^", b"S\xffM^"), b"MSH^1^18", id="7 bytes that are not UTF-8"),
        pytest.param(adt("A01").replace(b"SIM^", b"S\x00M^"), b"PID^1^5", id="7 a NUL in a name"),
        pytest.param(adt("A01", pid={5: "A\x1b[31mB"}), b"PID^1^5", id="9 an escape sign for terminals in a name"),
    ],
)
async def test_6_and_7_what_cannot_be_read_is_a_no_that_names_the_field(
    world: IntakeWorld, message: bytes, place: bytes
) -> None:
    async with MllpClient("127.0.0.1", world.mllp, SOON) as hospital:
        answer = await hospital.send(message)
        assert b"MSA|AA|M1" in await hospital.send(adt("A01")), "the line is still good"

    assert b"MSA|AR" in answer or b"MSA|AE" in answer
    if place in (b"MSH^1", b"MSH^1^1", b"MSH^1^2"):
        assert b"MSA|AR" in answer
        assert b"|100^Segment sequence error" in answer or b"^100&Segment sequence error" in answer
    assert b"ERR||" + place in answer or b"ERR|" + place in answer
    kept = await world.query("SELECT verdict FROM receipts WHERE raw = $1", message)
    assert [row["verdict"] for row in kept] == ["quarantined"]


async def test_10_one_message_a_thousand_times_at_once_is_one_event_and_a_thousand_equal_answers(
    world: IntakeWorld,
) -> None:
    async def twenty() -> list[bytes]:
        async with MllpClient("127.0.0.1", world.mllp, SOON) as line:
            for _ in range(20):
                await line.post(adt("A03", control_id="THOUSAND"))
            return [await line.answer() for _ in range(20)]

    answers = [answer for some in await asyncio.gather(*(twenty() for _ in range(50))) for answer in some]

    assert len(answers) == 1000
    assert len(set(answers)) == 1
    assert b"MSA|AA|THOUSAND" in answers[0]
    kept = await world.query("SELECT receipt_id FROM receipts WHERE control_id = 'THOUSAND'")
    said = await world.query("SELECT event_id FROM receipt_facts WHERE receipt_id = $1", kept[0]["receipt_id"])
    assert (len(kept), len(said)) == (1, 2)
    await until(world.all_published, "the event is published")
    heard = [event_id for _, event_id in await world.records()]
    assert [heard.count(row["event_id"]) for row in said] == [1, 1]


async def test_11_the_same_number_with_other_content_is_a_conflict_that_is_kept_and_not_published(
    world: IntakeWorld,
) -> None:
    async with MllpClient("127.0.0.1", world.mllp, SOON) as hospital:
        first = await hospital.send(adt("A03", control_id="SAME"))
        other = await hospital.send(adt("A03", control_id="SAME", pid={5: "OTHER"}))
        again = await hospital.send(adt("A03", control_id="SAME"))

    assert b"MSA|AA|SAME" in first
    assert first == again
    assert b"MSA|AE|SAME" in other
    assert b"205^Duplicate key identifier" in other
    rows = await world.query("SELECT verdict, (SELECT count(*) FROM receipt_facts f WHERE f.receipt_id = r.receipt_id)"
                             " FROM receipts r WHERE control_id = 'SAME' ORDER BY verdict")  # fmt: skip
    assert [tuple(row) for row in rows] == [("accepted", 2), ("conflict", 0)]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ours"), "CareLead")


@pytest.fixture(scope="module")
def north(ours: Authority) -> tuple[Path, Path]:
    """What the hospital in the north shows."""
    return ours.issue("/CN=north")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def guarded(
    world: IntakeWorld, ours: Authority, north: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory
) -> IntakeWorld:
    """Intake as in production: client certificates, and a file of sources that says whose they are."""
    await world.end()
    certificate, key = ours.issue("/CN=localhost")
    fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(north[0].read_text())).hexdigest()
    file = tmp_path_factory.mktemp("guarded") / "sources.yaml"
    file.write_text(
        "sources:\n  - name: north\n    zone: America/Chicago\n"
        f"    certificates: ['{fingerprint}']\n    senders: [{{application: ADT1, facility: NORTH}}]\n"
    )
    world.extra |= {
        "CARE_INTAKE_SOURCES_FILE": str(file),
        "CARE_INTAKE_MLLP_CERTIFICATE_FILE": str(certificate),
        "CARE_INTAKE_MLLP_KEY_FILE": str(key),
        "CARE_INTAKE_MLLP_CLIENT_CA_FILE": str(ours.certificate),
    }
    return await world.start()


async def test_4_the_certificate_of_one_hospital_with_the_name_of_another_is_refused_and_nothing_is_published(
    guarded: IntakeWorld, ours: Authority, north: tuple[Path, Path]
) -> None:
    async with MllpClient("localhost", guarded.mllp, SOON, client_context(ours, north)) as hospital:
        forged = await hospital.send(adt("A01", control_id="FORGED"))
        own = await hospital.send(adt("A01", control_id="OWN").replace(b"|GENERAL|", b"|NORTH|"))

    assert b"MSA|AR|FORGED" in forged
    assert b"ERR||MSH^1^4|" in forged
    assert b"MSA|AA|OWN" in own
    kept = await guarded.query(
        "SELECT control_id, verdict, (SELECT count(*) FROM receipt_facts f WHERE f.receipt_id = r.receipt_id)"
        " FROM receipts r WHERE control_id IN ('FORGED', 'OWN') ORDER BY 1"
    )
    assert [tuple(row) for row in kept] == [("FORGED", "rejected", 0), ("OWN", "accepted", 2)]
    assert 'care_intake_messages_total{format="hl7v2",source="north",verdict="rejected"} 1.0' in await guarded.metrics()


@pytest.mark.parametrize("wrong", ["no certificate", "an expired one", "one of another authority", "TLS 1.1"])
async def test_5_without_a_good_certificate_the_handshake_fails_and_the_log_names_nobody(
    guarded: IntakeWorld, ours: Authority, north: tuple[Path, Path], tmp_path: Path, wrong: str
) -> None:
    context = {
        "no certificate": lambda: client_context(ours),
        "an expired one": lambda: client_context(ours, ours.issue(f"/CN={CANARY}", days=-1)),
        "one of another authority": lambda: client_context(
            ours, Authority(tmp_path, "Stranger").issue(f"/CN={CANARY}")
        ),
        "TLS 1.1": lambda: client_context(ours, north),
    }[wrong]()
    if wrong == "TLS 1.1":
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1

    with pytest.raises(NotReadyError):
        async with MllpClient("localhost", guarded.mllp, SOON, context) as stranger:
            await stranger.send(adt("A01", control_id="STRANGER", pid={5: CANARY}))

    assert not await guarded.query("SELECT 1 FROM receipts WHERE control_id = 'STRANGER'")
    assert CANARY not in guarded.log.read_text()
    assert all(line["event"] for line in guarded.lines())
