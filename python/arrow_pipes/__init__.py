"""Small Unix programs that speak Arrow IPC streams over stdin and stdout."""

from __future__ import annotations

import sysconfig
from pathlib import Path

__all__ = ["find_executable"]


def find_executable() -> Path:
    """Return the path of the executable `arrow-pipes` that was installed with this package.

    Run it with the name of a tool as its first argument:

        subprocess.run([find_executable(), "stream-count", "rows.arrows"])
    """
    package = Path(__file__).resolve().parent
    directories = [
        # `pip install --target`
        package.parent / "bin",
        # PREFIX/lib/python3.x/site-packages/arrow_pipes and PREFIX/bin
        *[parent / "bin" for parent in list(package.parents)[3:4]],
        # Other layouts, and editable installations.
        Path(sysconfig.get_path("scripts")),
    ]
    for directory in directories:
        executable = directory / "arrow-pipes"
        if executable.is_file():
            return executable
    tried = ", ".join(map(str, directories))
    raise FileNotFoundError(f"arrow-pipes is in none of {tried}: install the package again")
