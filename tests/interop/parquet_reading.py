# INT96, INTERVAL, text that is not UTF-8, checksums, stale Arrow schemas and page headers of other writers.
import datetime
import io
import subprocess
import sys

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, sys.argv[1])
import thrift_compact as thrift


def run(line):
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True)
    return done.returncode, done.stdout, done.stderr.decode()


def read(line):
    code, out, err = run(line)
    assert code == 0, (line, err)
    return pa.ipc.open_stream(io.BytesIO(out)).read_all()


def refused(line, *parts):
    code, _, err = run(line)
    assert code == 1 and err.count("\n") == 1, (line, code, err)
    for part in parts:
        assert part in err, (line, part, err)


def edit(source, target, change):
    """Writes a copy of a file after a change."""
    file = thrift.ParquetBytes(open(source, "rb").read())
    change(file)
    open(target, "wb").write(file.to_bytes())


# INT96: the finest unit that holds the dictionary's values, in the rows and in the predicate.
far = [datetime.datetime(9999, 12, 31), None, datetime.datetime(2006, 1, 2, 7, 4, 5, 6), datetime.datetime(1, 1, 1)]
near = [datetime.datetime(2006, 1, 2, 7, 4, 5, 6), None]


def int96(path, days, **options):
    table = pa.table({"id": range(len(days)), "t": pa.array(days, pa.timestamp("us"))})
    pq.write_table(table, path, use_deprecated_int96_timestamps=True, store_schema=False, **options)


int96("far.parquet", far)
int96("near.parquet", near)
table = read("parquet-to-stream far.parquet")
assert table["t"].type == pa.timestamp("us") and table["t"].to_pylist() == far, table
assert table["t"].to_pylist() == [row[0] for row in duckdb.sql("select t from 'far.parquet'").fetchall()]
assert read("parquet-to-stream near.parquet")["t"].type == pa.timestamp("ns")
assert read("parquet-to-stream --int96 ms near.parquet")["t"].type == pa.timestamp("ms")
found = read("parquet-to-stream -w \"t > TIMESTAMP '5000-01-01 00:00:00'\" far.parquet")
assert found["id"].to_pylist() == [0], found
refused("parquet-to-stream --int96 ns far.parquet", 'column "t"', "row 0", "--int96")
# Both files are read in the unit of the first.
assert read("parquet-to-stream far.parquet near.parquet")["t"].to_pylist() == far + near
refused("parquet-to-stream near.parquet far.parquet", "far.parquet", 'column "t"', "row 0", "--int96")
# A value behind the first page of a plain chunk is known too late for another unit.
int96("late.parquet", near * 20_000 + far, use_dictionary=False, data_page_size=1000, write_batch_size=100)
refused("parquet-to-stream late.parquet", 'column "t"', "row 40000", "--int96")
assert read("parquet-to-stream --int96 us late.parquet")["t"].to_pylist()[40_000:] == far
# Inside lists and structs.
nested = pa.table({"l": pa.array([[far[0]], [], [far[2], None]], pa.list_(pa.timestamp("us")))})
pq.write_table(nested, "nested.parquet", use_deprecated_int96_timestamps=True, store_schema=False)
assert read("parquet-to-stream nested.parquet")["l"].to_pylist() == nested["l"].to_pylist()
refused("parquet-to-stream --int96 ns nested.parquet", 'column "l"', "row 0")

# INTERVAL keeps its months.
duckdb.sql("copy (select interval '14 months 2 days 3 seconds' v union all select null) to 'interval.parquet'")
table = read("parquet-to-stream interval.parquet")
assert table["v"].to_pylist() == [pa.scalar((14, 2, 3_000_000_000), pa.month_day_nano_interval()).as_py(), None], table

# Text that is not UTF-8.
names = pa.table({"id": [1, 2, 3], "name": pa.array([b"ok", b"caf\xe9", None]), "z": ["a", "b", "c"]})
for dictionary in (False, True):
    pq.write_table(names, "binary.parquet", store_schema=False, use_dictionary=dictionary)
    edit("binary.parquet", "text.parquet", lambda file: file.element("name").__setitem__(6, thrift.i32(0)))
    refused("parquet-to-stream text.parquet", "row group 0", 'column "name"', "row 1", "--invalid-text")
    assert read("parquet-to-stream -c id,z text.parquet")["z"].to_pylist() == ["a", "b", "c"]
    replaced = read("parquet-to-stream --invalid-text replace text.parquet")
    assert replaced["name"].to_pylist() == ["ok", "caf\ufffd", None], replaced
    plain = read("parquet-to-stream --invalid-text binary -c name text.parquet")
    assert plain["name"].to_pylist() == names["name"].to_pylist(), plain

