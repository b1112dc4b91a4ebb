"""Conditions of the tools as data, so that an engine can drop rows before it sends them.

Only comparisons between a column and a literal, joined by AND, OR and NOT, are read; the rest of a
condition is left out, so what remains may be true for more rows, never for fewer. The program that gave
the condition filters the rows again. arrow-expressions(7) describes the syntax.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from arrow_pipes._conditions import All, AnyOf, Compare, Condition, IsNull, OneOf, negated
from arrow_pipes._literals import Literal, value_of
from arrow_pipes._tokens import Token, split, tokens_of, without_brackets

#: Words that are no column unless they are quoted.
_RESERVED = frozenset(
    """
    all and any array between case cast collate current_date current_time current_timestamp distinct div else end
    escape exists false from glob if ilike in interval is isnull like localtime localtimestamp not notnull null or
    regexp rlike row select similar some struct then true union unknown when where xor
    """.split()
)

_FLIPPED = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_SPELLED = {"==": "=", "!=": "<>"}

#: Deeper conditions are left out.
_MOST_LEVELS = 50


def parse(text: str, schema: pa.Schema) -> Condition | None:
    """A condition that is true wherever `text` is, or None if nothing of it can be used."""
    tokens = tokens_of(text)
    return None if tokens is None else _condition(tokens, schema, False, 0)


def _condition(tokens: list[Token], schema: pa.Schema, inverted: bool, level: int) -> Condition | None:
    """The condition that tokens are, or its negation: true wherever it is, and unknown where it is."""
    tokens = without_brackets(tokens)
    if level > _MOST_LEVELS or any(token.is_word("XOR") for token in tokens):
        return None
    for word, is_any in (("OR", not inverted), ("AND", inverted)):
        parts = split(tokens, word)
        if parts is None:
            return None
        if len(parts) > 1:
            return _joined([_condition(part, schema, inverted, level + 1) for part in parts], is_any)
    if tokens and tokens[0].is_word("NOT"):
        return _condition(tokens[1:], schema, not inverted, level + 1)
    return _Term(tokens, schema).condition(inverted)


def _joined(parts: list[Condition | None], is_any: bool) -> Condition | None:
    """Parts that are not understood may be true."""
    known = [part for part in parts if part is not None]
    if not known or is_any and len(known) < len(parts):
        return None
    if len(known) == 1:
        return known[0]
    return AnyOf(known) if is_any else All(known)


class _Term:
    """A term without AND, OR and NOT around it."""

    def __init__(self, tokens: list[Token], schema: pa.Schema) -> None:
        self.tokens = tokens
        self.place = 0
        self.schema = schema

    def condition(self, inverted: bool) -> Condition | None:
        """The condition, if all tokens are one that is understood."""
        result = self._flipped() or self._of_column()
        if result is None or self.place < len(self.tokens):
            return None
        return negated(result) if inverted else result

    def _of_column(self) -> Condition | None:
        self.place = 0
        column = self._column()
        if column is None:
            return None
        if self.place == len(self.tokens):
            return self._compared(column, "=", Literal("word", "TRUE"))
        if self._word("IS"):
            inverted = self._word("NOT")
            return IsNull(column, inverted) if self._word("NULL") else None
        if self._operator("%"):
            return self._remainder(column)
        operator = self._comparison()
        if operator is not None:
            literal = self._literal()
            return None if literal is None else self._compared(column, operator, literal)
        inverted = self._word("NOT")
        if self._word("IN"):
            return self._one_of(column, inverted)
        return self._between(column, inverted) if self._word("BETWEEN") else None

    def _flipped(self) -> Condition | None:
        literal = self._literal()
        operator = self._comparison() if literal is not None else None
        column = self._column() if operator is not None else None
        if literal is None or operator is None or column is None:
            return None
        return self._compared(column, _FLIPPED[operator], literal)

    def _compared(self, column: str, operator: str, literal: Literal) -> Condition | None:
        value = self._value(column, literal)
        return None if value is None else Compare(column, operator, value)

    def _remainder(self, column: str) -> Condition | None:
        if not pa.types.is_signed_integer(self.schema.field(column).type):
            return None
        divisor = self._literal()
        operator = self._comparison() if divisor is not None else None
        literal = self._literal() if operator is not None else None
        if divisor is None or operator is None or literal is None:
            return None
        by, value = self._value(column, divisor), self._value(column, literal)
        if by is None or value is None or by < 1:
            return None
        return Compare(column, operator, value, by)

    def _one_of(self, column: str, inverted: bool) -> Condition | None:
        values = []
        if not self._operator("("):
            return None
        while True:
            literal = self._literal()
            value = None if literal is None else self._value(column, literal)
            if value is None:
                return None
            values.append(value)
            if self._operator(")"):
                return OneOf(column, values, inverted)
            if not self._operator(","):
                return None

    def _between(self, column: str, inverted: bool) -> Condition | None:
        lower = self._literal()
        upper = self._literal() if lower is not None and self._word("AND") else None
        if lower is None or upper is None:
            return None
        parts = [self._compared(column, ">=", lower), self._compared(column, "<=", upper)]
        if None in parts:
            return None
        both = _joined(parts, False)
        return negated(both) if inverted and both is not None else both

    def _value(self, column: str, literal: Literal) -> Any:
        return value_of(literal, self.schema.field(column).type)

    def _next(self) -> Token | None:
        return self.tokens[self.place] if self.place < len(self.tokens) else None

    def _word(self, word: str) -> bool:
        token = self._next()
        found = token is not None and token.is_word(word)
        self.place += found
        return found

    def _operator(self, operator: str) -> bool:
        token = self._next()
        found = token is not None and token.is_operator(operator)
        self.place += found
        return found

    def _comparison(self) -> str | None:
        token = self._next()
        operator = _SPELLED.get(token.text, token.text) if token is not None and token.kind == "operator" else ""
        if operator not in _FLIPPED:
            return None
        self.place += 1
        return operator

    def _column(self) -> str | None:
        token = self._next()
        if token is None or token.kind not in ("word", "quoted"):
            return None
        self.place += 1
        names = self.schema.names
        if token.kind == "quoted":
            name = token.text[1:-1].replace('""', '"')
            return name if names.count(name) == 1 else None
        if token.text.lower() in _RESERVED or not token.text.isascii():
            return None
        same = [name for name in names if name == token.text] or [
            name for name in names if name.casefold() == token.text.casefold()
        ]
        return same[0] if len(same) == 1 else None

    def _literal(self) -> Literal | None:
        start = self.place
        sign = "-" if self._operator("-") else ""
        token = self._next()
        self.place += 1
        if token is not None and token.kind == "number":
            return Literal("number", sign + token.text)
        if token is not None and not sign and token.kind == "text":
            return Literal("text", _unquoted(token.text))
        if token is not None and not sign and token.kind == "word":
            kind = token.text.upper()
            following = self._next()
            if kind in ("TRUE", "FALSE"):
                return Literal("word", kind)
            if kind in ("DATE", "TIMESTAMP", "TIMESTAMPTZ") and following is not None and following.kind == "text":
                self.place += 1
                return Literal(kind, _unquoted(following.text))
        self.place = start
        return None


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")
