"""Types that Spark takes back: exact values, or an error with the name of the column."""

import datetime
import decimal
import re
import typing
import unittest

import cluster
import pyarrow as pa
from pyspark.sql import DataFrame, types

import arrow_pipes.spark
from arrow_pipes import _spark_types

TEXT = pa.array(["a", None, "bc"])
RUNS = pa.RunEndEncodedArray.from_arrays(pa.array([2, 3], pa.int32()), pa.array(["x", None], pa.string_view()))
LARGEST = 2**64 - 1


def integers(kind: pa.DataType, *values: int) -> pa.Array:
    return pa.array([*values, None], kind)


def stored(kind: pa.DataType, value: int) -> pa.Array:
    """A time of this many units."""
    bits = pa.int32() if kind.bit_width == 32 else pa.int64()
    return pa.array([value, None], bits).view(kind)


#: An array, the type that Spark gets, and what Spark shows (None: as pyarrow).
EXACT = {
    "uint8": (integers(pa.uint8(), 255), pa.int16(), None),
    "uint16": (integers(pa.uint16(), 65535), pa.int32(), None),
    "uint32": (integers(pa.uint32(), 2**32 - 1), pa.int64(), None),
    "uint64": (integers(pa.uint64(), LARGEST), pa.decimal128(20, 0), [decimal.Decimal(LARGEST), None]),
    "half": (pa.array([1.5, None], pa.float16()), pa.float32(), None),
    "large": (TEXT.cast(pa.large_string()), pa.string(), None),
    "view": (TEXT.cast(pa.string_view()), pa.string(), None),
    "large_binary": (pa.array([b"a"], pa.large_binary()), pa.binary(), None),
    "fixed_binary": (pa.array([b"ab", None], pa.binary(2)), pa.binary(), None),
    "dictionary": (TEXT.dictionary_encode(), pa.string(), None),
    "dictionary_of_views": (
        pa.DictionaryArray.from_arrays(pa.array([0, None], pa.uint16()), pa.array(["x"], pa.string_view())),
        pa.string(),
        None,
    ),
    "runs": (RUNS, pa.string(), ["x", "x", None]),
    "sliced_runs": (RUNS.slice(1, 2), pa.string(), ["x", None]),
    "list_view": (pa.array([[1], None], pa.list_view(pa.uint8())), pa.list_(pa.int16()), None),
    "list_views_in_list_views": (
        pa.array([[[1, 2], None], None, [[3]]], pa.list_view(pa.large_list_view(pa.uint8()))),
        pa.list_(pa.list_(pa.int16())),
        None,
    ),
    "unordered_list_view": (
        pa.ListViewArray.from_arrays(pa.array([2, 0], pa.int32()), pa.array([1, 2], pa.int32()), pa.array([7, 8, 9])),
        pa.list_(pa.int64()),
        [[9], [7, 8]],
    ),
    "large_list": (pa.array([["a"], None], pa.large_list(pa.large_string())), pa.list_(pa.string()), None),
    "fixed_list": (pa.array([[1, 2], None], pa.list_(pa.int8(), 2)), pa.list_(pa.int8()), None),
    "list_of_dictionary": (
        pa.ListArray.from_arrays([0, 2, 3], TEXT.dictionary_encode()),
        pa.list_(pa.string()),
        None,
    ),
    "struct": (
        pa.array([{"n": 7, "t": "a"}, None], pa.struct([("n", pa.uint64()), ("t", pa.string_view())])),
        pa.struct([("n", pa.decimal128(20, 0)), ("t", pa.string())]),
        [{"n": decimal.Decimal(7), "t": "a"}, None],
    ),
    "map": (
        pa.array([[("k", 1)], None], pa.map_(pa.string_view(), pa.uint8())),
        pa.map_(pa.string(), pa.int16()),
        [{"k": 1}, None],
    ),
    "decimal32": (pa.array([decimal.Decimal("1.50")], pa.decimal32(5, 2)), pa.decimal128(5, 2), None),
    "decimal256": (pa.array([decimal.Decimal("1.50")], pa.decimal256(38, 2)), pa.decimal128(38, 2), None),
    "hundreds": (pa.array([decimal.Decimal("1500")], pa.decimal128(5, -2)), pa.decimal128(7, 0), None),
    "date64": (pa.array([datetime.date(1969, 12, 31), None], pa.date64()), pa.date32(), None),
    "seconds": (stored(pa.timestamp("s"), -1), pa.timestamp("us"), None),
    "nanoseconds": (
        stored(pa.timestamp("ns"), 1000),
        pa.timestamp("us"),
        [datetime.datetime(1970, 1, 1, 0, 0, 0, 1), None],
    ),
    # Spark shows the local time of the Python process, without a zone.
    "zone": (
        stored(pa.timestamp("ms", "America/New_York"), 0),
        pa.timestamp("us", "America/New_York"),
        [datetime.datetime.fromtimestamp(0), None],
    ),
    "duration": (stored(pa.duration("ns"), 5000), pa.duration("us"), [datetime.timedelta(microseconds=5), None]),
    "time32": (stored(pa.time32("ms"), 1), pa.time64("ns"), None),
    "time64": (stored(pa.time64("ns"), 1000), pa.time64("ns"), [datetime.time(0, 0, 0, 1), None]),
    "null": (pa.nulls(2), pa.null(), None),
    "uuid": (pa.array([bytes(16), None], pa.uuid()), pa.binary(), [bytes(16), None]),
}

