"""What a pipe does not need of a DataFrame: Spark leaves it out before it sends rows to Python."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.types as is_

import arrow_pipes
from arrow_pipes import _hints
from arrow_pipes._conditions import All, AnyOf, Compare, Condition, IsNull, OneOf
from arrow_pipes._errors import PipeError
from arrow_pipes._predicate import parse

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import DataType, StructType

#: Spark compares CHAR columns without spaces at their ends; this key of a column's metadata tells them.
_CHAR = "__CHAR_VARCHAR_TYPE_STRING"

#: To push filters down, Spark converts days and instants to another calendar and to older rules of time
#: zones, which have no 10 October 1582. These are the first of 15 October 1582 and of 1900.
_FIRST = {"date": -141_427, "timestamp": -2_208_988_800_000_000}


class Needs:
    """What a command needs of the columns of a DataFrame."""

    def __init__(self, source: pa.Schema) -> None:
        #: The schema of all columns, which the command gets.
        self.schema = source
        #: The places of the columns that Spark sends.
        self.places = list(range(len(source)))
        self.where: Condition | None = None

    def filter(self, df: DataFrame) -> DataFrame:
        """The rows that are needed, and perhaps others."""
        return df if self.where is None else df.where(_Conditions(df.schema).column(self.where))

    def select(self, df: DataFrame, also: Sequence[str] = ()) -> DataFrame:
        """The columns that are needed, and these columns."""
        if len(self.places) == len(self.schema):
            return df
        needed = {self.schema.names[place] for place in self.places}
        # Spark takes a name for a column whose name differs in case, by default.
        more = {name.casefold() for name in also}
        kept = [name for name in df.columns if name in needed or name.casefold() in more]
        return df.select(*map(quoted, kept))


def learn(source: pa.Schema, command: str) -> tuple[pa.Schema, Needs]:
    """The schema that a command makes of the columns of a DataFrame, and what it needs of them.

    Columns that are left out arrive as columns of the type NULL. That is checked here: an expression
    may refuse such a column, even if its result is not used.
    """
    result, hint = _hints.learn(source, command)
    needs = Needs(source)
    names = {name.casefold() for name in source.names}
    # For Spark, names are equal that differ in case.
    if len(names) < len(source.names):
        return result, needs
    where = None if hint.where is None else parse(hint.where, source)
    if hint.columns is not None and set(hint.columns) <= set(source.names):
        places = [source.names.index(name) for name in hint.columns]
        places = sorted(places) or [min(needs.places, key=lambda place: _row_bytes(source.field(place).type))]
        narrowed = _without(source, places)
        if len(places) < len(source) and _makes(narrowed, command, result):
            needs.schema, needs.places = narrowed, places
    needs.where = where
    return result, needs


def _without(source: pa.Schema, places: Sequence[int]) -> pa.Schema:
    fields = [field if place in places else pa.field(field.name, pa.null()) for place, field in enumerate(source)]
    return pa.schema(fields, metadata=source.metadata)


def _makes(source: pa.Schema, command: str, expected: pa.Schema) -> bool:
    try:
        return bool(arrow_pipes.schema(source, command).equals(expected))
    except PipeError:
        return False


def _row_bytes(kind: pa.DataType) -> int:
    """Bytes of a value, as far as types tell."""
    try:
        return int(kind.bit_width)
    except ValueError:
        return 1 << (20 if is_.is_nested(kind) else 10)


def widened(batch: pa.RecordBatch, schema: pa.Schema, places: Sequence[int]) -> list[pa.Array]:
    """The columns of a batch that Spark sent, with nulls in place of those that it did not send."""
    if len(places) == len(schema):
        return list(batch.columns)
    arrays = iter(batch.columns)
    return [next(arrays) if place in places else pa.nulls(batch.num_rows) for place in range(len(schema))]


def quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"


class _Conditions:
    """Conditions as columns of Spark that are true at least for the same rows."""

    def __init__(self, schema: StructType) -> None:
        self._schema = schema

    def column(self, condition: Condition) -> Column:
        from pyspark.sql import functions

        found = self._column(condition)
        return functions.lit(True) if found is None else found

    def _column(self, condition: Condition) -> Column | None:
        if isinstance(condition, (All, AnyOf)):
            parts = [self._column(part) for part in condition.parts]
            known = [part for part in parts if part is not None]
            if isinstance(condition, AnyOf):
                return reduce(lambda a, b: a | b, known) if len(known) == len(parts) else None
            return reduce(lambda a, b: a & b, known) if known else None
        from pyspark.sql import functions

        field = self._schema[condition.column]
        column = functions.col(quoted(condition.column))
        if isinstance(condition, IsNull):
            return column.isNotNull() if condition.negated else column.isNull()
        kind = field.dataType.typeName()
        is_text = kind in ("string", "char", "varchar")
        # Another collation than by bytes has another name.
        if is_text and (field.dataType.simpleString() != "string" or _CHAR in field.metadata):
            return None
        if kind in ("float", "double"):
            return self._of_float(condition, column, field.dataType)
        values = condition.values if isinstance(condition, OneOf) else [condition.value]
        if kind in _FIRST and min(values) < _FIRST[kind]:
            return None
        if isinstance(condition, OneOf):
            found = column.isin([_literal(value, field.dataType) for value in condition.values])
            return ~found if condition.negated else found
        if condition.divisor is not None:
            column = column % _literal(condition.divisor, field.dataType)
        return _compared(column, condition.operator, _literal(condition.value, field.dataType))

    def _of_float(self, condition: Compare | OneOf, column: Column, kind: DataType) -> Column | None:
        """A comparison of floats that Parquet's statistics and dictionaries cannot make wrong.

        Statistics do not cover NaN, and dictionaries tell -0.0 from 0.0, so Spark itself would lose such
        rows. With `isnan`, it does not push the comparison down to the file.
        """
        from pyspark.sql import functions

        if isinstance(condition, OneOf):
            operator = "<>" if condition.negated else "="
            parts = [Compare(condition.column, operator, value) for value in condition.values]
            return self._column(All([*parts]) if condition.negated else AnyOf([*parts]))
        found = _compared(column, condition.operator, _literal(condition.value, kind))
        is_safe = condition.operator in ("=", "<", "<=") and condition.value != 0
        return found if is_safe else found | functions.isnan(column)


def _compared(column: Column, operator: str, value: Column) -> Column:
    if operator in ("=", "<>"):
        return column == value if operator == "=" else column != value
    if operator in ("<", "<="):
        return column < value if operator == "<" else column <= value
    return column > value if operator == ">" else column >= value


def _literal(value: Any, kind: DataType) -> Column:
    """A literal of exactly the type of a column, so that Spark does not convert the column."""
    from pyspark.sql import functions

    name = kind.typeName()
    if name == "date":
        return functions.date_from_unix_date(functions.lit(value))
    if name == "timestamp":
        return functions.timestamp_micros(functions.lit(value))
    if name == "timestamp_ntz":
        # From text, because numbers are instants, whose local time depends on the session.
        return functions.lit(_local_text(value)).cast(kind)
    return functions.lit(value).cast(kind)


def _local_text(micros: int) -> str:
    import datetime

    return str(datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=micros))
