"""What is deployed is pinned like what was tested, open to this machine only, and has no password of its own."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic_settings import BaseSettings

ROOT = Path(__file__).resolve().parents[3]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
IMAGES = {
    "intake": "services/intake",
    "scoring": "services/scoring",
    "notifications": "services/notifications",
    "cli": "deploy/cli",
}


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ \\]+)", lock.read_text("utf-8"), flags=re.MULTILINE))


@pytest.mark.parametrize("image", [*IMAGES, "build"])
def test_an_image_gets_the_versions_that_were_tested(image: str) -> None:
    all_pins = pins(ROOT / "requirements.lock")
    lock = ROOT / "deploy" / "locks" / f"{image}.lock"
    assert pins(lock).items() <= all_pins.items(), "run deploy/lock.sh"
    assert len(pins(lock)) <= lock.read_text("utf-8").count("--hash=sha256:")


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_gets_everything_its_service_asks_for(image: str) -> None:
    project = tomllib.loads((ROOT / IMAGES[image] / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {re.split(r"[<>=~\[; ]", name)[0] for name in project["dependencies"]}
    third_party = {name for name in wanted if not name.startswith("care-")}
    assert third_party <= pins(ROOT / "deploy" / "locks" / f"{image}.lock").keys(), "run deploy/lock.sh"


@pytest.mark.parametrize("service", COMPOSE["services"])
def test_a_published_port_is_open_to_this_machine_only(service: str) -> None:
    published = COMPOSE["services"][service].get("ports", [])
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_a_password_comes_from_outside_or_compose_refuses() -> None:
    used = re.findall(
        r"\$\{CARE_[A-Z_]*(?:PASSWORD|SECRET)[A-Z_]*[^}]*\}", (ROOT / "docker-compose.yml").read_text("utf-8")
    )
    assert used
    assert [one for one in used if ":?" not in one] == []


@pytest.mark.parametrize("service", ["intake", "scoring", "notifications", "migrate", "topics"])
def test_our_containers_have_no_rights_and_nothing_to_write_on(service: str) -> None:
    settings = COMPOSE["services"][service]
    assert settings["read_only"] is True
    assert settings["cap_drop"] == ["ALL"]
    assert "user" not in settings, "the image itself runs as 65532"


@pytest.mark.parametrize("service", ["intake", "scoring", "notifications"])
def test_compose_sets_only_what_the_service_reads(service: str) -> None:
    pytest.importorskip(f"care_{service}.settings", exc_type=ModuleNotFoundError)
    given = set(COMPOSE["services"][service]["environment"])
    assert given <= set(known_settings(BaseSettings))


def known_settings(group: type[BaseSettings]) -> Iterator[str]:
    """The environment names of every settings group that was imported."""
    for one in group.__subclasses__():
        prefix = one.model_config.get("env_prefix", "")
        yield from (f"{prefix}{field}".upper() for field in one.model_fields)
        yield from known_settings(one)
