"""created_by and key-values."""

import base64

import pyarrow as pa
from thrift_compact import STRUCT, ParquetBytes, Struct, binary, i32, items

from .files import base, changed, put


def metadata():
    creators = [None, b"", b"x", b"\xff\xfe", b"M\xfcller writer", b"a\0b", b"x" * 5000, b"\n", b"parquet-mr", b"parquet-mr version"]
    creators += [
        b"parquet-mr version 1.2.5-cdh4.5.0 (build )",
        b"parquet-mr version 1.8.0 (build abc)",
        b"parquet-mr version 1.10.1 (build a89df8f9932b6ef6633d06069e50c9b7970bebd1)",
        b"parquet-mr version 99999999999999999999.0.0",
        b"parquet-cpp version 1.2.0",
        b"parquet-cpp-arrow version 4.0.1",
        b"parquet-cpp-arrow version 26.0.0",
        b"parquet-cpp-arrow version",
        b"impala version 1.0 (build 2323)",
        b"parquet-rs version 4.0.0",
        b"fastparquet-python version 2023.1.0 (build 0)",
        b"Polars",
    ]
    wheres = ["number IS NULL", "number = 7", "text = 'c'", "text > 'b'", "price < 0", "ratio > 1"]
    for creator in creators:
        change = lambda f: put(f.footer, 6, None if creator is None else binary(creator))
        yield f"metadata/created_by {creator if creator is None else creator[:60]}", changed("plain", change), wheres

    def pairs(*entries):
        return items(STRUCT, [Struct({n: v for n, v in ((1, key), (2, value)) if v is not None}) for key, value in entries])

    with_schema = ParquetBytes(base("schema"))
    pair = next(p for p in with_schema.footer.list(5) if p.at(1) == b"ARROW:schema")
    raw = base64.b64decode(pair.at(2))
    stored = lambda text: pairs((binary("ARROW:schema"), binary(text)))
    encoded = lambda raw: stored(base64.b64encode(raw))

    def other(**columns):
        return encoded(pa.schema(columns).serialize().to_pybytes())

    text = binary("x")
    for name, value in {
        "none": items(STRUCT, []),
        "a key without a value": pairs((text, None)),
        "a value without a key": pairs((None, text)),
        "neither key nor value": pairs((None, None)),
        "an empty key": pairs((binary(""), text)),
        "a key twice": pairs((text, text), (text, binary("y"))),
        "a value that is no UTF-8": pairs((text, binary(b"\xff\0bin"))),
        "a key that is no UTF-8": pairs((binary(b"\xff"), text)),
        "an integer for a value": pairs((text, i32(7))),
        "an integer for a key": pairs((i32(7), text)),
        "many": pairs(*[(binary(f"k{n}"), text) for n in range(2000)]),
        "a long one": pairs((text, binary("y" * 300_000))),
        "pandas, not JSON": pairs((binary("pandas"), binary("{"))),
        "geo, not JSON": pairs((binary("geo"), binary("{"))),
        "geo, of columns that are not there": pairs((binary("geo"), binary('{"version":"1.1.0","primary_column":"g","columns":{"g":{"encoding":"WKB","geometry_types":[]}}}'))),
        "ARROW:schema empty": stored(b""),
        "ARROW:schema without a value": pairs((binary("ARROW:schema"), None)),
        "ARROW:schema is no base64": stored(b"!!"),
        "ARROW:schema is not UTF-8": stored(b"\xff\xff"),
        "ARROW:schema of zeros": encoded(bytes(64)),
        "ARROW:schema cut": encoded(raw[:50]),
        "ARROW:schema followed by more bytes": encoded(raw + b"more"),
        "ARROW:schema without its prefix": encoded(raw[8:]),
        "ARROW:schema without the marker of its prefix": encoded(raw[4:]),
        "ARROW:schema moved by a byte": encoded(b"\0" + raw),
        "ARROW:schema of a huge length": encoded(raw[:4] + b"\xff\xff\xff\x7f" + raw[8:]),
        "ARROW:schema twice": pairs((binary("ARROW:schema"), binary(base64.b64encode(raw))), (binary("ARROW:schema"), binary(b"?"))),
        "ARROW:schema of no columns": other(),
        "ARROW:schema of fewer columns": other(id=pa.int64(), number=pa.int32()),
        "ARROW:schema of more columns": other(id=pa.int64(), number=pa.int32(), text=pa.utf8(), more=pa.utf8()),
        "ARROW:schema of other names": other(id=pa.int64(), count=pa.int32(), text=pa.utf8()),
        "ARROW:schema in another order": other(text=pa.utf8(), number=pa.int32(), id=pa.int64()),
        "ARROW:schema of other types": other(id=pa.utf8(), number=pa.list_(pa.int32()), text=pa.int64()),
        "ARROW:schema of narrower types": other(id=pa.int32(), number=pa.int8(), text=pa.large_utf8()),
        "ARROW:schema of views": other(id=pa.int64(), number=pa.int32(), text=pa.string_view()),
        "ARROW:schema of dictionaries": other(id=pa.int64(), number=pa.dictionary(pa.int8(), pa.int32()), text=pa.dictionary(pa.int32(), pa.utf8())),
        "ARROW:schema of dates": other(id=pa.timestamp("s"), number=pa.date32(), text=pa.binary()),
        "ARROW:schema of durations": other(id=pa.duration("us"), number=pa.time32("ms"), text=pa.utf8()),
        "ARROW:schema of nulls": other(id=pa.null(), number=pa.null(), text=pa.null()),
    }.items():
        yield f"metadata/key-values: {name}", changed("few", lambda f: put(f.footer, 5, value)), ["number = 7", "text = 'c'"]
