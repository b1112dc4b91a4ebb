"""The work that is measured, in each of the ways to write it.

Spark learns by itself which columns and rows a pipe needs; for a pandas UDF they are selected by hand. For a
scan, Spark reads nothing.
"""

import os
import shlex

import arrow_pipes.spark

PATTERN = r"^user[0-9]*7@v[0-3]"


def scanned(rows, command):
    """The same rows, but the tasks run the tools on the files."""
    directory = os.path.dirname(rows.inputFiles()[0].removeprefix("file://"))
    return arrow_pipes.spark.scan(rows.sparkSession, f"parquet-to-stream {shlex.quote(directory)} | {command}")


def nothing(rows):
    """The floor of all ways: Spark reads the columns."""
    return rows.select("id", "price", "address")


def copied(rows):
    """The floor of the ways in Python: rows go to Python workers and back, unchanged."""

    def same(batches):
        return batches

    rows = rows.select("id", "price", "address")
    return rows.mapInArrow(same, rows.schema)


TEXT = (
    f"stream-filter \"price > 0.2 AND regexp_matches(address, '{PATTERN}')\" | "
    "stream-select \"id, upper(split_part(address, '@', 2)) AS domain, price * 0.19 AS tax\""
)


def text_pipe(rows):
    return arrow_pipes.spark.pipe(rows, TEXT)


def text_scan(rows):
    return scanned(rows, TEXT)


def text_pandas(rows):
    def frames(batches):
        import pandas

        for frame in batches:
            frame = frame[(frame["price"] > 0.2) & frame["address"].str.contains(PATTERN)]
            domain = frame["address"].str.split("@").str[1].str.upper()
            yield pandas.DataFrame({"id": frame["id"], "domain": domain, "tax": frame["price"] * 0.19})

    columns = rows.select("id", "price", "address")
    return columns.mapInPandas(frames, "id long, domain string, tax double")


def text_sql(rows):
    kept = rows.where(f"price > 0.2 AND address RLIKE '{PATTERN}'")
    return kept.selectExpr("id", "upper(split_part(address, '@', 2)) AS domain", "price * 0.19D AS tax")


PARTS = (
    "stream-filter \"regexp_matches(address, '@v[0-3]')\" | "
    "stream-select \"id, regexp_extract(address, '^user([0-9]+)@', 1) AS number, "
    "upper(split_part(address, '@', 2)) AS domain\""
)


def parts_pipe(rows):
    return arrow_pipes.spark.pipe(rows, PARTS)


def parts_scan(rows):
    return scanned(rows, PARTS)


def parts_pandas(rows):
    def frames(batches):
        import pandas

        for frame in batches:
            frame = frame[frame["address"].str.contains("@v[0-3]")]
            number = frame["address"].str.extract("^user([0-9]+)@", expand=False)
            domain = frame["address"].str.split("@").str[1].str.upper()
            yield pandas.DataFrame({"id": frame["id"], "number": number, "domain": domain})

    return rows.select("id", "address").mapInPandas(frames, "id long, number string, domain string")


def parts_sql(rows):
    number = "regexp_extract(address, '^user([0-9]+)@', 1) AS number"
    domain = "upper(split_part(address, '@', 2)) AS domain"
    return rows.where("address RLIKE '@v[0-3]'").selectExpr("id", number, domain)


DECIMAL = (
    "stream-filter 'amount > 20 AND id % 3 = 0' | "
    "stream-select 'id, CAST(round(amount * 0.19, 2) AS DECIMAL(12, 2)) AS tax'"
)


def decimal_pipe(rows):
    return arrow_pipes.spark.pipe(rows, DECIMAL)


def decimal_scan(rows):
    return scanned(rows, DECIMAL)


def decimal_pandas(rows):
    def frames(batches):
        import decimal

        import pandas

        rate, cent = decimal.Decimal("0.19"), decimal.Decimal("0.01")
        for frame in batches:
            frame = frame[(frame["amount"] > 20) & (frame["id"] % 3 == 0)]
            tax = (frame["amount"] * rate).map(lambda value: value.quantize(cent, decimal.ROUND_HALF_UP))
            yield pandas.DataFrame({"id": frame["id"], "tax": tax})

    return rows.select("id", "amount").mapInPandas(frames, "id long, tax decimal(12, 2)")


def decimal_sql(rows):
    kept = rows.where("amount > 20 AND id % 3 = 0")
    return kept.selectExpr("id", "CAST(round(amount * 0.19, 2) AS DECIMAL(12, 2)) AS tax")


NUMBER = "stream-filter 'price > 0.5' | stream-select 'id, price * 0.19 AS tax'"


def number_pipe(rows):
    return arrow_pipes.spark.pipe(rows, NUMBER)


def number_scan(rows):
    return scanned(rows, NUMBER)


def number_pandas(rows):
    def frames(batches):
        import pandas

        for frame in batches:
            frame = frame[frame["price"] > 0.5]
            yield pandas.DataFrame({"id": frame["id"], "tax": frame["price"] * 0.19})

    return rows.select("id", "price").mapInPandas(frames, "id long, tax double")


def number_sql(rows):
    return rows.where("price > 0.5").selectExpr("id", "price * 0.19D AS tax")


FLOORS = {"identity in Python": copied, "reading only": nothing}

JOBS = {
    "text: a pattern keeps 5 % of the rows": {
        "pipe": text_pipe,
        "scan": text_scan,
        "pandas UDF": text_pandas,
        "Spark SQL": text_sql,
        **FLOORS,
    },
    "text: parts of 2 of 3 addresses": {
        "pipe": parts_pipe,
        "scan": parts_scan,
        "pandas UDF": parts_pandas,
        "Spark SQL": parts_sql,
    },
    "decimals: filter, rounded tax": {
        "pipe": decimal_pipe,
        "scan": decimal_scan,
        "pandas UDF": decimal_pandas,
        "Spark SQL": decimal_sql,
    },
    "floats: filter, one product": {
        "pipe": number_pipe,
        "scan": number_scan,
        "pandas UDF": number_pandas,
        "Spark SQL": number_sql,
    },
}
