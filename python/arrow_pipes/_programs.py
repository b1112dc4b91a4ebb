"""Where the programs of a command are: those installed with this package, then those of PATH."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path


def find_executable() -> Path:
    """Return the path of the executable `arrow-pipes` that was installed with this package.

    Run it with the name of a tool as its first argument:

        subprocess.run([find_executable(), "stream-count", "rows.arrows"])

    Raises FileNotFoundError if it is not where the package installs it.
    """
    directories = _directories()
    for directory in directories:
        executable = directory / "arrow-pipes"
        if executable.is_file():
            return executable
    tried = ", ".join(map(str, directories))
    raise FileNotFoundError(f"arrow-pipes is in none of {tried}: install the package again")


def find_program(name: str, path: str | None) -> str:
    """The file of a program: beside the installed executable, else in the directories of `path`."""
    import shutil

    # A name with a slash is a path, as in a shell.
    own = None if "/" in name else _installed(name)
    found = own or shutil.which(name, path=path)
    if found is None:
        raise FileNotFoundError(f"{name}: not a program of arrow-pipes, and not found in PATH{_similar(name)}")
    return found


def _directories() -> list[Path]:
    package = Path(__file__).resolve().parent
    return [
        # `pip install --target`
        package.parent / "bin",
        # PREFIX/lib/python3.x/site-packages/arrow_pipes and PREFIX/bin
        *[parent / "bin" for parent in list(package.parents)[3:4]],
        # Other layouts, and editable installations.
        Path(sysconfig.get_path("scripts")),
    ]


def _installed(name: str) -> str | None:
    try:
        file = find_executable().with_name(name)
    except FileNotFoundError:
        return None
    return str(file) if file.is_file() and os.access(file, os.X_OK) else None


def _similar(name: str) -> str:
    """The tool that was probably meant, if there is one."""
    import difflib
    import shutil

    try:
        directory = find_executable().parent
    except FileNotFoundError:
        found = shutil.which("arrow-pipes")
        if found is None:
            return ""
        directory = Path(found).parent
    names = [file.name for file in directory.iterdir() if "stream" in file.name or "file" in file.name]
    close = difflib.get_close_matches(name, names, 1)
    return f" (did you mean {close[0]}?)" if close else ""
