"""`python -m arrow_pipes TOOL ...` runs a tool."""

from __future__ import annotations

import os
import sys

from arrow_pipes import find_executable


def main() -> None:
    try:
        executable = find_executable()
        os.execv(executable, ["arrow-pipes", *sys.argv[1:]])
    except OSError as error:
        sys.exit(f"arrow_pipes: {error}")


if __name__ == "__main__":
    main()
