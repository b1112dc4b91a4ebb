"""The partition keys in the paths of files, so that a task that reads some of them gets the columns of all.

`parquet-to-stream` takes the keys below its operands. A task names single files, with all keys of their
paths or none.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from urllib.parse import unquote

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")

_WILDCARD = re.compile(r"[*?\[{\\]")

#: What a file without a value for a key has in its path.
_NULL = "__HIVE_DEFAULT_PARTITION__"


def is_url(path: str) -> bool:
    """Whether the tools take a path for a URL: not if it exists."""
    return _URL.match(path) is not None and not os.path.lexists(path)


def absolute(path: str) -> str:
    """The path for a process in another directory; links are not followed."""
    return path if is_url(path) else os.path.join(os.getcwd(), path)


def as_operand(path: str) -> str:
    """A path of a file as an operand, in which URLs may be patterns, but existing paths are not."""
    return re.sub(r"[*\[{]", lambda found: f"%{ord(found[0]):X}", path) if is_url(path) else path


def key_parts(path: str) -> list[str]:
    """The directories of a path that are partition keys: `year=2024`."""
    return [part for part in _directories(path) if "=" in part]


def key_names(path: str) -> list[str]:
    """The names of the partition columns of a file."""
    return [unquote(part.partition("=")[0]) for part in key_parts(path)]


def local_keys(path: str) -> str:
    """The same keys in a path of this machine; a URL has escapes of its own around them."""
    parts = key_parts(path)
    if is_url(path):
        parts = [unquote(part).replace("/", "%2F").replace("\0", "%00") for part in parts]
    return os.path.join("", *parts)


def keys_below(bases: Sequence[str], paths: Sequence[str]) -> tuple[bool, set[str]]:
    """Whether absolute paths have keys below their bases, and the names of keys in these bases.

    Raises ValueError if no base is that of a path with keys, or if the keys of the paths differ.
    """
    is_below = False
    above: set[str] = set()
    for path in paths:
        keys = key_names(path)
        found = [key_names(base) for base in bases if path.startswith(base)]
        if not found and keys:
            raise ValueError(f"{path}: cannot tell its partition keys from those above: add --hive or --no-hive")
        is_below = is_below or any(len(names) < len(keys) for names in found)
        above.update(*found)
    if is_below and any(key_names(path) != key_names(paths[0]) for path in paths):
        raise ValueError("parquet-to-stream: the partition keys above the operands differ: add --hive or --no-hive")
    return is_below, above


def base(operand: str) -> str:
    """The part of an operand, made absolute, whose keys make no columns; with its last slash."""
    operand = absolute(operand)
    literal = not is_url(operand) and os.path.lexists(operand)
    wildcard = None if literal else _WILDCARD.search(_without_query(operand))
    if wildcard is not None:
        return operand[: operand.rfind("/", 0, wildcard.start()) + 1]
    is_file = os.path.isfile(operand) if literal else not operand.endswith("/")
    # All keys of a file that is named are above it.
    return operand if is_file else operand.rstrip("/") + "/"


def _directories(path: str) -> list[str]:
    if _URL.match(path):
        path = _without_query(path).partition("://")[2].partition("/")[2]
    return path.split("/")[:-1]


def _without_query(path: str) -> str:
    """A `?` is a wildcard in the URLs of stores without queries."""
    return re.split(r"[?#]", path, maxsplit=1)[0] if re.match(r"(https?|a[a-z]+)://", path) else path
