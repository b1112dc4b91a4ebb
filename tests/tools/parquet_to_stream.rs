//! parquet-to-stream as a process.

mod datasets;

mod operands;

use crate::support::{Python, Tool, Workplace, int64_batch, read_stream, stream_of};
use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::DataType;

/// Columns `id` (0 to 99) and `tenth` (`id` divided by 10) in row groups of ten.
fn rows() -> RecordBatch {
    int64_batch(&[("id", (0..100).collect()), ("tenth", (0..100).map(|id| id / 10).collect())])
}

/// A place that holds those rows as `data.parquet`.
fn place() -> Workplace {
    let place = Workplace::new();
    let tool = place.tool("stream-to-parquet").args(["-o", "data.parquet"]);
    tool.args(["--row-group-rows", "10"]).pipe_in(stream_of(&[rows()])).run().succeeds();
    place
}

#[track_caller]
fn read(tool: Tool) -> RecordBatch {
    let batches = read_stream(&tool.run().succeeds().stdout);
    concat_batches(&batches[0].schema(), &batches).unwrap()
}

#[test]
fn all_rows_come_out_as_they_went_in() {
    assert_eq!(read(place().tool("parquet-to-stream").arg("data.parquet")), rows());
}

#[test]
fn columns_rows_and_row_groups_are_chosen() {
    let place = place();
    let tool = || place.tool("parquet-to-stream").arg("data.parquet");
    let options = ["-c", "tenth", "-w", "id % 10 >= 8", "--row-groups", "-1,2-3", "--skip", "1"];
    let expected = int64_batch(&[("tenth", vec![9, 2, 2])]);
    assert_eq!(read(tool().args(options).args(["-n", "3"])), expected);
}

#[test]
fn batches_have_the_rows_asked_for() {
    let place = place();
    let run = place.tool("parquet-to-stream").args(["--batch-rows", "7", "data.parquet"]).run();
    let lengths: Vec<_> =
        read_stream(&run.succeeds().stdout).iter().map(RecordBatch::num_rows).collect();
    assert_eq!(lengths, [7, 3].repeat(10));
}

#[test]
fn files_of_equal_schema_make_one_stream() {
    let place = place();
    let twice = read(place.tool("parquet-to-stream").args(["data.parquet", "data.parquet"]));
    assert_eq!(twice.num_rows(), 200);
    let other = stream_of(&[int64_batch(&[("id", vec![1])])]);
    place.tool("stream-to-parquet").args(["-o", "other.parquet"]).pipe_in(other).run().succeeds();
    let run = place.tool("parquet-to-stream").args(["data.parquet", "other.parquet"]).run();
    run.exits_with(1).stderr_is(
        "parquet-to-stream: other.parquet: no column \"tenth\" (int64), which the first has \
         (--merge-schema union takes both)\n",
    );
}

