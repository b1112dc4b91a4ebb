//! Parquet files whose columns were encoded in several threads: the same bytes for any number of
//! threads, and for pyarrow and DuckDB the rows of the stream.

use crate::support::{Python, Workplace};

/// Columns of many types in batches of several sizes: `wide.arrows`.
const WRITE: &str = r#"
import decimal, random
import pyarrow as pa
random.seed(4)
N = 150_000

def drawn(values, data_type=None):
    return pa.array(random.choices(values, k=N), data_type)

ids = pa.array(range(N), pa.int64())
columns = {
    "id": ids,
    "noise": pa.array([random.getrandbits(62) for _ in range(N)], pa.int64()),
    "small": drawn([1, 2, None, 4], pa.int8()),
    "unsigned": drawn([0, 2**64 - 1, None], pa.uint64()),
    "float": pa.array([None if i % 7 == 3 else random.random() for i in range(N)], pa.float64()),
    "half": drawn([0.5, -2.0, None], pa.float16()),
    "flag": drawn([True, False, None]),
    "nothing": pa.nulls(N),
    "all_null": pa.nulls(N, pa.utf8()),
    "kind": drawn(["a", "bb", "ccc", "", None]),
    "key": pa.array([f"a key of its own {random.getrandbits(40)}" for _ in range(N)]),
    "view": drawn(["short", "longer than a view holds inline", None], pa.string_view()),
    "bytes": drawn([b"", b"\x00\xff", None], pa.large_binary()),
    "fixed": drawn([b"abc", b"xyz", None], pa.binary(3)),
    "money": drawn([decimal.Decimal("1.25"), decimal.Decimal("-99999999.99"), None], pa.decimal128(28, 2)),
    "at": pa.array([1_600_000_000 + i * 13 % 977 for i in range(N)], pa.timestamp("s")),
    "day": drawn([0, 20000, None], pa.date32()),
    "dictionary": drawn(["north", "south", None, "west"]).dictionary_encode(),
    "list": drawn([[1, 2, 3], [], None, [None, 4]], pa.list_(pa.int32())),
    "struct": drawn([{"x": 1, "y": {"z": "deep", "w": [1.5]}}, {"x": None, "y": None}, None],
        pa.struct([("x", pa.int64()), ("y", pa.struct([("z", pa.utf8()), ("w", pa.list_(pa.float64()))]))])),
    "map": drawn([[("k", 1), ("l", None)], [], None], pa.map_(pa.utf8(), pa.int32())),
}
fields = [pa.field(name, column.type, nullable=name not in ("id", "noise", "key")) for name, column in columns.items()]
table = pa.Table.from_arrays([pa.chunked_array([column]) for column in columns.values()], schema=pa.schema(fields))