# Checksums: a damaged page is refused, by default.
numbers = pa.table({"x": range(1000)})
pq.write_table(numbers, "sums.parquet", write_page_checksum=True, compression="none", use_dictionary=False)
assert read("parquet-to-stream sums.parquet")["x"].to_pylist() == list(range(1000))
damaged = bytearray(open("sums.parquet", "rb").read())
damaged[damaged.find((500).to_bytes(8, "little"))] ^= 0x40
open("damaged.parquet", "wb").write(damaged)
refused("parquet-to-stream damaged.parquet", "row group 0", 'column "x"', "page 0", "checksum")
assert read("parquet-to-stream --ignore-checksums damaged.parquet")["x"].to_pylist()[500] == 500 ^ 0x40

# An Arrow schema of other columns is ignored, and reported by --verbose.
table = pa.table({"a": [1], "b": ["x"]})
pq.write_table(table, "old.parquet")
stale = thrift.ParquetBytes(open("old.parquet", "rb").read()).footer[5]
pq.write_table(table.rename_columns(["a", "c"]), "new.parquet", store_schema=False)
edit("new.parquet", "stale.parquet", lambda file: file.footer.__setitem__(5, stale))
assert read("parquet-to-stream stale.parquet").to_pylist() == [{"a": 1, "c": "x"}]
code, _, err = run("parquet-to-stream -v stale.parquet >/dev/null")
assert code == 0 and 'column "b"' in err, err
assert run("parquet-to-stream stale.parquet >/dev/null")[2] == ""

# Bytes behind the last page, for any size of batches.
pq.write_table(numbers, "plain.parquet", use_dictionary=False, compression="none", store_schema=False)


def longer(file):
    file.metadata("x")[7] = thrift.i64(file.metadata("x").at(7) + 22)
    file.append(bytes(22))


edit("plain.parquet", "behind.parquet", longer)
for options, expected in (("", 1000), ("--batch-rows 300", 1000), ("-j 1 --batch-rows 1", 1000), ("--skip 999", 1)):
    assert read(f"parquet-to-stream {options} behind.parquet").num_rows == expected, options
assert read("parquet-to-stream -w 'x >= 995' behind.parquet").num_rows == 5

# A row group that claims fewer rows than its columns have values loses none without a word.
edit("plain.parquet", "fewer.parquet", lambda file: file.groups[0].__setitem__(3, thrift.i64(900)))
refused("parquet-to-stream fewer.parquet", 'column "x"', "row group 0", "900 rows", "1000 values")

# UUIDs are text for people and for predicates.
duckdb.sql("copy (select 'a7b8c9d0-1111-2222-3333-444455556666'::uuid u) to 'uuid.parquet'")
uuid = "a7b8c9d0-1111-2222-3333-444455556666"
assert run("parquet-to-stream uuid.parquet | stream-to-csv")[1].decode() == f"u\n{uuid}\n"
assert run("parquet-to-stream uuid.parquet | stream-to-json")[1].decode() == f'{{"u":"{uuid}"}}\n'
assert uuid in run("parquet-to-stream uuid.parquet | stream-print")[1].decode()
assert read(f"parquet-to-stream -w \"u = '{uuid}'\" uuid.parquet").num_rows == 1

# Levels of one bit as the first writers stored them (BIT_PACKED), beside indices and plain values.
words = pa.table({"w": pa.array([None if i % 3 == 0 else "ab"[i % 2] for i in range(19)])})
for dictionary in (False, True):
    pq.write_table(words, "levels.parquet", use_dictionary=dictionary, compression="none", store_schema=False)

    def bit_packed(name, header, data):
        if 5 in header:
            length = int.from_bytes(data[:4], "little")
            bits = "".join("01"[value is not None] for value in words["w"].to_pylist()).ljust(24, "0")
            data = bytes(int(bits[i : i + 8], 2) for i in (0, 8, 16)) + data[4 + length :]
            header[2] = header[3] = thrift.i32(len(data))
            header[5].value[3] = thrift.i32(4)
        return header, data

    edit("levels.parquet", "packed.parquet", lambda file: file.rewrite_pages(bit_packed))
    assert read("parquet-to-stream packed.parquet")["w"].to_pylist() == words["w"].to_pylist(), dictionary
    assert read("parquet-to-stream -w \"w = 'a'\" packed.parquet").num_rows == words["w"].to_pylist().count("a")
