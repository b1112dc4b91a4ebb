"""Runs a pipe on each partition of a Parquet table, with Spark.

    spark-submit spark_pipe.py --input IN --output OUT [--group-by COLUMNS] -- 'PIPE'

IN and OUT are paths or URLs that Spark can read and write. Spark must find the package arrow-pipes
on all machines.
"""

import argparse

from pyspark.sql import SparkSession

import arrow_pipes.spark


def main() -> None:
    parser = argparse.ArgumentParser(description="Runs a pipe on each partition of a Parquet table, with Spark.")
    parser.add_argument("--input", required=True, help="the Parquet files to read")
    parser.add_argument("--output", required=True, help="the directory to write; it must not exist")
    parser.add_argument(
        "--group-by", metavar="COLUMNS", help="bring equal values of these columns into one partition: city,user"
    )
    parser.add_argument("pipe", metavar="PIPE", help="the command: 'stream-filter \"price > 10\" | ...'")
    options = parser.parse_args()

    spark = SparkSession.builder.getOrCreate()
    rows = spark.read.parquet(options.input)
    keys = options.group_by.split(",") if options.group_by else None
    arrow_pipes.spark.pipe(rows, options.pipe, group_by=keys).write.parquet(options.output)
    spark.stop()


if __name__ == "__main__":
    main()
