"""The broker's jars are pinned by hash, fetched once, and a full cache needs no network."""

import hashlib
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from care_local import jars
from care_local.jars import Jar, kafka_class_path, pinned_jars
from care_shared.errors import ConfigurationError

CONTENT = b"bytes of a jar"
LIBRARY = Jar("org.example:library:1.0", len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


def answering(content: bytes) -> Callable[[str, Path], Path]:
    def download(coordinate: str, repository: Path) -> Path:
        path = Jar(coordinate, 0, "").place_in(repository)
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        return path

    return download


def no_network(coordinate: str, _repository: Path) -> Path:
    raise AssertionError(f"{coordinate} was fetched although it is in the cache")


def test_the_committed_list_pins_the_broker_and_names_no_address() -> None:
    pinned = pinned_jars()
    assert "org.apache.kafka:kafka_2.13:4.3.1" in {jar.coordinate for jar in pinned}
    assert all(re.fullmatch(r"[0-9a-f]{64}", jar.sha256) and jar.size > 0 for jar in pinned)
    assert "://" not in "".join(jar.line() for jar in pinned)


def test_a_line_of_the_list_reads_back_as_the_same_jar() -> None:
    assert pinned_jars("# a comment\n" + LIBRARY.line()) == (LIBRARY,)


def test_the_second_start_touches_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "download", answering(CONTENT))
    first = kafka_class_path(tmp_path, [LIBRARY])
    monkeypatch.setattr(jars, "download", no_network)
    assert kafka_class_path(tmp_path, [LIBRARY]) == first
    assert Path(first.split(os.pathsep)[0]).read_bytes() == CONTENT


def test_a_jar_with_other_content_is_refused_by_name_and_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jars, "download", answering(b"something else"))
    with pytest.raises(ConfigurationError, match=r"org\.example:library:1\.0.*SHA-256"):
        kafka_class_path(tmp_path, [LIBRARY])
    assert not LIBRARY.place_in(tmp_path).exists()


def test_a_cached_jar_of_another_size_is_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "download", answering(CONTENT))
    kafka_class_path(tmp_path, [LIBRARY])
    LIBRARY.place_in(tmp_path).write_bytes(b"cut short")
    kafka_class_path(tmp_path, [LIBRARY])
    assert LIBRARY.place_in(tmp_path).read_bytes() == CONTENT
