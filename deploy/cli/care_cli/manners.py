"""How the command line behaves: help when asked nothing, no decoration, no shell set-up."""

import typer

EXIT_CODES = (
    "Exit codes: 0 done; 1 found something, or it did not work (a file is not there); 2 no such command or option; "
    "65 the input cannot be used, and one line says where; 75 not now, try again; 78 wrongly configured."
)


def application() -> typer.Typer:
    """An empty application with our manners: no rich tracebacks, help on no arguments."""
    return typer.Typer(
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode=None,
        help="CareLead on the command line: try it, feed it, ask it why.",
        epilog=EXIT_CODES,
    )
