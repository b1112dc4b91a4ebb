"""Arrow types that Spark takes back, and exact conversions to them.

Unsigned integers become wider signed ones (uint64 decimal(20, 0)), half floats floats, times of any
unit microseconds, decimals of any width 128-bit ones. Views, large types, fixed-size lists,
dictionary-encoded and run-end encoded columns become plain. Timestamps keep their zone: with one they
are TIMESTAMP in Spark, without TIMESTAMP_NTZ. All other types are refused, with the name of the column.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Union

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as is_

if TYPE_CHECKING:
    from pyspark.sql.types import StructType

_SAME = (
    *(pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.float32(), pa.float64()),
    *(pa.string(), pa.binary(), pa.date32(), pa.null()),
)

_OTHERS = {
    pa.uint8(): pa.int16(),
    pa.uint16(): pa.int32(),
    pa.uint32(): pa.int64(),
    pa.uint64(): pa.decimal128(20, 0),
    pa.float16(): pa.float32(),
    pa.large_string(): pa.string(),
    pa.string_view(): pa.string(),
    pa.large_binary(): pa.binary(),
    pa.binary_view(): pa.binary(),
    pa.date64(): pa.date32(),
}

_MOST_DIGITS = 38

#: The key of what Spark's metadata of the first column keeps for the next pipe.
_METADATA = "arrow_pipes"

#: The metadata of a schema that the tools need again: what `stream-aggregate --partial` writes.
_OURS = b"arrow-pipes:"


class _Refused(Exception):
    """A type that Spark does not have: its place in the column, and the way out."""

    def __init__(self, path: str, kind: pa.DataType, way_out: str) -> None:
        self.path = path
        self.kind = kind
        self.way_out = way_out


def spark_schema(schema: pa.Schema) -> pa.Schema:
    """The schema with the types that `convert` gives its columns.

    Raises TypeError if Spark has no such type, and ValueError if two columns have the same name.
    """
    fields = []
    for field in schema:
        try:
            fields.append(field.with_type(_plain(field.type, "", is_column=True)))
        except _Refused as refused:
            name = field.name + refused.path
            message = f'column "{name}": Spark has no type for {refused.kind}: {refused.way_out}'
            raise TypeError(message) from None
    names = [field.name for field in fields]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f'two columns have the name "{name}": rename one with stream-select')
    return pa.schema(fields, metadata=schema.metadata)


def _plain(kind: pa.DataType, path: str, is_column: bool = False) -> pa.DataType:
    if isinstance(kind, pa.BaseExtensionType):
        return _plain(kind.storage_type, path, is_column)
    if kind in _SAME:
        return kind
    if kind in _OTHERS:
        return _OTHERS[kind]
    if is_.is_fixed_size_binary(kind):
        return pa.binary()
    if is_.is_decimal(kind):
        return _decimal(kind, path)
    if is_.is_timestamp(kind):
        return pa.timestamp("us", tz=kind.tz)
    if is_.is_duration(kind):
        return pa.duration("us")
    if is_.is_time(kind) and _has_time():
        return pa.time64("ns")
    if is_.is_dictionary(kind) and (is_column or not _has_views(kind.value_type)):
        return _plain(kind.value_type, path, is_column)
    if _is_by_hand(kind):
        if is_column and is_.is_run_end_encoded(kind):
            return _plain(kind.value_type, path, is_column)
        if is_column:
            return pa.list_(kind.value_field.with_type(_plain(kind.value_type, path + "[]", is_column)))
    elif is_.is_nested(kind) and not is_.is_union(kind):
        return _nested(kind, path)
    raise _Refused(path, kind, _way_out(kind))


def _nested(kind: pa.DataType, path: str) -> pa.DataType:
    def inner(field: pa.Field, step: str) -> pa.Field:
        return field.with_type(_plain(field.type, path + step))

    if is_.is_struct(kind):
        return pa.struct([inner(field, f".{field.name}") for field in kind])
    if is_.is_map(kind):
        return pa.map_(inner(kind.key_field, "{key}"), inner(kind.item_field, "{value}"))
    return pa.list_(inner(kind.value_field, "[]"))


def _decimal(kind: pa.DataType, path: str) -> pa.DataType:
    # A negative scale stands for zeros before the point.
    precision, scale = kind.precision - min(kind.scale, 0), max(kind.scale, 0)
    if precision > _MOST_DIGITS or scale > precision:
        digits = f"DECIMAL({_MOST_DIGITS}, {min(scale, _MOST_DIGITS)})"
        raise _Refused(path, kind, f"cast it to {digits} with stream-select")
    return pa.decimal128(precision, scale)


def _is_by_hand(kind: pa.DataType) -> bool:
    """Whether `_convert` rebuilds such arrays, which it can only where nothing is around them.

    pyarrow 26 casts no runs, and its cast of list views loses the last list of an array.
    """
    return bool(is_.is_run_end_encoded(kind) or is_.is_list_view(kind) or is_.is_large_list_view(kind))


def _has_views(kind: pa.DataType) -> bool:
    return bool(kind == pa.string_view() or kind == pa.binary_view())


def _has_time() -> bool:
    """Whether Spark has TIME: since 4.1."""
    from pyspark.sql import types

    return hasattr(types, "TimeType")


def _way_out(kind: pa.DataType) -> str:
    if is_.is_time(kind) or is_.is_interval(kind):
        return "cast it to VARCHAR with stream-select"
    if is_.is_dictionary(kind) or _is_by_hand(kind):
        return "cast its values to a plain type with stream-select"
    return "leave it out with stream-select"


def convert(batch: pa.RecordBatch, target: pa.Schema) -> pa.RecordBatch:
    """The batch with the types of a schema that `spark_schema` returned.

    Raises ValueError, with the name of the column, if a value would change.
    """
    if batch.schema.equals(target, check_metadata=False) and not any(map(_has_nanoseconds, target.types)):
        return batch
    arrays = []
    for array, field in zip(batch.columns, target):
        try:
            arrays.append(_convert(array, field.type))
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            message = f'column "{field.name}" cannot become {field.type} for Spark without loss: {error}'
            raise ValueError(f"{message}: cast or round it in the command") from error
    return pa.RecordBatch.from_arrays(arrays, schema=target)


def _convert(array: pa.Array, kind: pa.DataType) -> pa.Array:
    if array.type == kind:
        # Times are nanoseconds in Arrow, but Spark keeps microseconds.
        return array if not _has_nanoseconds(kind) else array.cast(_with_micros(kind)).cast(kind)
    if isinstance(array, pa.ExtensionArray):
        return _convert(array.storage, kind)
    if is_.is_run_end_encoded(array.type):
        values = _convert(array.values, kind)
        runs = pa.RunEndEncodedArray.from_arrays(array.run_ends, values)
        return pc.run_end_decode(runs.slice(array.offset, len(array)))
    if _is_by_hand(array.type):
        lengths = pc.fill_null(pc.list_value_length(array), 0).cast(pa.int64())
        offsets = pa.concat_arrays([pa.array([0], pa.int64()), pc.cumulative_sum(lengths)]).cast(pa.int32())
        values = _convert(array.flatten(), kind.value_type)
        return pa.ListArray.from_arrays(offsets, values, type=kind, mask=array.is_null())
    if is_.is_dictionary(array.type):
        values = _convert(array.dictionary, kind)
        return pa.DictionaryArray.from_arrays(array.indices, values).cast(kind)
    if _has_nanoseconds(kind):
        array = array.cast(_with_micros(kind))
    return array.cast(kind)


def _has_nanoseconds(kind: pa.DataType) -> bool:
    return "time64[ns]" in str(kind)


def _with_micros(kind: pa.DataType) -> pa.DataType:
    if is_.is_time(kind):
        return pa.time64("us")
    if is_.is_struct(kind):
        return pa.struct([field.with_type(_with_micros(field.type)) for field in kind])
    if is_.is_map(kind):
        keys, items = kind.key_field, kind.item_field
        return pa.map_(keys.with_type(_with_micros(keys.type)), items.with_type(_with_micros(items.type)))
    if is_.is_list(kind):
        return pa.list_(kind.value_field.with_type(_with_micros(kind.value_type)))
    return kind


def to_spark(schema: pa.Schema) -> StructType:
    """The columns of Spark for a schema that `spark_schema` returned."""
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import StructField, StructType

    fields = list(from_arrow_schema(schema))
    kept = {key.decode(): _encoded(value) for key, value in (schema.metadata or {}).items() if key.startswith(_OURS)}
    if kept and fields:
        first = fields[0]
        metadata = {**(first.metadata or {}), _METADATA: {"columns": schema.names, "schema": kept}}
        fields[0] = StructField(first.name, first.dataType, first.nullable, metadata)
    return StructType(fields)


def from_spark(schema: StructType, timezone: str, large: bool) -> pa.Schema:
    """The schema of the batches that Spark sends.

    Raises TypeError, with the column, if Spark cannot send a type.
    """
    import inspect

    from pyspark.errors import PySparkTypeError
    from pyspark.sql.pandas.types import to_arrow_schema
    from pyspark.sql.types import StructType

    options: dict[str, Any] = {"prefers_large_types": large}
    # Not in 4.0.
    if "timezone" in inspect.signature(to_arrow_schema).parameters:
        options["timezone"] = timezone
    fields = []
    for field in schema:
        try:
            fields += to_arrow_schema(StructType([field]), **options)
        except PySparkTypeError as error:
            kind = field.dataType.simpleString()
            raise TypeError(f'column "{field.name}": Spark cannot send {kind}: cast it, or leave it out') from error
    result = pa.schema(fields)
    kept = (schema[0].metadata or {}).get(_METADATA) if len(schema) else None
    if kept and kept["columns"] == result.names:
        metadata = {key.encode(): base64.b64decode(value) for key, value in kept["schema"].items()}
        result = result.with_metadata(metadata)
    return result


def result(schema: Union[pa.Schema, StructType, str]) -> tuple[pa.Schema, StructType]:
    """The columns of a result, for Arrow and for Spark.

    Raises TypeError for another kind of schema, or a type that Spark does not have.
    """
    if isinstance(schema, pa.Schema):
        target = spark_schema(schema)
        return target, to_spark(target)
    from pyspark.sql.types import DataType, StructType

    columns = StructType.fromDDL(schema) if isinstance(schema, str) else schema
    if not isinstance(columns, DataType):
        kind = type(columns).__name__
        raise TypeError(f"the schema is a {kind}, not a pyarrow.Schema or a schema of Spark")
    if not isinstance(columns, StructType):
        raise TypeError(f"the schema is {columns.simpleString()}, not columns with names")
    return from_spark(columns, "UTC", False), columns


def is_result(actual: pa.Schema, target: pa.Schema) -> bool:
    """Whether batches of a schema have the columns of a result in Spark."""
    return _shown(actual) == _shown(target)


def check_result(actual: pa.Schema, target: pa.Schema) -> None:
    """Raise ValueError if not. Columns may depend on rows, as those that `csv-to-stream` infers do."""
    if not is_result(actual, target):
        raise ValueError(
            f"the columns of this partition are {_shown(actual)}, not {_shown(target)}: "
            "declare their types in the command"
        )


def _shown(schema: pa.Schema) -> str:
    return str(to_spark(spark_schema(schema)).simpleString())


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()
