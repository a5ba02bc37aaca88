"""Hospitals on real sockets: what they may do wrong, and that every answer is true, complete and in order."""

import asyncio
import socket
import ssl
import struct
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from care_intake.adapters.mllp import MllpServer
from care_intake.adapters.mllp_client import MllpClient
from care_intake.adapters.mllp_frames import framed
from care_intake.adapters.mllp_terms import Fallback, MllpEndpoint, MllpEvent, MllpEventName, MllpLimits, Reply
from care_intake.adapters.mllp_tls import Peer, server_tls
from care_shared.errors import ConfigurationError, NotReadyError, UnusableMessageError

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
SOON = 10.0  # the end of patience, never a measure


class Ward:
    """A server with a desk: messages are answered `ACK <message>` at once, or when the test says so."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.peers: list[Peer] = []
        self.events: list[MllpEvent] = []
        self.held: dict[bytes, asyncio.Future[Reply]] = {}
        self.changed = asyncio.Event()
        self.server: MllpServer

    async def receive(self, message: bytes, peer: Peer) -> Reply:
        self.received.append(message)
        self.peers.append(peer)
        held = self.held.get(message)
        self.changed.set()
        return b"ACK " + message if held is None else await held

    def observe(self, event: MllpEvent) -> None:
        self.events.append(event)
        self.changed.set()

    def hold(self, *messages: bytes) -> None:
        for message in messages:
            self.held[message] = asyncio.get_running_loop().create_future()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(SOON):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def until_told(self, name: MllpEventName, reason: str = "") -> MllpEvent:
        def found() -> list[MllpEvent]:
            return [event for event in self.events if event.name is name and reason in event.reason]

        await self.until(lambda: bool(found()))
        return found()[0]

    def client(self, **more: ssl.SSLContext) -> MllpClient:
        return MllpClient("localhost", self.server.port, timeout=SOON, **more)

    async def call(self) -> Streams:
        return await asyncio.open_connection("127.0.0.1", self.server.port)


@asynccontextmanager
async def listening(
    limits: MllpLimits | None = None,
    fallback: Fallback | None = None,
    tls: ssl.SSLContext | None = None,
    own: MllpLimits | None = None,
) -> AsyncIterator[Ward]:
    """`own` are what the source file allows this sender, whatever holds for everybody."""
    ward = Ward()
    endpoint = MllpEndpoint("localhost", 0, tls)
    ward.server = MllpServer(
        endpoint, ward.receive, limits, fallback, ward.observe, lambda peer, everybody: own or everybody
    )
    async with ward.server:
        yield ward


async def everything(reader: asyncio.StreamReader) -> bytes:
    """All that still comes, until the other side closes or cuts."""
    heard = b""
    async with asyncio.timeout(SOON):
        try:
            while packet := await reader.read(65_536):
                heard += packet
        except ConnectionError:
            pass
    return heard


def answers(*messages: bytes) -> bytes:
    return b"".join(framed(b"ACK " + message) for message in messages)


async def test_a_message_is_passed_on_and_answered() -> None:
    async with listening() as ward, ward.client() as client:
        assert await client.send(b"MSH|1") == b"ACK MSH|1"
        assert await client.send(b"MSH|2") == b"ACK MSH|2"

    assert ward.received == [b"MSH|1", b"MSH|2"]
    assert ward.peers[0].host in {"127.0.0.1", "::1"}
    assert ward.peers[0].certificate is None
    assert [event.name for event in ward.events] == [MllpEventName.OPENED, MllpEventName.CLOSED]


async def test_two_messages_in_one_packet_get_two_answers_in_order() -> None:
    async with listening() as ward:
        reader, writer = await ward.call()
        writer.write(framed(b"1") + framed(b"2"))
        assert await reader.readexactly(len(answers(b"1", b"2"))) == answers(b"1", b"2")
        writer.close()


async def test_one_message_over_fifty_packets_gets_one_answer() -> None:
    message = b"MSH|" * 40
    stream = framed(message)
    async with listening() as ward:
        reader, writer = await ward.call()
        for at in range(0, len(stream), 3):
            writer.write(stream[at : at + 3])
            await writer.drain()
        writer.write_eof()
        assert await everything(reader) == answers(message)
    assert ward.received == [message]


async def test_answers_leave_in_the_order_of_arrival_whatever_is_ready_first() -> None:
    async with listening() as ward:
        ward.hold(b"1", b"2", b"3")
        reader, writer = await ward.call()
        writer.write(framed(b"1") + framed(b"2") + framed(b"3"))
        await ward.until(lambda: len(ward.received) == 3)
        for message in (b"3", b"2", b"1"):
            ward.held[message].set_result(b"ACK " + message)
        assert await reader.readexactly(len(answers(b"1", b"2", b"3"))) == answers(b"1", b"2", b"3")
        writer.close()


async def test_a_message_may_have_no_answer_or_two() -> None:
    async with listening() as ward:
        ward.hold(b"1", b"2", b"3")
        ward.held[b"1"].set_result(None)
        ward.held[b"2"].set_result((b"CA", b"AA"))
        ward.held[b"3"].set_result(())
        reader, writer = await ward.call()
        writer.write(framed(b"1") + framed(b"2") + framed(b"3"))
        writer.write_eof()
        assert await everything(reader) == framed(b"CA") + framed(b"AA")


async def test_with_enough_in_hand_no_more_is_read() -> None:
    """Backpressure reaches the sender: what it writes stays in its own machine."""
    async with listening(MllpLimits(max_in_flight=2)) as ward:
        messages = [b"%d" % number for number in range(5)]
        ward.hold(*messages)
        reader, writer = await ward.call()
        writer.write(b"".join(map(framed, messages)))
        await ward.until(lambda: len(ward.received) == 2)
        writer.write(framed(b"late"))
        ward.held[b"1"].set_result(b"ACK 1")
        for _ in range(5):
            await asyncio.sleep(0)
        assert ward.received == [b"0", b"1"], "an answer that has to wait for an earlier one still counts"
        ward.held[b"0"].set_result(b"ACK 0")
        await ward.until(lambda: len(ward.received) == 4)
        for number in (2, 3, 4):
            ward.held[b"%d" % number].set_result(b"ACK %d" % number)
        writer.write_eof()
        assert await everything(reader) == answers(b"0", b"1", b"2", b"3", b"4", b"late")


async def test_a_sender_that_never_reads_answers_is_not_fed_without_end() -> None:
    async with listening(MllpLimits(frame_timeout=0.2, max_in_flight=4)) as ward:
        ward.hold(b"1")
        ward.held[b"1"].set_result(b"A" * 32_000_000)
        _, writer = await ward.call()
        writer.write(framed(b"1"))
        event = await ward.until_told(MllpEventName.TIMED_OUT)
        assert event.reason == "answers are not read"
        writer.close()


async def test_a_frame_without_end_is_cut_off_at_the_cap_without_an_answer() -> None:
    """Attack 1: ten megabytes and no end sign."""
    async with listening(MllpLimits(max_frame_bytes=100_000)) as ward:
        reader, writer = await ward.call()
        sending = asyncio.create_task(_write_all(writer, b"\x0b" + b"A" * 10_000_000))
        assert await everything(reader) == b""
        await sending
        assert (await ward.until_told(MllpEventName.FRAME_REFUSED)).reason == "a frame is larger than allowed"
    assert ward.received == []


async def _write_all(writer: asyncio.StreamWriter, stream: bytes) -> None:
    try:
        writer.write(stream)
        await writer.drain()
    except ConnectionError:
        pass  # the other side hung up, as it should
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (b"GET / HTTP/1.1\r\n", "junk before the start of a frame"),
        (b"\x0bMSH|\x0bMSH|\x1c\r", "a frame starts inside a frame"),
        (b"\x0bMSH|\x1cMSH|\x1c\r", "the end of a frame is not followed by a carriage return"),
    ],
)
async def test_what_is_not_mllp_is_hung_up_on_after_the_good_messages_are_answered(stream: bytes, reason: str) -> None:
    async with listening() as ward:
        ward.hold(b"good")
        reader, writer = await ward.call()
        writer.write(framed(b"good") + stream)
        assert (await ward.until_told(MllpEventName.FRAME_REFUSED)).reason == reason
        ward.held[b"good"].set_result(b"ACK good")
        assert await everything(reader) == answers(b"good")
        writer.close()
    assert ward.received == [b"good"]


async def test_a_lenient_feed_may_leave_out_the_carriage_return() -> None:
    async with listening(MllpLimits(lenient_frames=True)) as ward:
        reader, writer = await ward.call()
        writer.write(b"\x0b1\x1c")
        assert await reader.readexactly(len(answers(b"1"))) == answers(b"1")
        writer.close()


async def test_a_frame_that_only_drips_is_cut_off_while_others_are_served() -> None:
    """Attack 2, in small: a byte now and then does not buy more time."""
    async with listening(MllpLimits(frame_timeout=0.3, idle_timeout=60)) as ward:
        reader, writer = await ward.call()
        dripping = asyncio.create_task(_drip(writer))
        async with ward.client() as client:
            assert await client.send(b"MSH|1") == b"ACK MSH|1"
            assert await everything(reader) == b""
            assert await client.send(b"MSH|2") == b"ACK MSH|2"
        await dripping
        assert (await ward.until_told(MllpEventName.TIMED_OUT)).reason == "a frame does not end"


async def _drip(writer: asyncio.StreamWriter) -> None:
    try:
        writer.write(b"\x0b")
        while True:
            writer.write(b"A")
            await writer.drain()
            await asyncio.sleep(0.02)
    except ConnectionError:
        writer.close()


async def test_a_silent_connection_is_closed() -> None:
    async with listening(MllpLimits(idle_timeout=0.1)) as ward:
        reader, writer = await ward.call()
        assert await everything(reader) == b""
        assert (await ward.until_told(MllpEventName.TIMED_OUT)).reason == "nothing is sent"
        writer.close()


async def test_our_own_slowness_is_not_held_against_the_sender() -> None:
    async with listening(MllpLimits(idle_timeout=0.05, frame_timeout=0.05)) as ward:
        ward.hold(b"1")
        reader, writer = await ward.call()
        writer.write(framed(b"1"))
        await ward.until(lambda: bool(ward.received))
        _, other = await ward.call()
        await ward.until_told(MllpEventName.TIMED_OUT)  # the other one: it came later and is already gone
        ward.held[b"1"].set_result(b"ACK 1")
        assert await reader.readexactly(len(answers(b"1"))) == answers(b"1")
        writer.close()
        other.close()


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (MllpLimits(max_connections=2), "too many connections"),
        (MllpLimits(max_connections_per_peer=2), "too many connections of one sender"),
    ],
)
async def test_one_connection_too_many_is_refused_and_the_others_go_on(limits: MllpLimits, reason: str) -> None:
    async with listening(limits) as ward:
        (_, first), (_, second) = await ward.call(), await ward.call()
        await ward.until(lambda: len(ward.events) == 2)
        reader, third = await ward.call()
        assert await everything(reader) == b""
        assert (await ward.until_told(MllpEventName.REFUSED)).reason == reason
        first.close()
        await ward.until(lambda: [event.name for event in ward.events].count(MllpEventName.CLOSED) == 2)
        async with ward.client() as client:
            assert await client.send(b"1") == b"ACK 1"
        second.close()
        third.close()


@pytest.mark.parametrize("ours", [MllpLimits(max_connections_per_peer=1), MllpLimits(max_frame_bytes=8)])
async def test_a_source_has_limits_of_its_own(ours: MllpLimits) -> None:
    ward = Ward()
    server = MllpServer(
        MllpEndpoint("localhost", 0), ward.receive, observe=ward.observe, limits_of=lambda peer, usual: ours
    )
    async with server:
        ward.server = server
        first_reader, first = await ward.call()
        await ward.until(lambda: len(ward.events) == 1)
        if ours.max_connections_per_peer == 1:
            reader, second = await ward.call()
            assert await everything(reader) == b""
            assert (await ward.until_told(MllpEventName.REFUSED)).reason == "too many connections of one sender"
            second.close()
        else:
            first.write(framed(b"123456789"))
            assert await everything(first_reader) == b""
            assert (await ward.until_told(MllpEventName.FRAME_REFUSED)).reason == "a frame is larger than allowed"
        first.close()


async def test_with_little_in_flight_allowed_no_more_is_taken_in_hand() -> None:
    ward = Ward()
    terms = MllpLimits(max_in_flight=1)
    server = MllpServer(
        MllpEndpoint("localhost", 0), ward.receive, observe=ward.observe, limits_of=lambda peer, usual: terms
    )
    async with server:
        ward.server = server
        ward.hold(b"1")
        reader, writer = await ward.call()
        writer.write(framed(b"1") + framed(b"2"))
        await ward.until(lambda: len(ward.received) == 1)
        ward.held[b"1"].set_result(b"ACK 1")
        assert await reader.readexactly(len(answers(b"1", b"2"))) == answers(b"1", b"2")
        writer.close()


async def test_a_sender_that_is_too_fast_is_read_more_slowly_and_loses_nothing() -> None:
    ward = Ward()
    terms = MllpLimits(messages_per_second=100.0)
    server = MllpServer(
        MllpEndpoint("localhost", 0), ward.receive, observe=ward.observe, limits_of=lambda peer, usual: terms
    )
    sent = [str(number).encode() for number in range(130)]
    async with server:
        ward.server = server
        reader, writer = await ward.call()
        writer.write(b"".join(map(framed, sent)))
        async with asyncio.timeout(SOON):
            assert await reader.readexactly(len(answers(*sent))) == answers(*sent)
        writer.close()
    assert ward.received == sent


async def test_when_receiving_fails_the_fallback_answers_and_never_says_yes() -> None:
    async with listening(fallback=lambda message, error: b"AE " + type(error).__name__.encode()) as ward:
        ward.hold(b"1")
        ward.held[b"1"].set_exception(ZeroDivisionError("Zygmunt"))
        async with ward.client() as client:
            assert await client.send(b"1") == b"AE ZeroDivisionError"
            assert await client.send(b"2") == b"ACK 2"
        event = await ward.until_told(MllpEventName.RECEIVE_FAILED)
    assert isinstance(event.error, ZeroDivisionError)


@pytest.mark.parametrize("fallback", [None, lambda message, error: 1 / 0], ids=["no fallback", "a fallback that fails"])
async def test_without_an_answer_to_give_the_connection_is_closed_before_later_answers(
    fallback: Fallback | None,
) -> None:
    async with listening(fallback=fallback) as ward:
        ward.hold(b"1", b"2", b"3")
        reader, writer = await ward.call()
        writer.write(framed(b"1") + framed(b"2") + framed(b"3"))
        await ward.until(lambda: len(ward.received) == 3)
        ward.held[b"3"].set_result(b"ACK 3")
        ward.held[b"2"].set_exception(ZeroDivisionError())
        ward.held[b"1"].set_result(b"ACK 1")
        assert await everything(reader) == answers(b"1"), "ACK 3 would be taken for the answer to 2"
        writer.close()


async def test_stopping_answers_what_was_read_and_lets_nobody_in() -> None:
    async with listening() as ward:
        ward.hold(b"1", b"2")
        reader, writer = await ward.call()
        writer.write(framed(b"1") + framed(b"2") + b"\x0bhalf")
        await ward.until(lambda: len(ward.received) == 2)
        port = ward.server.port
        stopping = asyncio.create_task(ward.server.stop())
        await asyncio.sleep(0)
        with pytest.raises(NotReadyError, match="cannot connect"):
            async with MllpClient("127.0.0.1", port, timeout=SOON):
                pass
        ward.held[b"2"].set_result(b"ACK 2")
        ward.held[b"1"].set_result(b"ACK 1")
        assert await everything(reader) == answers(b"1", b"2")
        await stopping
        writer.close()


async def test_stopping_does_not_wait_for_ever() -> None:
    async with listening(MllpLimits(drain_timeout=0.05)) as ward:
        ward.hold(b"1")
        reader, writer = await ward.call()
        writer.write(framed(b"1"))
        await ward.until(lambda: bool(ward.received))
        async with asyncio.timeout(SOON):
            await ward.server.stop()
        assert ward.held[b"1"].cancelled()
        assert await everything(reader) == b""
        writer.close()


async def test_a_sender_that_vanishes_leaves_its_message_to_be_finished() -> None:
    async with listening() as ward:
        ward.hold(b"1")
        _, writer = await ward.call()
        writer.write(framed(b"1"))
        await ward.until(lambda: bool(ward.received))
        # Linger 0 cuts the line (RST); a mere close would look like a sender that still listens.
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        await ward.until_told(MllpEventName.CLOSED)
        assert not ward.held[b"1"].cancelled()
        ward.held[b"1"].set_result(b"ACK 1")


async def test_a_port_that_is_taken_says_so() -> None:
    async with listening() as ward:
        with pytest.raises(ConfigurationError, match=r"cannot listen for MLLP on 127\.0\.0\.1"):
            await MllpServer(MllpEndpoint("127.0.0.1", ward.server.port), ward.receive).start()


@asynccontextmanager
async def listener(talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[int]:
    """A listener that is not ours, for the client."""
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    ("reply", "error", "problem"),
    [
        (b"", NotReadyError, "closed the connection without an answer"),
        (b"\x0bhalf", NotReadyError, "closed the connection without an answer"),
        (b"HTTP/1.1 400", UnusableMessageError, "answer junk before the start of a frame"),
    ],
)
async def test_the_client_says_clearly_what_it_did_not_get(reply: bytes, error: type[Exception], problem: str) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r")
        writer.write(reply)
        await writer.drain()
        writer.close()

    async with listener(talk) as port, MllpClient("127.0.0.1", port, timeout=SOON) as client:
        with pytest.raises(error, match=problem):
            await client.send(b"MSH|1")


async def test_a_client_that_waited_in_vain_does_not_take_the_late_answer_for_the_next() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the client gives up
        writer.close()

    async with listener(talk) as port, MllpClient("127.0.0.1", port, timeout=0.1) as client:
        with pytest.raises(NotReadyError, match=r"no answer within 0\.1 s"):
            await client.send(b"MSH|1")
        with pytest.raises(NotReadyError):
            await client.send(b"MSH|2")


async def test_the_client_reads_an_answer_that_comes_in_pieces() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r")
        for at in range(len(framed(b"MSA|AA|1"))):
            writer.write(framed(b"MSA|AA|1")[at : at + 1])
            await writer.drain()
        writer.close()

    async with listener(talk) as port, MllpClient("127.0.0.1", port, timeout=SOON) as client:
        assert await client.send(b"MSH|1") == b"MSA|AA|1"


class Authority:
    """A certificate authority of this test run; its keys never leave the temporary folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        self.certificate = folder / f"{name}.crt"
        self.key = folder / f"{name}.key"
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-subj", f"/CN={name}", "-keyout", str(self.key), "-out", str(self.certificate))  # fmt: skip

    def issue(self, subject: str, days: int = 2) -> tuple[Path, Path]:
        stem = self.folder / f"{self.name}-{subject.strip('/').replace('/', '-')}{days}"
        request, key, certificate = (stem.with_suffix(end) for end in (".csr", ".key", ".crt"))
        names = stem.with_suffix(".ext")
        names.write_text("subjectAltName=DNS:localhost\n")
        _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", subject,
                 "-keyout", str(key), "-out", str(request))  # fmt: skip
        _openssl("x509", "-req", "-in", str(request), "-CA", str(self.certificate), "-CAkey", str(self.key),
                 "-CAcreateserial", "-days", str(days), "-extfile", str(names), "-out", str(certificate))  # fmt: skip
        return certificate, key