#[test]
fn a_file_may_come_by_standard_input() {
    let place = place();
    for line in ["parquet-to-stream <data.parquet", "cat data.parquet | parquet-to-stream -"] {
        let batches = read_stream(&place.shell(line).succeeds().stdout);
        assert_eq!(concat_batches(&batches[0].schema(), &batches).unwrap(), rows(), "{line}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = place();
    let line = "for i in $(seq 100); do files=\"$files data.parquet\"; done; \
                parquet-to-stream $files | head -c 1000 >/dev/null; echo ${PIPESTATUS[0]}";
    place.shell(line).succeeds().stdout_is("0\n").stderr_is("");
}

#[test]
fn a_wrong_command_line_is_told_before_anything_is_written() {
    let place = place();
    let fails = |arguments: &[&str], message: &str| {
        let run = place.tool("parquet-to-stream").arg("data.parquet").args(arguments).run();
        run.exits_with(2).stdout_is("").stderr_has(message);
    };
    fails(
        &["-c", "tneth"],
        "parquet-to-stream: unknown column \"tneth\" (did you mean \"tenth\"?)\n",
    );
    fails(&["-w", "id >"], "parquet-to-stream: ");
    fails(&["-w", "idd = 1"], "unknown column \"idd\"");
    fails(&["--batch-rows", "0"], "--batch-rows");
    fails(
        &["--row-groups", "x"],
        "--row-groups takes a list of numbers (try 0,3-5,-1), not \"x\"\n",
    );
    fails(&["-n", "-1"], "-n takes a whole number, not \"-1\"");
}

#[test]
fn a_row_group_that_is_not_there_is_an_error() {
    let run =
        place().tool("parquet-to-stream").args(["--row-groups", "3,10", "data.parquet"]).run();
    run.exits_with(1)
        .stdout_is("")
        .stderr_is("parquet-to-stream: data.parquet: no row group 10: they are numbered 0 to 9\n");
}

#[test]
fn what_is_no_parquet_file_is_told_in_one_line() {
    let place = place();
    let whole = std::fs::read(place.file("data.parquet")).unwrap();
    place.write("empty", "");
    place.write("text", "id,tenth\n1,2\n");
    place.write("stream", stream_of(&[int64_batch(&[("id", vec![1])])]));
    place.write("cut", &whole[..whole.len() / 2]);
    place.write("head", &whole[4..]);
    let mut flipped = whole.clone();
    let length = flipped.len();
    flipped[length - 8..length - 4].copy_from_slice(&u32::MAX.to_le_bytes());
    place.write("flipped", &flipped);
    for (name, message) in [
        ("empty", "empty: not a Parquet file: it is empty"),
        ("text", "text: not a Parquet file: it does not begin with PAR1"),
        ("stream", "stream: not a Parquet file: an Arrow stream (stream-print shows it)"),
        ("cut", "cut: truncated Parquet file: the footer is missing at its end"),
        ("head", "head: damaged Parquet file: it does not begin with PAR1"),
        ("flipped", "flipped: cannot read the Parquet metadata: "),
        ("missing", "cannot open missing: no such file or directory"),
        (".", "./empty is not a Parquet file"),
    ] {
        let run = place.tool("parquet-to-stream").arg(name).run();
        run.exits_with(1).stdout_is("").one_line_on_stderr().stderr_has(message);
    }
}

#[test]
fn damaged_pages_never_end_in_a_panic() {
    let place = place();
    let whole = std::fs::read(place.file("data.parquet")).unwrap();
    for position in (4..whole.len() - 8).step_by(29) {
        let mut damaged = whole.clone();
        damaged[position] ^= 0x55;
        place.write("damaged", &damaged);
        let run = place.tool("parquet-to-stream").arg("damaged").run();
        assert!(matches!(run.status(), Some(0 | 1)), "byte {position}");
        let failed = run.status() == Some(1);
        if failed {
            run.one_line_on_stderr().stderr_has("damaged");
        }
    }
}

#[test]
fn an_error_of_the_expression_names_the_row_group() {
    let run = place()
        .tool("parquet-to-stream")
        .args(["-w", "100 // (id - 25) > 0", "data.parquet"])
        .run();
    run.exits_with(1).stderr_has("parquet-to-stream: data.parquet: row group 2: ");
}

#[test]
fn a_dictionary_that_cannot_be_given_comes_as_its_values() {
    let place = Workplace::new();
    let program = "import pyarrow as pa, pyarrow.parquet as pq, decimal; \
                   values = pa.array([decimal.Decimal('1.25')], pa.decimal128(30, 2)); \
                   column = pa.DictionaryArray.from_arrays(pa.array([0, None]), values); \
                   pq.write_table(pa.table({'d': column}), 'dictionary.parquet')";
    Python::run(program, place.path(), Vec::<String>::new()).succeeds();
    let rows = read(place.tool("parquet-to-stream").arg("dictionary.parquet"));
    assert_eq!(rows.schema().field(0).data_type(), &DataType::Decimal128(30, 2));
    assert_eq!((rows.num_rows(), rows.column(0).null_count()), (2, 1));
}

/// A file of many row groups, with the types that are decoded in different ways.
fn mixed_place() -> Workplace {
    let place = Workplace::new();
    let program = "
import pyarrow as pa, pyarrow.parquet as pq, random
random.seed(4)
n = 60000
some = lambda make: [make(i) if random.random() < 0.9 else None for i in range(n)]
pq.write_table(pa.table({
    'id': pa.array(range(n), pa.int64()),
    'price': pa.array(some(lambda i: random.random())),
    'kind': pa.array(some(lambda i: random.choice(['low', 'middle', 'high']))),
    'name': pa.array(some(lambda i: 'name' * (i % 9)), pa.string_view()),
    'key': pa.array(some(lambda i: str(i % 50))).dictionary_encode(),
    'list': pa.array(some(lambda i: list(range(i % 4))), pa.list_(pa.int32())),
    'pair': pa.array(some(lambda i: {'a': i, 'b': i % 2 == 0})),
    'flag': pa.array(some(lambda i: i % 3 == 0)),
}), 'mixed.parquet', row_group_size=7000, data_page_size=5000, compression='zstd')
pq.write_table(pa.table({
    'id': pa.array(range(20000), pa.int16()),
    'text': pa.array([str(i // 10) * 300 for i in range(20000)]),
}), 'text.parquet', data_page_size=100000)
";
    Python::run(program, place.path(), Vec::<String>::new()).succeeds();
    place
}

/// Status and output with one thread, which are the same with others, as messages are.
#[track_caller]
fn whatever_the_threads(place: &Workplace, arguments: &[&str]) -> (Option<i32>, Vec<u8>) {
    let run = |threads: &str| {
        place.tool("parquet-to-stream").args(["-j", threads]).args(arguments.to_vec()).run()
    };
    let alone = run("1");
    for threads in ["2", "5"] {
        let together = run(threads);
        assert_eq!(together.status(), alone.status(), "-j {threads} {arguments:?}");
        assert_eq!(together.stderr, alone.stderr, "-j {threads} {arguments:?}");
        // Not assert_eq: nobody wants to read the bytes.
        assert!(together.stdout == alone.stdout, "-j {threads} {arguments:?}: other bytes");
    }
    (alone.status(), alone.stdout)
}

#[test]
fn threads_change_no_byte() {
    let place = mixed_place();
    let lines: &[(&[&str], usize)] = &[
        (&[], 120_000),
        (&["--batch-rows", "700"], 120_000),
        (&["--batch-rows", "100000", "-c", "name,id"], 120_000),
        (&["-c", "pair.b,list", "--skip", "20500", "-n", "9000"], 9000),
        (&["-c", "kind"], 120_000),
        (&["--row-groups", "-1,2-3,2"], 2 * (4000 + 3 * 7000)),
        (&["-w", "id % 100 = 7"], 1200),
        (&["-w", "id % 2 = 0", "--batch-rows", "700"], 60_000),
        (&["-w", "price >= 0 OR price IS NULL"], 120_000),
        (&["-w", "id % 2 = 0", "-c", "id,key"], 60_000),
        (&["-w", "price < 0.5", "--skip", "777", "-n", "20000"], 20_000),
        (&["-w", "id > 30000", "-n", "1"], 1),
        (&["-w", "price < 2 OR price IS NULL", "-n", "31000", "--skip", "7000"], 31_000),
        (&["-w", "id < 0"], 0),
        (&["--runs", "auto"], 120_000),
        (&["--dictionary", "auto", "-w", "id % 100 = 7"], 1200),
    ];
    for (line, rows) in lines {
        let arguments = [&["mixed.parquet", "mixed.parquet"], *line].concat();
        let (status, bytes) = whatever_the_threads(&place, &arguments);
        let found: usize = read_stream(&bytes).iter().map(RecordBatch::num_rows).sum();
        assert_eq!((status, found), (Some(0), *rows), "{line:?}");
    }
    // A column that most of the work goes to is decoded in parts.
    for line in [
        &["-c", "text"][..],
        &[],
        &["-n", "15000", "--skip", "2500"],
        &["--dictionary", "text"],
        &["--runs", "text"],
    ] {
        let arguments = [&["text.parquet"], line].concat();
        assert_eq!(whatever_the_threads(&place, &arguments).0, Some(0), "{line:?}");
    }
}

#[test]
fn the_first_error_is_told_after_the_rows_before_it_whatever_the_threads() {
    let place = mixed_place();
    // The expression fails in the sixth row group: five of 7000 numbers went out.
    let fails = ["mixed.parquet", "-c", "id", "-w", "100 // (id - 41234) > -200"];
    let (status, bytes) = whatever_the_threads(&place, &fails);
    assert_eq!((status, bytes.len() / 10_000), (Some(1), 5 * 7000 * 8 / 10_000));
    // A limit that is reached before: nobody hears of it.
    let ends = [&fails[..], &["-n", "30000"]].concat();
    assert_eq!(whatever_the_threads(&place, &ends).0, Some(0));

    let lines: [(&str, &[&str]); 3] = [
        ("mixed.parquet", &[]),
        ("mixed.parquet", &["-w", "price < 0.5", "-c", "id,price,list"]),
        ("text.parquet", &["-c", "text"]),
    ];
    for (name, line) in lines {
        let whole = std::fs::read(place.file(name)).unwrap();
        let pages = whole.len() / 10 * 9;
        let mut failed = 0;
        for position in (5000..pages).step_by(pages / 30) {
            let mut damaged = whole.clone();
            for byte in &mut damaged[position..position + 20] {
                *byte ^= 0x55;
            }
            place.write("damaged", &damaged);
            let arguments = [&["damaged"], line].concat();
            failed += usize::from(whatever_the_threads(&place, &arguments).0 == Some(1));
        }
        assert!(2 < failed, "{name} {line:?}: {failed}");
    }
}

#[test]
fn columns_that_cannot_be_encoded_are_refused() {
    let place = place();
    let refused = |options: &[&str], why: &str| {
        let tool = place.tool("parquet-to-stream").arg("data.parquet").args(options);
        tool.run().exits_with(2).stdout_is("").stderr_is(&format!("parquet-to-stream: {why}\n"));
    };
    refused(
        &["--runs", "id", "--dictionary", "tenth,id"],
        "column \"id\" is in both --runs and --dictionary: choose one of them",
    );
    refused(
        &["--runs", "nope"],
        "--runs: unknown column \"nope\"; the columns are \"id\", \"tenth\"",
    );
    refused(
        &["--dictionary", "tenth", "-c", "id"],
        "--dictionary: unknown column \"tenth\"; the columns are \"id\"",
    );
    place
        .shell("echo '{\"a\": [1]}' | json-to-stream | stream-to-parquet -o list.parquet")
        .succeeds();
    let tool = place.tool("parquet-to-stream").args(["--runs", "a", "list.parquet"]);
    tool.run().exits_with(2).stderr_has("neither nested nor already").one_line_on_stderr();
}

#[test]
fn a_key_file_is_checked_before_anything_is_read() {
    let place = place();
    let key = "30313233343536373839303132333435";
    place.write("keys", format!("# one key\nfooter {key}\n"));
    let read = |option: &str| {
        place.shell(&format!("parquet-to-stream --key-file {option} data.parquet | stream-count"))
    };
    place.shell("chmod 644 keys").succeeds();
    let warning = "other users can read the keys in keys (mode 644); chmod 600 prevents it";
    let told = format!("parquet-to-stream: {warning}\n");
    read("keys").exits_with(0).stdout_is("100\n").stderr_is(&told);
    place.shell("chmod 600 keys").succeeds();
    read("keys").succeeds().stdout_is("100\n");
    read("<(cat keys)").succeeds().stdout_is("100\n");
    place.write("keys", format!("{key}\n"));
    let refused = |option: &str| {
        let tool = place.tool("parquet-to-stream").args(["--key-file", option, "data.parquet"]);
        let run = tool.run().exits_with(2).stdout_is("").one_line_on_stderr();
        assert!(!run.stderr.contains(key), "{}", run.stderr);
        run.stderr
    };
    let form = "keys: line 1: expected footer KEY, column PATH KEY, id NAME KEY or aad-prefix TEXT";
    assert_eq!(refused("keys"), format!("parquet-to-stream: {form}\n"));
    let missing = "cannot read the keys in nokeys: no such file or directory";
    assert_eq!(refused("nokeys"), format!("parquet-to-stream: {missing}\n"));
}
