"""`carelead contracts`: write the schemas of the topics, or check that the committed ones are true."""

import typer

from care_cli.output import EXIT_PROBLEM, say

contracts = typer.Typer(no_args_is_help=True, help="JSON Schemas and AsyncAPI, generated from the models.")


@contracts.command()
def write() -> None:
    """Write the documents; refuses when a schema could no longer read what was written before."""
    from care_shared.contracts.export import write as write_documents

    _conclude(write_documents(), "The contracts are written.")


@contracts.command()
def check() -> None:
    """Say which committed documents differ from the models; exit code 1 when any does."""
    from care_shared.contracts.export import differences

    _conclude(differences(), "The committed contracts are what the models say.")


def _conclude(problems: list[str], otherwise: str) -> None:
    for line in problems:
        say(line)
    if problems:
        raise typer.Exit(EXIT_PROBLEM)
    say(otherwise)
