"""Pipes on the blocks of a Ray Dataset: the rows of one machine, or an error."""

import logging
import typing
import unittest

import pyarrow as pa
import ray

import arrow_pipes
import arrow_pipes.ray

ROWS = 100_000


def setUpModule() -> None:
    global dataset, table
    ray.init(num_cpus=2, include_dashboard=False, logging_level=logging.ERROR, object_store_memory=200 << 20)
    ray.data.DataContext.get_current().enable_progress_bars = False
    command = f"stream-generate 'id = 0..{ROWS}, city = random(choice 6), price = random(decimal(7, 2) 0..99)'"
    table = arrow_pipes.scan(command).read_all()
    dataset = ray.data.from_arrow([table.slice(start, ROWS // 4) for start in range(0, ROWS, ROWS // 4)])


def tearDownModule() -> None:
    ray.shutdown()


def rows(dataset) -> list[dict]:
    return sorted(dataset.take_all(), key=lambda row: row["id"])


class Blocks(unittest.TestCase):
    def test_the_rows_are_those_of_one_machine(self) -> None:
        command = "stream-filter 'price > 98' | stream-select 'id, city, price * 0.19 AS tax'"
        expected = arrow_pipes.pipe(table, command).read_all()
        self.assertLess(100, expected.num_rows)
        self.assertEqual(expected.to_pylist(), rows(arrow_pipes.ray.pipe(dataset, command)))

    def test_types_can_be_read_at_run_time(self) -> None:
        self.assertEqual(ray.data.Dataset, typing.get_type_hints(arrow_pipes.ray.pipe)["return"])

    def test_blocks_without_rows(self) -> None:
        piped = arrow_pipes.ray.pipe(dataset, "stream-filter 'id < 0' | stream-select 'id, price'")
        self.assertEqual(0, piped.count())

    def test_partial_results_are_merged(self) -> None:
        functions = "stream-aggregate --by city 'count(*) AS n, sum(price) AS total'"
        parts = arrow_pipes.ray.pipe(dataset, f"{functions} --partial")
        blocks = [block for block in (ray.get(ref) for ref in parts.to_arrow_refs())]
        merged = arrow_pipes.pipe(pa.concat_tables(blocks), "stream-aggregate --merge | stream-sort --by city")
        expected = arrow_pipes.pipe(table, f"{functions} | stream-sort --by city").read_all()
        self.assertEqual(expected.to_pylist(), merged.read_all().to_pylist())

    def test_whole_groups(self) -> None:
        def firsts(group: pa.Table) -> pa.Table:
            return arrow_pipes.pipe(group, "stream-sort --by id | stream-head -n 3").read_all()

        expected = arrow_pipes.pipe(table, "stream-sample --first 3 --per city").read_all()
        groups = dataset.groupby("city").map_groups(firsts, batch_format="pyarrow")
        self.assertEqual(expected.to_pylist(), rows(groups))

    def test_the_error_of_ray_has_the_line_of_the_tool(self) -> None:
        piped = arrow_pipes.ray.pipe(dataset, "stream-select 'CAST(id AS SMALLINT) AS small'")
        with self.assertRaises(Exception) as caught:
            piped.take_all()
        self.assertIn('stream-select failed with exit status 1: column "small": row', str(caught.exception))

    def test_commands_that_mean_something_else_are_refused(self) -> None:
        for command in ("stream-head", "stream-sort --by id", "stream-sample --fraction 0.1 --seed 1"):
            with self.subTest(command), self.assertRaisesRegex(ValueError, "per_partition=True"):
                arrow_pipes.ray.pipe(dataset, command)
        self.assertEqual(12, arrow_pipes.ray.pipe(dataset, "stream-head -n 3", per_partition=True).count())


if __name__ == "__main__":
    unittest.main()
