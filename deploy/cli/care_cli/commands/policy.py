"""`carelead policy`: if a file of thresholds can be used, what to look at in it, and how it differs from another."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from care_cli.output import plural, say

if TYPE_CHECKING:
    from care_scoring.core.policy import Policy

policy = typer.Typer(no_args_is_help=True, help="Thresholds of the care rules.")

PolicyFile = Annotated[Path, typer.Argument(help="A policy in YAML.")]
Strict = Annotated[bool, typer.Option(help="A remark is a problem too: exit code 1.")]


@policy.callback()
def policies() -> None:
    """Thresholds of the care rules."""


@policy.command()
def check(file: PolicyFile, strict: Strict = False) -> None:
    """Read FILE as scoring would; a problem names the key, exit code 78. Then what a careful reader would ask."""
    from care_scoring.core.policy_review import review
    from care_shared.runtime.clock import utc_now

    found = policy_in(file)
    remarks = list(review(found, utc_now().date()))
    say(
        f"{file}: good. Version {found.version}, {plural(len(found.organizations), 'organisation')}, "
        f"{plural(len(found.patients), 'patient')} with thresholds of their own."
    )
    for remark in remarks:
        say(f"  look at {remark.key}: {remark.says}")
    if strict and remarks:
        raise typer.Exit(1)


@policy.command()
def diff(old: PolicyFile, new: PolicyFile) -> None:
    """Every key that OLD and NEW set differently, the rules it concerns, and the patients whose overrides change."""
    from care_scoring.core.policy_review import differences

    before, after = policy_in(old), policy_in(new)
    found = list(differences(before, after))
    say(f"version {before.version} → {after.version}")
    for one in found:
        concerns = f"  ({one.concerns})" if one.concerns else ""
        looser = "  LOOSER" if one.looser else ""
        say(f"  {one.place}.{one.key}: {_spoken(one.old)} → {_spoken(one.new)}{concerns}{looser}")
    rules = sorted({rule for one in found for rule in one.rules})
    patients = sorted({one.place.split(".")[1] for one in found if one.place.startswith("patients.")})
    say(f"{plural(len(found), 'difference')}; rules: {', '.join(rules) or 'none'}; patients: {len(patients)}")
    if found and before.version == after.version:
        say("  look at version: the numbers differ and the version does not; findings could not be told apart")


@policy.command()
def recheck() -> None:
    """After a restart under another policy, ask about every patient now; else each waits for the next fact."""
    import asyncio

    from care_cli.running.recheck import recheck_everyone
    from care_cli.running.target import postgres_target

    say(f"{plural(asyncio.run(recheck_everyone(postgres_target())), 'patient')} to be looked at again")


def policy_in(file: Path | None) -> "Policy":
    """The policy in a file; without one, the policy we ship."""
    from importlib.resources import files

    from care_cli.files import read_text
    from care_scoring.core.policy import load_policy

    shipped = files("care_scoring") / "policies" / "default.yaml"
    return load_policy(read_text(file) if file is not None else shipped.read_text("utf-8"))


def _spoken(value: object) -> str:
    match value:
        case None:
            return "not set"
        case tuple():
            return ", ".join(map(str, value)) or "none"
        case _:
            return str(value)
