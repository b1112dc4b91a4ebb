"""The command lines of the tools, taken apart as the tools do: options with their values, and operands."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Sequence

#: The options of all tools that take a value. None of them is without a value in another tool.
_WITH_VALUE = frozenset(
    """
    as-of batch-bytes batch-rows batches binary bloom bloom-probe by columns comment compression count
    data-page-bytes date-format delimiter dictionary dictionary-keys dictionary-page-bytes duplicates
    encode encode-dictionary encoding every exclude existing expect file-bytes file-rows filename
    files-from first for fraction having hive-types how in infer-rows int96 invalid-text keep-metadata
    key key-file limit long-rows max-message-bytes max-open-files memory merge-schema metadata
    name-template nan not-in null of on output partition-by per prefix publish quote rejects
    row-group-bytes row-group-rows row-groups rows runs schema seed short-rows show skip skip-lines
    sorted-by statistics suffix tee temporary-directory threads timestamp-format tolerance types unique
    unmatched where
    """.split()
)

#: One letter for the same option in all tools that have it; -v differs, but takes no value.
_SHORT = {
    "c": "columns",
    "d": "delimiter",
    "e": "exit-status",
    "j": "threads",
    "k": "key",
    "n": "limit",
    "o": "output",
    "w": "where",
    "z": "compression",
}

#: The name that follows an expression, with or without AS.
_ALIAS = re.compile(r'[\w")\]\']\s+("(?:[^"]|"")+"|\w+)$|[)"\]\']("(?:[^"]|"")+"|\w+)$')


class Program:
    """One program of a command."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = list(words)
        name = os.path.basename(words[0])
        # `arrow-pipes stream-head` is stream-head.
        start = 2 if name == "arrow-pipes" and len(words) > 1 else 1
        self.tool = words[1] if start == 2 else name
        #: The words before its arguments.
        self.name = self.words[:start]
        #: The values of each option, by its long name; one without a value has "".
        self.options: dict[str, list[str]] = {}
        #: The place in `words` of the value of --seed, and what precedes it there.
        self.seed: tuple[int, str] | None = None
        self.operands: list[str] = []
        self._take_apart(start)

    @property
    def is_tool(self) -> bool:
        """Whether it is a program of this package."""
        start, _, end = self.tool.partition("-")
        return start in ("stream", "file") or end == "to-stream"

    def has(self, *options: str) -> bool:
        return any(option in self.options for option in options)

    def value(self, option: str) -> str | None:
        """The value of an option, or None without it."""
        return self.options.get(option, [None])[-1]

    def arguments(self, without: Collection[str] = ()) -> list[str]:
        """Its options, except some, in a form that takes any value."""
        words = []
        for option, values in self.options.items():
            start = f"--{option}" if len(option) > 1 else f"-{option}"
            for value in values if option not in without else ():
                words.append(f"{start}={value}" if value or option in _WITH_VALUE else start)
        return words

    def _take_apart(self, place: int) -> None:
        while place < len(self.words):
            word = self.words[place]
            place += 1
            if word == "--":
                self.operands += self.words[place:]
                return
            if word.startswith("--"):
                place = self._take_long(word[2:], place)
            elif word.startswith("-") and word != "-":
                place = self._take_short(word[1:], place)
            else:
                self.operands.append(word)

    def _take_long(self, option: str, place: int) -> int:
        option, equals, value = option.partition("=")
        seed = (place - 1, f"--{option}=")
        if not equals and option in _WITH_VALUE:
            value, seed = self._word(place), (place, "")
            place += 1
        if option == "seed":
            self.seed = seed
        self.options.setdefault(option, []).append(value)
        return place

    def _take_short(self, letters: str, place: int) -> int:
        """Letters of flags; one with a value takes the rest, or the next word."""
        for index, letter in enumerate(letters):
            option = _SHORT.get(letter, letter)
            values = self.options.setdefault(option, [])
            if option in _WITH_VALUE:
                rest = letters[index + 1 :]
                values.append(rest.removeprefix("=") or self._word(place))
                return place if rest else place + 1
            values.append("")
        return place

    def _word(self, place: int) -> str:
        return self.words[place] if place < len(self.words) else ""


def columns(text: str) -> list[str]:
    """The plain column names of a list such as --by has; expressions are left out."""
    names = []
    for item in _items(text):
        if len(item) > 1 and item[0] == item[-1] == '"' and '"' not in item[1:-1].replace('""', ""):
            names.append(item[1:-1].replace('""', '"'))
        elif item.replace("_", "a").isalnum() and not item[0].isdigit():
            names.append(item)
    return names


def names_of_types(text: str) -> list[str]:
    """The names in a list of names with types, such as --hive-types has."""
    found = [re.match(r'"(?:[^"]|"")*"|\S+', item) for item in _items(text)]
    return [_unquoted(name[0]) for name in found if name]


def changes(text: str, name: str) -> bool:
    """Whether a list such as that of `stream-select` gives another column this name."""
    for item in _items(text):
        lists = re.findall(r"\b(?:REPLACE|RENAME)\s*\((.*?)\)(?=\s*(?:EXCLUDE|REPLACE|RENAME|$))", item, re.I | re.S)
        inner = ", ".join(lists) if item.startswith("*") else item
        for part in _items(inner):
            alias = _ALIAS.search(part)
            if alias and _unquoted(alias[1] or alias[2]).casefold() == name.casefold():
                return True
    return False


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _items(text: str) -> list[str]:
    """What commas outside of quotes and brackets separate."""
    items, item, depth, quote = [], "", 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "," and depth == 0:
            items.append(item.strip())
            item = ""
            continue
        item += character
    return [item for item in [*items, item.strip()] if item]
