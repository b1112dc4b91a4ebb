"""Conditions on rows as data, which an engine can translate into its own."""

from __future__ import annotations

from typing import Any, NamedTuple, Union


class Compare(NamedTuple):
    """A column compared with a value: `=`, `<>`, `<`, `<=`, `>` or `>=`."""

    column: str
    operator: str
    value: Any
    #: If not None, the remainder of the column by this positive integer is compared.
    divisor: int | None = None


class OneOf(NamedTuple):
    """Whether a column has one of some values, or none of them."""

    column: str
    values: list[Any]
    negated: bool


class IsNull(NamedTuple):
    """Whether a column is null, or not null."""

    column: str
    negated: bool


class All(NamedTuple):
    """Conditions joined by AND."""

    parts: list[Condition]


class AnyOf(NamedTuple):
    """Conditions joined by OR."""

    parts: list[Condition]


Condition = Union[Compare, OneOf, IsNull, All, AnyOf]

_NEGATED = {"=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}


def negated(condition: Condition) -> Condition:
    """True where the condition is false, and unknown where it is unknown."""
    if isinstance(condition, Compare):
        return condition._replace(operator=_NEGATED[condition.operator])
    if isinstance(condition, (OneOf, IsNull)):
        return condition._replace(negated=not condition.negated)
    parts = [negated(part) for part in condition.parts]
    return AnyOf(parts) if isinstance(condition, All) else All(parts)
