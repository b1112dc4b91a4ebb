"""Commands: programs and arguments separated by `|`, quoted as in a POSIX shell.

A command without an error here means the same to bash. All that bash would interpret beyond quotes
and `|` is an error, so that a command never does silently something else than in a shell.
"""

from __future__ import annotations

import re

from arrow_pipes._errors import CommandError

#: What an unquoted character would do in a shell.
_SPECIAL = {
    ">": "redirects output",
    "<": "redirects input",
    "&": "starts a job",
    ";": "ends a command",
    "$": "begins an expansion",
    "`": "runs a command",
    "*": "begins a file name pattern",
    "?": "begins a file name pattern",
    "[": "begins a file name pattern",
    "(": "begins a subshell",
    ")": "ends a subshell",
    "{": "begins a brace expansion",
}

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=")

# `$` is literal in double quotes unless it begins one of these.
_EXPANSION = re.compile(r"\$[A-Za-z0-9_{(@*#?$!-]")


def parse(command: str) -> list[list[str]]:
    """The words of each program of a command.

    Raises CommandError if the command is empty, incomplete, or needs a shell.
    """
    check_type(command)
    return _Parser(command).programs()


def check_type(command: object) -> None:
    """Raise TypeError if the command is not a str."""
    if not isinstance(command, str):
        raise TypeError(f"the command is a {type(command).__name__}, not a str")


class _Parser:
    def __init__(self, command: str) -> None:
        self.command = command
        self.place = 0

    def programs(self) -> list[list[str]]:
        programs: list[list[str]] = [[]]
        bar = 0
        if "\0" in self.command:
            raise self._error("a command cannot contain a null character", self.command.index("\0"))
        while self._skip_blanks(between=not programs[-1]):
            if self._here() != "|":
                programs[-1].append(self._word(is_first=not programs[-1]))
                continue
            self._check_bar(is_first=not programs[-1])
            bar = self.place
            self.place += 1
            programs.append([])
        if not programs[-1]:
            empty = len(programs) == 1
            raise self._error("the command is empty" if empty else 'a program must follow "|"', bar)
        return programs

    def _here(self) -> str:
        return self.command[self.place : self.place + 1]

    def _error(self, problem: str, place: int | None = None) -> CommandError:
        return CommandError(problem, self.command, self.place if place is None else place)

    def _interpreted(self, what: str, way_out: str = "quote it") -> CommandError:
        shown = "a line break" if self._here() == "\n" else f'"{self._here()}"'
        return self._error(f"{shown} {what} in a shell: {way_out}, or use shell=True")

    def _skip_blanks(self, between: bool) -> bool:
        """Whether there is more. Line breaks are blanks only where no program has begun."""
        while True:
            here = self._here()
            if self.command.startswith("\\\n", self.place):
                self.place += 2
            elif here in (" ", "\t") or here == "\n" and (between or not self.command[self.place :].strip()):
                self.place += 1
            else:
                break
        if here == "\n":
            raise self._interpreted("ends a command", 'end the line before it with "|" or a backslash')
        if here == "#":
            raise self._interpreted("begins a comment")
        return here != ""

    def _check_bar(self, is_first: bool) -> None:
        if self.command.startswith("||", self.place):
            raise self._error('"||" runs a command if another failed in a shell: use one "|", or shell=True')
        if is_first:
            raise self._error('a program must precede "|"')

    def _word(self, is_first: bool) -> str:
        start = self.place
        self._check_start(is_first)
        parts: list[str] = []
        while (here := self._here()) and here not in " \t\n|":
            if here == "'":
                parts.append(self._single())
            elif here == '"':
                parts.append(self._double())
            elif here == "\\":
                parts.append(self._escaped())
            else:
                self._check_unquoted(start)
                parts.append(here)
                self.place += 1
        return "".join(parts)

    def _check_start(self, is_first: bool) -> None:
        assignment = _ASSIGNMENT.match(self.command, self.place)
        if is_first and assignment:
            raise self._error(f'"{assignment[0]}" sets a variable in a shell: use env=..., or shell=True')
        if is_first and re.match(r"![\s|]|!$", self.command[self.place :]):
            raise self._interpreted("negates an exit status", "leave it out")

    def _check_unquoted(self, start: int) -> None:
        here = self._here()
        if here in _SPECIAL:
            raise self._interpreted(_SPECIAL[here])
        # After `=` and `:` only in assignments, and in bash in arguments that look like one.
        if here == "~" and (self.place == start or self.command[self.place - 1] in "=:"):
            raise self._interpreted("is a home directory")

    def _single(self) -> str:
        end = self.command.find("'", self.place + 1)
        if end < 0:
            raise self._error("this single quote is not closed")
        text = self.command[self.place + 1 : end]
        self.place = end + 1
        return text

    def _double(self) -> str:
        start = self.place
        self.place += 1
        parts: list[str] = []
        while (here := self._here()) != '"':
            if not here:
                raise self._error("this double quote is not closed", start)
            if here == "\\" and self.command[self.place + 1 : self.place + 2] in ("$", "`", '"', "\\", "\n"):
                parts.append(self._escaped())
                continue
            if here == "`" or _EXPANSION.match(self.command, self.place):
                way_out = "use single quotes or a backslash"
                raise self._interpreted(f"{_SPECIAL[here]} in double quotes", way_out)
            parts.append(here)
            self.place += 1
        self.place += 1
        return "".join(parts)

    def _escaped(self) -> str:
        """The character after a backslash; a line break after it is nothing."""
        if self.place + 1 == len(self.command):
            raise self._error("a character must follow the backslash")
        escaped = self.command[self.place + 1]
        self.place += 2
        return "" if escaped == "\n" else escaped
