"""CPU time and memory of all processes of a cluster on this machine."""

import os
import threading
from pathlib import Path

#: How often memory is read, in seconds.
INTERVAL = 0.2

_TICKS = os.sysconf("SC_CLK_TCK")


class Watch:
    """Watches the descendants of this process."""

    #: CPU seconds of Java, of Python, and of the tools that Python started.
    cpu_seconds: list[float]
    #: The most memory that Python workers had together, and that the tools had, in bytes.
    python_bytes = 0
    tool_bytes = 0

    def __enter__(self) -> "Watch":
        self._before = _cpu_seconds()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stop.set()
        self._thread.join()
        self.cpu_seconds = [after - before for after, before in zip(_cpu_seconds(), self._before)]

    def _watch(self) -> None:
        while not self._stop.wait(INTERVAL):
            python = tools = 0
            for process in _descendants():
                name = _read(process, "comm").strip()
                if name.startswith("python"):
                    python += _bytes(process)
                elif name.startswith(("stream-", "parquet-")):
                    tools += _bytes(process)
            self.python_bytes = max(self.python_bytes, python)
            self.tool_bytes = max(self.tool_bytes, tools)


def _descendants() -> list[int]:
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (stat := _stat(int(name))):
            children.setdefault(int(stat[1]), []).append(int(name))
    found = list(children.get(os.getpid(), []))
    for process in found:
        found += children.get(process, [])
    return found


def _cpu_seconds() -> list[float]:
    """CPU seconds of Java, of Python, and of children of Python that ended: the tools."""
    java = python = tools = 0
    for process in _descendants():
        if not (stat := _stat(process)):
            continue
        own, children = (sum(map(int, stat[start : start + 2])) for start in (11, 13))
        if _read(process, "comm").startswith("python"):
            python += own
            tools += children
        else:
            java += own
    return [java / _TICKS, python / _TICKS, tools / _TICKS]


def _bytes(process: int) -> int:
    """Memory; what processes share, such as libraries of forked workers, is divided among them."""
    for line in _read(process, "smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) << 10
    return 0


def _stat(process: int) -> list[str]:
    """The fields of the process after its name."""
    return _read(process, "stat").rpartition(")")[2].split()


def _read(process: int, name: str) -> str:
    try:
        return Path(f"/proc/{process}/{name}").read_text()
    except OSError:
        return ""
