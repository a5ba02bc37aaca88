"""How the command line behaves: help when asked nothing, no decoration, no shell set-up."""

import typer


def application() -> typer.Typer:
    """An empty application with our manners: no rich tracebacks, help on no arguments."""
    return typer.Typer(
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,
        help="CareLead on the command line: try it, feed it, ask it why.",
    )
