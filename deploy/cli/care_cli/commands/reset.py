"""`carelead reset`: delete the data of the local stack, and nothing else."""

from care_cli.output import say


def reset() -> None:
    """Delete all data of the local demo; refuses while it runs."""
    from care_local.stack import reset as delete_folder

    say("The data of the local stack is deleted." if delete_folder() else "There is no data of a local stack.")