#: A type, and what the error says after the name of the column.
REFUSED = [
    (pa.decimal256(39, 1), '": Spark has no type for decimal256(39, 1): cast it to DECIMAL(38, 1) with stream-select'),
    (pa.decimal128(2, 4), '": Spark has no type for decimal128(2, 4): cast it to DECIMAL(38, 4) with stream-select'),
    (pa.month_day_nano_interval(), '": Spark has no type for month_day_nano_interval: cast it to VARCHAR'),
    (pa.dense_union([pa.field("a", pa.int8())]), '": Spark has no type for dense_union<a: int8=0>: leave it out'),
    (pa.struct([("a", RUNS.type)]), '.a": Spark has no type for run_end_encoded<'),
    (pa.list_(pa.list_view(pa.int8())), '[]": Spark has no type for list_view<item: int8>: cast its values'),
    (pa.list_(pa.struct([("at", pa.month_day_nano_interval())])), '[].at": Spark has no type for month_day_nano'),
    (pa.map_(pa.string(), RUNS.type), '{value}": Spark has no type for run_end_encoded<'),
]

#: An array with a value that Spark cannot have.
LOSSES = {
    "nanoseconds": stored(pa.timestamp("ns"), 1001),
    "nested": pa.array([{"t": 1}], pa.struct([("t", pa.timestamp("ns"))])),
    "far": stored(pa.timestamp("s"), 2**62),
    "duration": stored(pa.duration("ns"), 1),
    "time": stored(pa.time64("ns"), 1),
    "time_in_list": pa.ListArray.from_arrays([0, 1], stored(pa.time64("ns"), 1).slice(0, 1)),
    "date64": stored(pa.date64(), 1),
}


def converted(array: pa.Array) -> pa.RecordBatch:
    batch = pa.record_batch({"x": array})
    return _spark_types.convert(batch, _spark_types.spark_schema(batch.schema))


