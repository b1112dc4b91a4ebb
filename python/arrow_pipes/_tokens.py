"""The tokens of a condition of the tools, and the parts of it that words separate."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
    (?P<blank>\s+)
  | (?P<text>'(?:[^']|'')*')
  | (?P<quoted>"(?:[^"]|"")+")
  | (?P<number>\d+(?:\.\d+)?(?![\w.]))
  | (?P<other>\.?\d[\w.]*)
  | (?P<word>[^\W\d]\w*)
  | (?P<operator><=|>=|<>|!=|==|[=<>(){}\[\],%*/+.|&^~:-])
    """,
    re.VERBOSE,
)

#: After comments, the tokens would mean something else; as after `#2`, `$$` and `E'`.
_COMMENT = re.compile(r"--|/\*")


class Token(NamedTuple):
    kind: str
    text: str

    def is_word(self, word: str) -> bool:
        return self.kind == "word" and self.text.upper() == word

    def is_operator(self, operator: str) -> bool:
        return self.kind == "operator" and self.text == operator


def tokens_of(text: str) -> list[Token] | None:
    """The tokens of a text; None if it has others, after which quotes might mean something else."""
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None or _COMMENT.match(text, place):
            return None
        if found.lastgroup == "text" and place > 0 and (text[place - 1].isalnum() or text[place - 1] in "_&"):
            return None
        place = found.end()
        if found.lastgroup != "blank":
            tokens.append(Token(str(found.lastgroup), found[0]))
    return tokens


def without_brackets(tokens: list[Token]) -> list[Token]:
    while len(tokens) > 2 and tokens[0].is_operator("(") and _closing(tokens) == len(tokens) - 1:
        tokens = tokens[1:-1]
    return tokens


def _depth(token: Token) -> int:
    """What a token adds to the depth of brackets."""
    if token.kind == "operator":
        return (token.text in "([{") - (token.text in ")]}")
    return token.is_word("CASE") - token.is_word("END")


def _closing(tokens: list[Token]) -> int:
    depth = 0
    for place, token in enumerate(tokens):
        depth += _depth(token)
        if depth == 0:
            return place
    return -1


def split(tokens: list[Token], word: str) -> list[list[Token]] | None:
    """The parts that a word separates outside of brackets; None if the brackets are not pairs."""
    parts: list[list[Token]] = [[]]
    depth = betweens = 0
    for token in tokens:
        depth += _depth(token)
        if depth < 0:
            return None
        is_inner_and = depth == 0 and betweens > 0 and token.is_word("AND")
        if depth == 0 and token.is_word("BETWEEN"):
            betweens += 1
        elif is_inner_and:
            betweens -= 1
        if depth == 0 and token.is_word(word) and not is_inner_and:
            parts.append([])
        else:
            parts[-1].append(token)
    return parts if depth == 0 and betweens == 0 else None
