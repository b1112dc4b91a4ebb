"""What an engine may leave out of the input of a command: never a row or column that the command needs."""

import datetime
import decimal
import json
import math
import os
import random
import shlex
import unittest
from unittest import mock

import pyarrow as pa
from random_conditions import OPERATORS, SCHEMA, UTC, predicate, rows_of
from support import PipeTest, arrow_pipes

from arrow_pipes import _hints
from arrow_pipes._conditions import All, AnyOf, Compare, IsNull, OneOf
from arrow_pipes._predicate import parse

EPOCH = datetime.datetime(1970, 1, 1)

def condition(text):
    return parse(text, SCHEMA)


class WhatIsUnderstood(unittest.TestCase):
    CASES = {
        "id < 3": Compare("id", "<", 3),
        "3 < id": Compare("id", ">", 3),
        "ID != -3": Compare("id", "<>", -3),
        "(((id == 3)))": Compare("id", "=", 3),
        "flag": Compare("flag", "=", True),
        "NOT flag": Compare("flag", "<>", True),
        "flag = FALSE": Compare("flag", "=", False),
        "price >= 0.2": Compare("price", ">=", 0.2),
        "single = 0.1": Compare("single", "=", 0.10000000149011612),
        "amount > 20": Compare("amount", ">", decimal.Decimal(20)),
        "amount > 20.500": Compare("amount", ">", decimal.Decimal("20.5")),
        "city = 'it''s'": Compare("city", "=", "it's"),
        "day = '1970-01-02'": Compare("day", "=", 1),
        "DATE '1969-12-31' >= day": Compare("day", "<=", -1),
        "at < TIMESTAMPTZ '1970-01-01 01:00:00.5+01:00'": Compare("at", "<", 500_000),
        "at < '1970-01-01T00:00:00Z'": Compare("at", "<", 0),
        "local = '1970-01-02'": Compare("local", "=", 86_400_000_000),
        "local = TIMESTAMP '1970-01-01 00:00:01'": Compare("local", "=", 1_000_000),
        "id % 3 = 0": Compare("id", "=", 0, 3),
        "city IN ('a', 'b')": OneOf("city", ["a", "b"], False),
        "NOT city IN ('a')": OneOf("city", ["a"], True),
        "city NOT IN ('a')": OneOf("city", ["a"], True),
        "\"a.b\" IS NULL": IsNull("a.b", False),
        '"q""x" IS NOT NULL': IsNull('q"x', True),
        "id BETWEEN 1 AND 2": All([Compare("id", ">=", 1), Compare("id", "<=", 2)]),
        "id NOT BETWEEN 1 AND 2": AnyOf([Compare("id", "<", 1), Compare("id", ">", 2)]),
        "id = 1 OR tiny = 2 AND flag": AnyOf(
            [Compare("id", "=", 1), All([Compare("tiny", "=", 2), Compare("flag", "=", True)])]
        ),
        "NOT (id = 1 OR tiny > 2)": All([Compare("id", "<>", 1), Compare("tiny", "<=", 2)]),
        # The rest is left out.
        "id = 1 AND length(city) > 2": Compare("id", "=", 1),
        "id = 1 AND tags[1] = 3 AND price > 1e3": Compare("id", "=", 1),
        "(city || 'x AND y' = 'x' OR FALSE) AND id = 1": Compare("id", "=", 1),
        "CASE WHEN flag AND TRUE OR FALSE THEN 1 END = 1 AND id = 1": Compare("id", "=", 1),
        "NOT (id = 1 OR length(city) > 2)": Compare("id", "<>", 1),
        "id BETWEEN tiny AND 3 AND id = 1": Compare("id", "=", 1),
        "(id < 3\n) AND (NOT coalesce(tiny > 3\n, FALSE)\n)": Compare("id", "<", 3),
    }

    NOTHING = [
        "id = 1 OR length(city) > 2",
        "NOT (id = 1 AND length(city) > 2)",
        "id < 2.5",
        "id < 3 -- AND id > 5",
        "id /* = 5 OR id */ = 3",
        "#1 = 3",
        "$$a$$ = city",
        "E'\\' AND id = 1 AND city = ' = city",
        "tiny = 128",
        "amount = 0.001",
        "amount > 12345678",
        "price = 0.12345678901234567",
        "price = 1e3",
        "id = 1_000",
        "id = '3'",
        "id = NULL",
        "id IN (1, NULL)",
        "id = tiny",
        "id + 1 = 3",
        "id % 0 = 1",
        "id % -3 = 0",
        "price % 3 = 0",
        "city LIKE 'a%'",
        "city IS NOT DISTINCT FROM 'a'",
        "unknown = 3",
        "a.b = 3",
        "true",
        "day = '1970-01-01 12:00:00'",
        "day = '1970-02-30'",
        "day > TIMESTAMP '1970-01-01 00:00:00'",
        # Local times are the tools' matter.
        "at > '2024-07-01'",
        "at > TIMESTAMP '2024-07-01 00:00:00'",
        "local > TIMESTAMPTZ '2024-07-01 00:00:00+00:00'",
        "local > '2024-07-01 00:00:00.1234567'",
        "id = 1 XOR flag",
        "(id = 1",
        "id = 1)",
        "",
        "NOT",
        "(" * 1000 + "id = 1" + ")" * 999,
        "NOT " * 1000 + "flag",
    ]

    def test_conditions(self):
        for text, expected in self.CASES.items():
            with self.subTest(text):
                self.assertEqual(condition(text), expected)

    def test_what_is_left_out(self):
        for text in self.NOTHING:
            with self.subTest(text[:40]):
                self.assertIsNone(condition(text))

    def test_names(self):
        schema = pa.schema([("Id", pa.int8()), ("ID", pa.int8()), ("x", pa.int8()), ("x", pa.int8())])
        self.assertEqual(parse("Id = 1", schema), Compare("Id", "=", 1))
        for text in ("id = 1", "x = 1", '"x" = 1', '"iD" = 1'):
            self.assertIsNone(parse(text, schema), text)