class Conversions(unittest.TestCase):
    def test_values_stay_the_same(self) -> None:
        for name, (array, kind, _) in EXACT.items():
            with self.subTest(name):
                column = converted(array).column(0)
                self.assertEqual(kind, column.type)
                column.validate(full=True)
                if name != "uuid":
                    self.assertEqual(array.to_pylist(), column.to_pylist())

    def test_other_types_are_refused(self) -> None:
        for kind, problem in REFUSED:
            with self.subTest(str(kind)):
                with self.assertRaisesRegex(TypeError, re.escape(f'column "x{problem}')):
                    _spark_types.spark_schema(pa.schema([("a", pa.int8()), ("x", kind)]))

    def test_a_loss_is_an_error(self) -> None:
        for name, array in LOSSES.items():
            with self.subTest(name), self.assertRaisesRegex(ValueError, '^column "x" cannot become .* without loss'):
                converted(array)

    def test_types_can_be_read_at_run_time(self) -> None:
        self.assertEqual(DataFrame, typing.get_type_hints(arrow_pipes.spark.pipe)["return"])

    def test_equal_names_are_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, 'two columns have the name "a"'):
            _spark_types.spark_schema(pa.schema([("a", pa.int8()), ("a", pa.int8())]))


    def test_a_type_that_spark_cannot_send(self) -> None:
        months = types.StructType([types.StructField("age", types.YearMonthIntervalType())])
        with self.assertRaisesRegex(TypeError, 'column "age": Spark cannot send interval year to month: cast it'):
            _spark_types.from_spark(months, "UTC", False)

    def test_what_partial_aggregates_need_is_kept_in_spark(self) -> None:
        schema = pa.schema([("a", pa.int64())], metadata={b"arrow-pipes:aggregate:by": b"a", b"other": b"x"})
        columns = _spark_types.to_spark(schema)
        kept = _spark_types.from_spark(types.StructType.fromJson(columns.jsonValue()), "UTC", False).metadata
        self.assertEqual({b"arrow-pipes:aggregate:by": b"a"}, kept)
        more = types.StructType([*columns, types.StructField("b", types.LongType())])
        self.assertIsNone(_spark_types.from_spark(more, "UTC", False).metadata)


class ThroughSpark(unittest.TestCase):
    """What Spark shows of the columns."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.spark = cluster.session("local[1]")

    @classmethod
    def tearDownClass(cls) -> None:
        cls.spark.stop()

    def test_names_with_dots_and_quotes(self) -> None:
        # Spark's own mapInArrow finds no column "a.b".
        names = ["a.b", "c`d", 'e "f"', "g h"]
        rows = self.spark.range(3).selectExpr("id", "id + 1", "id + 2", "id + 3").toDF(*names)
        self.assertEqual(names, arrow_pipes.spark.pipe(rows, "stream-cat").columns)
        command = """stream-aggregate --by '"a.b"' 'max("c`d") AS "x.y"'"""
        result = arrow_pipes.spark.pipe(rows, command, group_by="a.b")
        self.assertEqual(["a.b", "x.y"], result.columns)
        self.assertEqual([(0, 1), (1, 2), (2, 3)], sorted(map(tuple, result.collect())))

    def test_a_table_without_columns_is_refused(self) -> None:
        # Spark sends no number of rows without columns, so a count would be 0.
        with self.assertRaisesRegex(ValueError, "the DataFrame has no columns"):
            arrow_pipes.spark.pipe(self.spark.range(3).select(), "stream-aggregate 'count(*)'", per_partition=True)

    def test_a_schema_is_one_of_arrow_or_spark(self) -> None:
        with self.assertRaisesRegex(TypeError, "the schema is a list, not"):
            arrow_pipes.spark.pipe(self.spark.range(3), "stream-cat", schema=["id"])

    def test_values_arrive(self) -> None:
        columns = {name: converted(array.slice(0, 1)).column(0) for name, (array, _, _) in EXACT.items()}
        batch = pa.record_batch(columns)

        def rows(_):
            yield batch

        frame = self.spark.range(0, 1, 1, 1).mapInArrow(rows, _spark_types.to_spark(batch.schema))
        row = frame.collect()[0].asDict(recursive=True)
        for name, (array, _, shown) in EXACT.items():
            with self.subTest(name):
                expected = (shown or array.to_pylist())[0]
                self.assertEqual(expected, row[name])


if __name__ == "__main__":
    unittest.main()