def _openssl(*arguments: str) -> str:
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ours"), "CareLead")


@pytest.fixture(scope="module")
def server_context(ours: Authority) -> ssl.SSLContext:
    certificate, key = ours.issue("/CN=localhost")
    return server_tls(certificate, key, client_authority=ours.certificate)


def client_context(ours: Authority, identity: tuple[Path, Path] | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ours.certificate))
    if identity is not None:
        context.load_cert_chain(*identity)
    return context


async def test_a_client_certificate_names_the_sender(ours: Authority, server_context: ssl.SSLContext) -> None:
    identity = ours.issue("/O=Good Health/CN=interface engine")
    async with listening(tls=server_context) as ward, ward.client(tls=client_context(ours, identity)) as client:
        assert await client.send(b"1") == b"ACK 1"
    certificate = ward.peers[0].certificate

    shown = _openssl("x509", "-in", str(identity[0]), "-noout", "-fingerprint", "-sha256")
    assert certificate is not None
    assert certificate.fingerprint == shown.strip().partition("=")[2].replace(":", "").lower()
    assert certificate.subject == "O=Good Health, CN=interface engine"
    assert ward.peers[0].identity == certificate.fingerprint


@pytest.mark.parametrize("wrong", ["none", "expired", "of another authority", "TLS 1.1"])
async def test_without_a_good_certificate_nobody_gets_in(
    ours: Authority, server_context: ssl.SSLContext, tmp_path: Path, wrong: str
) -> None:
    """Attack 5."""
    identities = {
        "none": lambda: None,
        "expired": lambda: ours.issue("/CN=old", days=-1),
        "of another authority": lambda: Authority(tmp_path, "Stranger").issue("/CN=stranger"),
        "TLS 1.1": lambda: ours.issue("/CN=good"),
    }
    context = client_context(ours, identities[wrong]())
    if wrong == "TLS 1.1":
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1

    async with listening(tls=server_context) as ward:
        with pytest.raises(NotReadyError):
            async with ward.client(tls=context) as client:
                await client.send(b"1")
        async with ward.client(tls=client_context(ours, ours.issue("/CN=good"))) as client:
            assert await client.send(b"2") == b"ACK 2"
    assert ward.received == [b"2"]


async def test_a_burst_of_one_sender_does_not_keep_the_other_waiting() -> None:
    """Connections take turns: the message that comes last by itself is not behind everything that came at once."""
    async with listening(MllpLimits(max_in_flight=500)) as ward:
        _, flood = await ward.call()
        _, other = await ward.call()
        flood.write(b"".join(framed(b"flood %d" % number) for number in range(300)))
        await ward.until(lambda: len(ward.received) > 0)
        other.write(framed(b"other"))
        await ward.until(lambda: len(ward.received) == 301)
        own = [one for one in ward.received if one != b"other"]
        assert own == [b"flood %d" % number for number in range(300)], "in the order of arrival"
        assert ward.received[-1] != b"other"
        flood.close()
        other.close()