table = table.combine_chunks()
with pa.OSFile("wide.arrows", "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
    start = 0
    for size in [70_001, 1, 20_000, 999, 0, 58_999]:
        for batch in table.slice(start, size).to_batches():
            writer.write_batch(batch)
        start += size
"#;

/// Compares each file with the stream it was made of, in pyarrow, DuckDB and Polars.
const CHECK: &str = r#"
import sys
import duckdb, polars
import pyarrow as pa, pyarrow.compute as pc, pyarrow.parquet as pq
for pair in sys.argv[1:]:
    stream, file = pair.split(":")
    left = pa.ipc.open_stream(pa.memory_map(stream)).read_all()
    right = pq.read_table(file)
    assert left.num_rows == right.num_rows, pair
    for name in left.schema.names:
        # Parquet has no seconds; a dictionary read back may number its values otherwise.
        a, b = left[name].combine_chunks(), right[name].combine_chunks()
        if pa.types.is_dictionary(a.type):
            a, b = a.cast(pa.utf8()), b.cast(pa.utf8())
        if name == "at":
            a = a.cast(b.type)
        assert a.equals(b), (pair, name, a.type, b.type)
    assert polars.read_parquet(file, columns=["key"]).to_arrow()["key"].to_pylist() == left["key"].to_pylist(), pair
    sums = "count(*), sum(id), sum(noise), sum(small), count(key), count(distinct kind), sum(len(list)), sum(struct.x), max(key)"
    ours = duckdb.sql(f"select {sums} from '{file}'").fetchall()
    expected = (
        left.num_rows, pc.sum(left["id"]).as_py(), sum(left["noise"].to_pylist()) if left.num_rows else None,
        pc.sum(left["small"]).as_py(), left.num_rows - left["key"].null_count,
        len(set(left["kind"].to_pylist()) - {None}), pc.sum(pc.list_value_length(left["list"])).as_py(),
        pc.sum(pc.struct_field(left["struct"].combine_chunks(), [0])).as_py(),
        pc.max(left["key"]).as_py(),
    )
    assert ours == [expected], (pair, ours, expected)
"#;

#[test]
fn the_file_is_the_same_for_any_number_of_threads() {
    let place = Workplace::new();
    Python::run(WRITE, place.path(), [""]).succeeds();
    place
        .shell("stream-head -n 5000 wide.arrows | stream-rechunk --batch-rows 3 -o tiny.arrows")
        .succeeds();
    place.shell("stream-head -n 0 wide.arrows -o empty.arrows").succeeds();
    let cases = [
        ("wide", ""),
        ("wide", "--row-group-rows 30000 --sorted-by id --bloom id,key,list,small"),
        ("wide", "--row-group-bytes 700KB -z snappy"),
        ("wide", "--row-group-rows 50000 --encode-dictionary none --statistics none -z none"),
        ("wide", "--encode-dictionary all --statistics chunk"),
        ("tiny", "--row-group-rows 1000"),
        ("tiny", "--row-group-rows 7 --bloom kind"),
        ("tiny", "--row-group-bytes 20KB --encode-dictionary key,struct"),
        ("empty", "--bloom id"),
    ];
    let mut pairs = Vec::new();
    for (number, (stream, options)) in cases.iter().enumerate() {
        let written = |threads: usize| {
            let name = format!("{number}.{threads}.parquet");
            let line =
                format!("stream-to-parquet -j {threads} {options} -o {name} {stream}.arrows");
            place.shell(&line).succeeds().stderr_is("");
            std::fs::read(place.file(&name)).unwrap()
        };
        let alone = written(1);
        for threads in [2, 4] {
            assert!(written(threads) == alone, "-j {threads} {options} {stream}");
        }
        pairs.push(format!("{stream}.arrows:{number}.4.parquet"));
    }
    Python::run(CHECK, place.path(), pairs).succeeds();
}

#[test]
fn row_groups_keep_to_their_limits() {
    let place = Workplace::new();
    Python::run(WRITE, place.path(), [""]).succeeds();
    let groups = |options: &str| {
        place
            .shell(&format!("stream-to-parquet -j 4 {options} -o out.parquet wide.arrows"))
            .succeeds();
        let program = "import pyarrow.parquet as pq; m = pq.read_metadata('out.parquet'); \
            print([(g.num_rows, sum(g.column(c).total_compressed_size for c in range(g.num_columns))) \
            for g in map(m.row_group, range(m.num_row_groups))])";
        let answer = Python::run(program, place.path(), [""]).succeeds();
        let numbers = answer.stdout_text();
        let numbers = numbers.split(|c: char| !c.is_ascii_digit()).filter(|text| !text.is_empty());
        let numbers: Vec<usize> = numbers.map(|text| text.parse().unwrap()).collect();
        numbers.chunks(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>()
    };
    let rows: Vec<usize> = groups("--row-group-rows 40000").iter().map(|(rows, _)| *rows).collect();
    assert_eq!(rows, [40_000, 40_000, 40_000, 30_000]);
    let by_bytes = groups("--row-group-bytes 1MB");
    let (_, whole) = by_bytes.split_last().unwrap();
    assert!(3 < whole.len(), "{by_bytes:?}");
    assert!(whole.iter().all(|(_, bytes)| (500_000..1_200_000).contains(bytes)), "{by_bytes:?}");
    assert_eq!(by_bytes.iter().map(|(rows, _)| rows).sum::<usize>(), 150_000);
}

#[test]
fn errors_are_the_same_for_any_number_of_threads() {
    let place = Workplace::new();
    for threads in [1, 2, 4] {
        let fails = |line: &str, message: &str| {
            let line = line.replace("to-parquet", &format!("to-parquet -j {threads}"));
            place.shell(&line).exits_with(1).stderr_is(&format!("stream-to-parquet: {message}\n"));
            assert_eq!(place.names(), Vec::<String>::new(), "{line}");
        };
        // Without an end: only the failure ends the producer.
        fails(
            "stream-generate 'a = 0..1000000000, b = random(int64 0..1000000)' | stream-to-parquet --row-group-rows 20000 -o /dev/full",
            "cannot write /dev/full: no space left on device",
        );
        fails(
            "stream-generate 'a = 0..1000000' | stream-select '(a * 7) % 900000 as a' | stream-to-parquet --sorted-by a -o x.parquet",
            "--sorted-by: row 128572 breaks the order: \"a\" is 4 after 899997",
        );
        fails(
            "stream-generate 'a = 0..1000000, b = random(text 5..9)' | head -c 5000000 | stream-to-parquet --row-group-rows 20000 -o x.parquet",
            "standard input: the stream stops in the middle of a message: the producer stopped early",
        );
        // A reader that goes away is no error.
        place
            .shell(&format!("stream-generate 'a = 0..100000000' | stream-to-parquet -j {threads} --row-group-rows 20000 | head -c 100000 | wc -c"))
            .succeeds()
            .stdout_is("100000\n")
            .stderr_is("");
    }
}