def order(value):
    """NaN is the largest number, and equals itself."""
    if isinstance(value, float):
        return (1, 0) if math.isnan(value) else (0, value)
    return value


def truth(node, row):
    """What a condition is for a row; None if unknown."""
    if isinstance(node, (All, AnyOf)):
        decides = isinstance(node, AnyOf)
        truths = [truth(part, row) for part in node.parts]
        if decides in truths:
            return decides
        return None if None in truths else not decides
    value = row[node.column]
    if isinstance(node, IsNull):
        return (value is None) != node.negated
    if value is None:
        return None
    if isinstance(node, OneOf):
        return (order(value) in map(order, node.values)) != node.negated
    if node.divisor is not None:
        # With the sign of the dividend.
        value = abs(value) % node.divisor * (1 if value >= 0 else -1)
    return OPERATORS[node.operator](order(value), order(node.value))


def numbered(value):
    """Dates and timestamps as conditions have them."""
    if isinstance(value, datetime.datetime):
        plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return (plain - EPOCH) // datetime.timedelta(microseconds=1)
    return (value - EPOCH.date()).days if isinstance(value, datetime.date) else value


class RandomConditions(PipeTest):
    """Against stream-filter: no row that it keeps may be left out."""

    def test_random_conditions(self):
        rng = random.Random(8)
        table = rows_of(rng, 500)
        rows = [{name: numbered(value) for name, value in row.items()} for row in table.to_pylist()]
        numbers = table.append_column("row", pa.array(range(table.num_rows), pa.int64()))
        used = exact = 0
        for _ in range(int(os.environ.get("PUSHDOWN_CASES", "150"))):
            self.watch()
            text = predicate(rng)
            found = parse(text, table.schema)
            command = f"stream-filter -- {shlex.quote(text)}"
            with arrow_pipes.pipe(numbers, command) as reader:
                kept = set(reader.read_all().column("row").to_pylist())
            if found is None:
                continue
            used += 1
            sent = {number for number, row in enumerate(rows) if truth(found, row) is True}
            self.assertLessEqual(kept, sent, text)
            exact += kept == sent
        self.assertLess(50, exact)
        self.assertLess(exact, used)


class Hints(PipeTest):
    def test_commands(self):
        for command, columns, where in [
            ("stream-filter 'id < 3' | stream-select city", ["id", "city"], "id < 3"),
            ("arrow-pipes stream-filter 'id < 3'", None, "id < 3"),
            ("stream-select '* EXCLUDE (id)' | stream-filter 'tiny = 3 AND flag' | stream-count --by city --stream",
             ["tiny", "city", "flag"], "tiny = 3 AND flag"),
            ("stream-aggregate 'count(*) AS n'", [], None),
            # An answer for each part of a table, also for one whose rows are all left out.
            ("stream-filter 'id < 3' | stream-aggregate --partial 'count(*)'", ["id"], None),
            ("stream-filter 'id < 3' | stream-aggregate --by tiny 'count(*)'", ["tiny", "id"], "id < 3"),
            ("stream-head -n 3", None, None),
            # The message of the cast would name another row.
            ("stream-select 'CAST(city AS INT) AS n, id' | stream-filter 'id > 3'", ["id", "city"], None),
            ("stream-filter 'CAST(city AS INT) > 3' | stream-filter 'id > 3'", None, None),
            # Other programs say nothing.
            ("cat | stream-filter 'id < 3' | stream-select city", None, None),
        ]:
            with self.subTest(command):
                schema, hint = _hints.learn(SCHEMA, command)
                self.assertEqual(hint, _hints.Hint(columns, where))
                self.assertTrue(schema.equals(arrow_pipes.schema(SCHEMA, command), check_metadata=True))

    def test_hints_that_are_turned_off(self):
        for command in ("stream-filter 'id < 3' --no-pushdown", "stream-filter 'id < 3'"):
            with mock.patch.dict(os.environ, {"ARROW_PIPES_HINTS": "off" if command.endswith("'") else "on"}):
                self.assertEqual(_hints.learn(SCHEMA, command)[1], _hints.Hint())

    def test_wide_tables(self):
        schema = pa.schema([(f"a column with a long name {number}", pa.int8()) for number in range(1000)])
        _, hint = _hints.learn(schema, "stream-select '* EXCLUDE (\"a column with a long name 7\")'")
        self.assertEqual(len(hint.columns), 999)

    def test_errors_are_those_of_the_command(self):
        for command in ("stream-filter 'idd < 3'", "stream-filter true | stream-select nothing", "stream-fliter true"):
            errors = []
            for function in (_hints.learn, arrow_pipes.schema):
                with self.assertRaises(Exception) as caught:
                    function(SCHEMA, command)
                errors.append((type(caught.exception), str(caught.exception)))
            self.assertEqual(*errors)

    def test_an_explanation_that_is_not_understood(self):
        for text in (b"", b"{}", b"[]", b"3", b"\xff", b'{"reader":null}', b'{"reader":{"columns":null}}'):
            self.assertIsNone(_hints.parse(text))
        odd = {"reader": {"columns": [1], "where": 3}}
        self.assertEqual(_hints.parse(json.dumps(odd).encode()), _hints.Hint())
        told = b'a message\n{"reader":{"columns":["a"],"where":"a = 1"}}\n'
        self.assertEqual(_hints.parse(told), _hints.Hint(["a"], "a = 1"))


if __name__ == "__main__":
    unittest.main()
