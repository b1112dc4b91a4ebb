//! stream-join: which rows and columns it writes, messages, and bad tables.

use crate::support::{
    Outcome, Tool, Workplace, file_of, int64_batch, peak_kilobytes, read_stream, stream_of,
};
use arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, Float64Array, Int64Array, RecordBatch, RunArray,
    StringArray,
};
use arrow::datatypes::{DataType, Int8Type, Int32Type, Int64Type, UInt64Type};
use std::sync::Arc;

const USERS: &str = "id,name,age\n1,ann,10\n2,bob,20\n2,bert,21\n4,dan,40\n,nil,0\n";
const SALES: &str = "user,amount\n1,5\n2,6\n3,7\n,8\n1,9\n";

/// A directory with users.csv and sales.arrows.
fn shop() -> Workplace {
    let place = Workplace::new();
    place.write("users.csv", USERS);
    place.write("sales.csv", SALES);
    place.tool("csv-to-stream").args(["sales.csv", "-o", "sales.arrows"]).run().succeeds();
    place
}

fn join(place: &Workplace, arguments: &[&str]) -> Outcome {
    place.tool("stream-join").args(["users.csv"]).args(arguments.iter().copied()).run()
}

/// The result as text.
#[track_caller]
fn table(place: &Workplace, arguments: &[&str]) -> String {
    let run = join(place, &[arguments, &["sales.arrows"]].concat()).succeeds();
    Tool::new("stream-to-csv").pipe_in(run.stdout).run().succeeds().stdout_text()
}

/// The message of a failure with this exit status.
#[track_caller]
fn message(place: &Workplace, status: i32, arguments: &[&str]) -> String {
    let run = join(place, arguments);
    run.exits_with(status).one_line_on_stderr().stderr.trim_end().to_owned()
}

#[test]
fn each_kind_of_join_writes_its_rows_in_the_order_of_the_stream() {
    let place = shop();
    let on = ["--on", "user = id"];
    let found = |more: &[&str]| table(&place, &[&on, more].concat());
    let inner = "user,amount,name,age\n1,5,ann,10\n2,6,bob,20\n2,6,bert,21\n1,9,ann,10\n";
    assert_eq!(found(&[]), inner);
    let left = "user,amount,age\n1,5,10\n2,6,20\n2,6,21\n3,7,\n,8,\n1,9,10\n";
    assert_eq!(found(&["--how", "left", "-c", "age"]), left);
    assert_eq!(found(&["--how", "semi"]), "user,amount\n1,5\n2,6\n1,9\n");
    assert_eq!(found(&["--how", "anti"]), "user,amount\n3,7\n,8\n");
    let full = format!("{left}4,,40\n,,0\n");
    assert_eq!(found(&["--how", "full", "-c", "age"]), full);
    let equal = found(&["--nulls-equal", "-c", "age"]);
    assert_eq!(equal, "user,amount,age\n1,5,10\n2,6,20\n2,6,21\n,8,0\n1,9,10\n");
}

#[test]
fn columns_are_chosen_and_renamed_where_names_meet() {
    let place = shop();
    let found = |more: &[&str]| {
        let text = table(&place, &[&["--on", "amount = id", "--how", "full"], more].concat());
        text.lines().next().unwrap().to_owned()
    };
    assert_eq!(found(&[]), "user,amount,name,age");
    assert_eq!(found(&["-c", "age,id"]), "user,amount,age,id");
    place.write("users.csv", "id,amount,user\n1,2,3\n");
    let on = ["--on", "user = id"];
    let met = "columns \"amount\", \"user\" of users.csv would be in the result twice; rename them \
               with --prefix or --suffix, or select other columns of users.csv with -c";
    let told = message(&place, 2, &[&on[..], &["sales.arrows"]].concat());
    assert_eq!(told, format!("stream-join: {met}"));
    let named = table(&place, &[&on[..], &["--prefix", "their_", "--suffix", "_2"]].concat());
    assert_eq!(named, "user,amount,their_amount_2,their_user_2\n1,5,2,3\n1,9,2,3\n");
    assert_eq!(table(&place, &["--on", "user = id", "-c", "id"]), "user,amount,id\n1,5,1\n1,9,1\n");
}

#[test]
fn the_nearest_row_is_found() {
    let place = shop();
    place.write("users.csv", "id,age,kind\n1,6,a\n2,6,b\n1,8,c\n2,5,d\n1,,e\n1,6,f\n");
    let found = |condition: &str, more: &[&str]| {
        let text = table(&place, &[&["--as-of", condition, "-c", "kind"], more].concat());
        text.lines()
            .skip(1)
            .map(|line| line.rsplit_once(',').unwrap().1.to_owned() + "|")
            .collect::<String>()
    };
    let left = ["--how", "left"];
    // Amounts 5, 6, 7, 8, 9.
    assert_eq!(found("amount >= age", &left), "d|f|f|c|c|");
    assert_eq!(found("amount > age", &left), "|d|f|f|c|");
    assert_eq!(found("amount <= age", &left), "d|a|c|c||");
    assert_eq!(found("amount < age", &left), "a|c|c|||");
    assert_eq!(found("amount >= age", &[]), "d|f|f|c|c|");
    assert_eq!(found("amount >= age", &["--tolerance", "0", "--how", "left"]), "d|f||c||");
    assert_eq!(found("amount >= age", &["--on", "user = id", "--how", "left"]), "|b|||c|");
    let on = ["--on", "user = id", "--how", "anti"];
    let anti = table(&place, &[&["--as-of", "amount >= age"], &on[..]].concat());
    assert_eq!(anti, "user,amount\n1,5\n3,7\n,8\n");
}

#[test]
fn a_tolerance_of_times_is_an_interval() {
    let place = Workplace::new();
    place.write("users.csv", "since,kind\n2024-01-01 00:00:00,a\n2024-01-02,b\n");
    place.write("sales.csv", "at\n2024-01-01 01:00:00\n2024-01-01 02:00:00\n2024-01-02\n");
    place.tool("csv-to-stream").args(["sales.csv", "-o", "sales.arrows"]).run().succeeds();
    let found = table(&place, &["--as-of", "at >= since", "--tolerance", "1 hour", "-c", "kind"]);
    assert_eq!(found, "at,kind\n2024-01-01T01:00:00,a\n2024-01-02T00:00:00,b\n");
    let told =
        message(&place, 2, &["--as-of", "at >= since", "--tolerance", "soon", "sales.arrows"]);
    assert!(told.starts_with("stream-join: --tolerance: "), "{told}");
    let told =
        message(&place, 2, &["--as-of", "at >= since", "--tolerance", "-1 hour", "sales.arrows"]);
    assert_eq!(told, "stream-join: --tolerance -1 hour: not a distance of 0 or more");
}

#[test]
fn a_broken_promise_is_an_error_with_the_row_and_its_keys() {
    let place = shop();
    let told = |expect: &str| {
        message(&place, 1, &["--on", "user = id", "--expect", expect, "sales.arrows"])
    };
    let two = "stream-join: row 1 (user = 2) has 2 partners in users.csv (--expect";
    assert_eq!(told("one"), format!("{two} one)"));
    assert_eq!(told("at-most-one"), format!("{two} at-most-one)"));
    let none = "stream-join: row 2 (user = 3) has no partner in users.csv (--expect at-least-one)";
    assert_eq!(told("at-least-one"), none);
    place.write("users.csv", "id,amount\n1,5\n2,6\n3,7\n");
    let told =
        message(&place, 1, &["--on", "user = id, amount", "--expect", "one", "sales.arrows"]);
    let null = "row 3 (user = null, amount = 8) has no partner in users.csv (--expect one)";
    assert_eq!(told, format!("stream-join: {null}"));
}

#[test]
fn rows_without_a_partner_are_put_aside() {
    let place = shop();
    let on = ["--on", "user = id", "--unmatched", "rest.arrows"];
    table(&place, &on);
    let csv = |name: &str| place.tool("stream-to-csv").arg(name).run().succeeds().stdout_text();
    assert_eq!(csv("rest.arrows"), "user,amount\n3,7\n,8\n");
    // All columns are put aside, although the reader of the result needs one.
    let line = "cat sales.arrows | stream-join users.csv --on 'user = id' --unmatched rest.arrows |
                stream-select age | stream-count";
    std::fs::remove_file(place.file("rest.arrows")).unwrap();
    place.shell(line).succeeds().stdout_is("4\n");
    assert_eq!(csv("rest.arrows"), "user,amount\n3,7\n,8\n");
    // After a failure, neither output appears.
    std::fs::remove_file(place.file("rest.arrows")).unwrap();
    let fails = ["--expect", "one", "-o", "out.arrows", "sales.arrows"];
    message(&place, 1, &[&on[..], &fails].concat());
    assert!(!place.names().iter().any(|name| name == "rest.arrows" || name == "out.arrows"));
}

#[test]
fn wrong_command_lines_are_refused() {
    let place = shop();
    for (arguments, told) in [
        (&["sales.arrows"][..], "missing --on COLUMNS (try --on id, or --on 'a = x, b = y')"),
        (&["--on", "usr = id"], "--on: unknown column \"usr\" (did you mean \"user\"?)"),
        (&["--on", "user = ix"], "--on: users.csv: unknown column \"ix\" (did you mean \"id\"?)"),
        (
            &["--on", "user = id", "-c", "nam"],
            "--columns: users.csv: unknown column \"nam\" (did you mean \"name\"?)",
        ),
        (
            &["--on", "user = name"],
            "cannot compare column \"user\" of the stream (int64) with column \"name\" of the table \
             (text); CAST one of them with stream-select",
        ),
        (
            &["--as-of", "user >= name"],
            "cannot compare column \"user\" of the stream (int64) with column \"name\" of the table \
             (text); CAST one of them with stream-select",
        ),
        (&["--on", "user = id", "--tolerance", "1"], "--tolerance requires --as-of"),
        (&["--as-of", "user >= id", "--how", "full"], "--as-of cannot be combined with --how full"),
        (
            &["--on", "user = id", "--how", "semi", "-c", "age"],
            "--columns selects columns of TABLE, of which --how semi and anti write none",
        ),
        (
            &["--on", "user = id", "--how", "anti", "--unmatched", "x"],
            "--unmatched cannot be combined with --how anti, which writes the same rows",
        ),
        (
            &["--on", "user = id", "--how", "anti", "--expect", "one"],
            "--expect cannot be combined with --how anti",
        ),
        (&["--on", "user ="], "--on: a column's name is missing in \"user =\" (try 'a = x')"),
        (&["--on", "user = id age"], "--on: expected a comma before \"age\" (try 'a = x, b = y')"),
        (
            &["--as-of", "user = id"],
            "--as-of: no <, <=, > or >= in \"user = id\" (try 'ts >= valid_from')",
        ),
    ] {
        let arguments = [arguments, &["sales.arrows"]].concat();
        assert_eq!(message(&place, 2, &arguments), format!("stream-join: {told}"));
    }
    let both = place.tool("stream-join").args(["-", "--on", "id"]).pipe_in("").run();
    let told = "stream-join: TABLE and the stream cannot both be standard input\n";
    both.exits_with(2).stderr_is(told);
}

#[test]
fn a_missing_or_torn_table_leaves_nothing() {
    let place = shop();
    let batch = int64_batch(&[("id", (0..100).collect()), ("x", (0..100).collect())]);
    let stream = stream_of(std::slice::from_ref(&batch));
    place.write("torn.arrows", &stream[..stream.len() - 20]);
    let file = file_of(&[batch]);
    place.write("torn.arrow", &file[..file.len() - 20]);
    place.tool("stream-to-parquet").args(["-o", "t.parquet"]).pipe_in(stream).run().succeeds();
    let parquet = std::fs::read(place.file("t.parquet")).unwrap();
    place.write("torn.parquet", &parquet[..parquet.len() - 20]);
    for table in ["none.parquet", "torn.arrows", "torn.arrow", "torn.parquet"] {
        let join = place.tool("stream-join").args([table, "--on", "user = id", "sales.arrows"]);
        let run = join.args(["-o", "out.arrows"]).run().exits_with(1).one_line_on_stderr();
        run.stderr_has(table);
        assert!(!place.names().iter().any(|name| name.starts_with("out")), "{table}");
    }
}

#[test]
fn a_table_without_keys_must_fit_into_memory() {
    let place = shop();
    let told = message(&place, 1, &["--as-of", "user >= id", "--memory", "100", "sales.arrows"]);
    let (size, way) = told.split_once(" take ").unwrap();
    assert_eq!(size, "stream-join: users.csv does not fit into 100 B of memory: 5 rows of it");
    assert!(way.contains("; raise --memory, "), "{way}");
}

#[test]
fn a_table_beyond_the_memory_is_divided_and_rows_keep_their_order() {
    let place = Workplace::new();
    let rows = 0..30_000_i64;
    let spread = |row: i64| row * 7919 % 20_011;
    let batch = |name, rows: std::ops::Range<i64>| {
        let keys = rows.clone().map(spread).collect();
        int64_batch(&[("k", keys), (name, rows.collect())])
    };
    let halves = [batch("t", 0..15_000), batch("t", 15_000..30_000)];
    place.write("table.arrows", stream_of(&halves));
    place.write("stream.arrows", stream_of(&[batch("s", 0..10_000), batch("s", 10_000..30_000)]));
    let found = |more: &[&str]| {
        let join = place.tool("stream-join").args(["table.arrows", "--on", "k", "--how", "left"]);
        let run = join.args(more.iter().copied()).arg("stream.arrows").run().succeeds();
        pairs(&read_stream(&run.stdout))
    };
    let expected: Vec<(i64, i64)> = rows
        .flat_map(|s| {
            let partners = [s - 20_011, s, s + 20_011].into_iter();
            partners.filter(|t| (0..30_000).contains(t)).map(move |t| (s, t))
        })
        .collect();
    assert_eq!(found(&[]), expected);
    assert_eq!(found(&["--memory", "300kB"]), expected);
    let mut any = found(&["--memory", "300kB", "--any-order"]);
    assert_ne!(any, expected);
    any.sort_unstable();
    assert_eq!(any, expected);
}

#[test]
fn promises_and_rows_put_aside_are_the_same_with_temporary_files() {
    let place = shop();
    let on = ["--on", "user = id", "--memory", "1"];
    let rest = ["--unmatched", "rest.arrows", "-c", "age"];
    let found = table(&place, &[&on[..], &rest].concat());
    assert_eq!(found, "user,amount,age\n1,5,10\n2,6,20\n2,6,21\n1,9,10\n");
    let csv = place.tool("stream-to-csv").arg("rest.arrows").run().succeeds();
    csv.stdout_is("user,amount\n3,7\n,8\n");
    let told =
        message(&place, 1, &[&on[..], &["--expect", "at-most-one", "sales.arrows"]].concat());
    let two = "row 1 (user = 2) has 2 partners in users.csv (--expect at-most-one)";
    assert_eq!(told, format!("stream-join: {two}"));
}

#[test]
fn a_directory_for_temporary_files_must_exist() {
    let place = shop();
    let join = place.tool("stream-join").args(["users.csv", "--on", "user = id", "--memory", "1"]);
    let join =
        join.args(["--temporary-directory", "/dev/null", "-o", "out.arrows", "sales.arrows"]);
    let run = join.run().exits_with(1).one_line_on_stderr();
    run.stderr_has("/dev/null");
    assert!(!place.names().iter().any(|name| name.starts_with("out")));
}

/// Two streams with a column `k` of any type each, joined.
#[track_caller]
fn joined(stream: ArrayRef, table: ArrayRef, arguments: &[&str]) -> Vec<RecordBatch> {
    let place = Workplace::new();
    let rows = |array: &ArrayRef| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(0..array.len() as i64))
    };
    let batch = |name, array: ArrayRef| {
        RecordBatch::try_from_iter([("k", array.clone()), (name, rows(&array))]).unwrap()
    };
    place.write("table.arrows", stream_of(&[batch("t", table)]));
    let join = place.tool("stream-join").args(["table.arrows", "--on", "k"]);
    let run = join.args(arguments.iter().copied()).pipe_in(stream_of(&[batch("s", stream)])).run();
    read_stream(&run.succeeds().stdout)
}

fn pairs(batches: &[RecordBatch]) -> Vec<(i64, i64)> {
    let column = |batch: &RecordBatch, name| batch[name].as_primitive::<Int64Type>().clone();
    let pairs = |batch: &RecordBatch| {
        let (s, t) = (column(batch, "s"), column(batch, "t"));
        s.values().iter().copied().zip(t.values().iter().copied()).collect::<Vec<_>>()
    };
    batches.iter().flat_map(pairs).collect()
}

#[test]
fn encodings_of_the_stream_are_kept_and_equal_plain_values() {
    let words: DictionaryArray<Int8Type> =
        vec![Some("b"), Some("x"), None, Some("a")].into_iter().collect();
    let plain: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("b"), Some("b")]));
    let found = joined(Arc::new(words.clone()), plain.clone(), &[]);
    assert_eq!(found[0].column(0).data_type(), words.data_type());
    assert_eq!(pairs(&found), [(0, 2), (0, 3), (3, 0)]);
    let runs = RunArray::<Int32Type>::try_new(
        &vec![2, 3, 5].into(),
        &StringArray::from(vec![Some("a"), None, Some("b")]),
    );
    let runs: ArrayRef = Arc::new(runs.unwrap());
    let found = joined(runs.clone(), plain.clone(), &[]);
    assert_eq!(found[0].column(0).data_type(), runs.data_type());
    assert_eq!(pairs(&found), [(0, 0), (1, 0), (3, 2), (3, 3), (4, 2), (4, 3)]);
    // As columns of the table, dictionaries stay and runs become plain.
    let found = joined(plain.clone(), Arc::new(words.clone()), &["-c", "k,t", "--suffix", "2"]);
    assert_eq!(found[0]["k2"].data_type(), words.data_type());
    let found = joined(plain, runs, &["-c", "k,t", "--suffix", "2"]);
    assert_eq!(found[0]["k2"].data_type(), &DataType::Utf8);
    assert_eq!(pairs(&found), [(0, 0), (0, 1), (2, 3), (2, 4), (3, 3), (3, 4)]);
}

#[test]
fn numbers_meet_by_value() {
    let floats: ArrayRef = Arc::new(Float64Array::from(vec![-0.0, f64::NAN, 1.5]));
    let others: ArrayRef = Arc::new(Float64Array::from(vec![-f64::NAN, 0.0]));
    assert_eq!(pairs(&joined(floats, others, &[])), [(0, 1), (1, 0)]);
    let signed: ArrayRef = Arc::new(Int64Array::from(vec![-1, i64::MAX, 7]));
    let unsigned = arrow::array::PrimitiveArray::<UInt64Type>::from(vec![u64::MAX, 7, 1 << 63]);
    assert_eq!(pairs(&joined(signed, Arc::new(unsigned), &[])), [(2, 1)]);
}

#[test]
fn a_row_with_very_many_partners_is_written_in_parts() {
    let (one, many) = (vec![7; 3], vec![7; 100_000]);
    let found = joined(Arc::new(Int64Array::from(one)), Arc::new(Int64Array::from(many)), &[]);
    assert!(found.iter().all(|batch| batch.num_rows() <= 1 << 18), "a batch is too large");
    let pairs = pairs(&found);
    assert_eq!(pairs.len(), 300_000);
    assert!(pairs.iter().enumerate().all(|(place, (s, t))| 100_000 * *s + *t == place as i64));
    // Long text is not repeated in one batch.
    let long: ArrayRef = Arc::new(StringArray::from(vec!["x".repeat(1 << 20)]));
    let many: ArrayRef = Arc::new(StringArray::from(vec!["x".repeat(1 << 20); 20]));
    let many = arrow::compute::concat(&[&many; 10].map(|part| part.as_ref())).unwrap();
    let found = joined(long, many, &["-c", "t"]);
    assert_eq!(found.iter().map(RecordBatch::num_rows).sum::<usize>(), 200);
    assert!(found.iter().all(|batch| batch.num_rows() <= 64));
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn whichever_write_finds_the_disk_full_nothing_is_left() {
    use crate::support::{run_with_full_disk, tool_directory};
    use std::process::Command;
    let place = shop();
    let mut failed = 0;
    for at in 1.. {
        let stderr = std::fs::File::create(place.file("stderr")).unwrap();
        let mut command = Command::new(tool_directory().join("stream-join"));
        command.current_dir(place.path()).stderr(stderr);
        command.args(["users.csv", "--on", "user = id", "--memory", "1", "sales.arrows"]);
        command.args(["--temporary-directory", ".", "-o", "out.arrows"]);
        let run = run_with_full_disk(&mut command, at);
        let told = std::fs::read_to_string(place.file("stderr")).unwrap();
        if run.status.code() == Some(0) {
            // Some calls only give advice.
            assert_eq!(told, "");
            std::fs::remove_file(place.file("out.arrows")).unwrap();
            if run.stops < at {
                break;
            }
            continue;
        }
        failed += 1;
        assert_eq!(run.status.code(), Some(1), "{told}");
        assert!(told.contains("no space left on device") && told.lines().count() == 1, "{told}");
        let names = place.names();
        assert!(
            names.iter().all(|name| !name.contains("out") && !name.starts_with('.')),
            "{names:?}"
        );
    }
    assert!(3 < failed, "{failed}");
}

#[test]
fn a_slow_stream_stays_live() {
    let place = shop();
    let batch = |user| int64_batch(&[("user", vec![user; 300]), ("n", (0..300).collect())]);
    let (first, both) = (stream_of(&[batch(1)]), stream_of(&[batch(1), batch(4)]));
    // Without its end marker.
    let (start, end) = both.split_at(first.len() - 8);
    place.write("start", start);
    place.write("end", end);
    // The second batch follows only when the rows of the first have come out.
    let line = "rm -f in out back; mkfifo in out back
        stream-join users.csv OPTIONS -c age <in >out & join=$!
        { cat start; read -r word <back; cat end; } >in &
        { head -c 4000 >first; echo next >back; cat >rest; } <out
        wait $join && cat first rest | stream-count";
    for (options, rows) in [
        ("--on 'user = id'", 600),
        ("--on 'user = id' --sorted --how full", 603),
        ("--as-of 'user >= id' --sorted", 600),
    ] {
        let line = line.replace("OPTIONS", options).replace('\'', "'\\''");
        let run = place.shell(&format!("timeout 60 bash -c '{line}'"));
        run.succeeds().stdout_is(&format!("{rows}\n"));
    }
}

/// What the reader of the result needs makes no difference to it.
#[test]
fn hints_through_the_join_change_nothing() {
    let place = Workplace::new();
    let line = "stream-generate 'id = 0..300, n = 0..900' >stream.arrows
        stream-generate 'id = 100..400, s = random(choice 9), t = random(choice 9)' >table.arrows";
    place.shell(line).succeeds();
    for (join, read) in [
        ("--on id", "stream-select t | stream-count --by t"),
        ("--on id", "stream-count"),
        ("--on id --how left -c s", "stream-aggregate 'sum(n), count(s)' | stream-to-csv"),
        ("--on id --how full", "stream-aggregate 'sum(id), count(*)' | stream-to-csv"),
        ("--on id --how anti", "stream-aggregate 'max(n)' | stream-to-csv"),
        ("--as-of 'n >= id' -c t", "stream-aggregate --by t 'count(*)' --sorted | stream-to-csv"),
    ] {
        let run = |variable: &str| {
            let line = format!(
                "export {variable}; cat stream.arrows | \
                 stream-join <(cat table.arrows) {join} | {{ {read}; }}"
            );
            place.shell(&line).succeeds().stdout_text()
        };
        assert_eq!(run("ARROW_PIPES_HINTS=on"), run("ARROW_PIPES_HINTS=off"), "{join} {read}");
    }
}

/// More rows than are in memory at a time, on both sides; keys without a partner on both sides, and
/// keys with many rows.
#[test]
fn sorted_inputs_are_joined_as_unsorted_ones() {
    let place = Workplace::new();
    let line = "stream-generate 'k = random(int64 0..45000), n = 0..150000' | \
                    stream-filter 'k % 3 <> 1 OR k < 15000' | \
                    stream-select 'CASE WHEN k % 1000 = 0 THEN 7000 WHEN k % 1000 <> 1 THEN k END AS k, n' >s.arrows
        stream-generate 'k = random(int64 0..45000), m = 0..150000' | \
            stream-filter 'k % 5 <> 1 OR k < 15000' | \
            stream-select 'CASE WHEN k % 4500 = 0 THEN 7000 ELSE k END::INTEGER AS k, m' >t.arrows
        for side in s t; do stream-sort --by k $side.arrows >$side.sorted.arrows; done
        stream-rechunk --batch-rows 100 t.sorted.arrows >t.small.arrows
        stream-rechunk --batch-rows 100 s.sorted.arrows >s.small.arrows";
    place.shell(line).succeeds();
    for how in ["inner", "left", "semi", "anti", "full"] {
        let digest = |line: &str| {
            let line = format!(
                "{line} | stream-aggregate 'count(*), sum(hash(COLUMNS)) AS h' | stream-to-csv"
            );
            let columns = if matches!(how, "semi" | "anti") {
                "n"
            } else {
                "(COALESCE(n, -1) * 1000003 + COALESCE(m, -1)) * 50021 + COALESCE(k, -1)"
            };
            place.shell(&line.replace("COLUMNS", columns)).succeeds().stdout_text()
        };
        let expected = digest(&format!("stream-join t.arrows --on k --how {how} s.arrows"));
        for (table, stream) in [("sorted", "sorted"), ("small", "sorted"), ("sorted", "small")] {
            let line = format!(
                "stream-join t.{table}.arrows --on k --sorted --how {how} s.{stream}.arrows"
            );
            assert_eq!(digest(&line), expected, "{line}");
        }
    }
}

/// Rows of the table without a partner come out in the order of the keys, before larger ones.
#[test]
fn a_full_join_of_sorted_inputs_is_sorted() {
    let place = Workplace::new();
    place.write("s.csv", "k,n\n1,0\n2,1\n2,2\n5,3\n9,4\n,5\n");
    place.write("t.csv", "k,n,m\n0,0,a\n0,1,b\n2,2,c\n2,3,d\n3,4,e\n5,5,f\n7,6,g\n,7,h\n,8,i\n");
    place.write("none.csv", "k,n,m\n");
    let joined = |stream: &str, table: &str, options: &str| {
        let line = format!(
            "csv-to-stream --schema 'k int64, n int64' {stream} | stream-rechunk --batch-rows 1 | \
             stream-join <(csv-to-stream --schema 'k int64, n int64, m utf8' {table} | \
                stream-rechunk --batch-rows 2) --on k --sorted --how full {options} | stream-to-csv"
        );
        place.shell(&line)
    };
    joined("s.csv", "t.csv", "--suffix _t").succeeds().stdout_is(
        "k,n,n_t,m\n0,,0,a\n0,,1,b\n1,0,,\n2,1,2,c\n2,1,3,d\n2,2,2,c\n2,2,3,d\n3,,4,e\n5,3,5,f\n\
         7,,6,g\n9,4,,\n,5,,\n,,7,h\n,,8,i\n",
    );
    joined("s.csv", "t.csv", "--nulls-equal -c m").succeeds().stdout_is(
        "k,n,m\n0,,a\n0,,b\n1,0,\n2,1,c\n2,1,d\n2,2,c\n2,2,d\n3,,e\n5,3,f\n7,,g\n9,4,\n,5,h\n,5,i\n",
    );
    joined("s.csv", "none.csv", "-c m")
        .succeeds()
        .stdout_is("k,n,m\n1,0,\n2,1,\n2,2,\n5,3,\n9,4,\n,5,\n");
    joined("<(head -n 1 s.csv)", "t.csv", "-c m")
        .succeeds()
        .stdout_is("k,n,m\n0,,a\n0,,b\n2,,c\n2,,d\n3,,e\n5,,f\n7,,g\n,,h\n,,i\n");
    joined("s.csv", "t.csv", "-c m --expect at-least-one")
        .exits_with(1)
        .stderr_has("row 0 (k = 1) has no partner in ");
    joined("s.csv", "t.csv", "-c m --unmatched alone.arrows").succeeds();
    let alone = place.tool("stream-to-csv").arg("alone.arrows").run().succeeds();
    alone.stdout_is("k,n\n1,0\n9,4\n,5\n");
}

/// Trades and quotes as they arrive: sorted by time, symbols in any order.
#[test]
fn inputs_sorted_by_time_are_joined_as_unsorted_ones() {
    let place = Workplace::new();
    let line = "stream-generate 'row = 0..60000, symbol = random(choice 300)' | \
                    stream-select 'row * 3 // 7 AS since, symbol, row' | stream-rechunk --batch-rows 500 >quotes.arrows
        stream-generate 'n = 0..30000, symbol = random(choice 310)' | stream-select \
            'CASE WHEN n < 29990 THEN n * 6 // 7 END AS at, symbol, n' | stream-rechunk --batch-rows 300 >trades.arrows";
    place.shell(line).succeeds();
    for options in [
        "--as-of 'at >= since'",
        "--as-of 'at > since' --how left --on symbol",
        "--as-of 'at >= since' --on symbol --tolerance 20 --how left",
        "--as-of 'at <= since' --on symbol --tolerance 300",
        "--as-of 'at < since' --on symbol --tolerance 20 --how anti",
        "--as-of 'at < since' --on symbol --tolerance 20 --how semi",
    ] {
        let rest = if options.contains("symbol") { "" } else { "--suffix _q" };
        let joined = |sorted: &str| {
            let line = format!(
                "stream-join quotes.arrows {options} {rest} {sorted} trades.arrows | stream-to-csv | md5sum"
            );
            place.shell(&line).succeeds().stdout_text()
        };
        assert_eq!(joined("--sorted"), joined(""), "{options}");
    }
}

/// The keys of both sides together may have more values than the keys of a dictionary can number.
#[test]
fn a_full_join_of_sorted_inputs_merges_encoded_columns() {
    let place = Workplace::new();
    let text = |row: usize| format!("{row:03}");
    let batch = |rows: &[usize]| {
        let keys: DictionaryArray<Int8Type> = rows
            .iter()
            .map(|row| text(*row))
            .collect::<Vec<_>>()
            .iter()
            .map(String::as_str)
            .collect();
        let numbers: Int64Array = rows.iter().map(|row| Some(*row as i64)).collect();
        let ends = arrow::array::Int32Array::from_iter_values(1..=rows.len() as i32);
        let runs = RunArray::<Int32Type>::try_new(&ends, &numbers).unwrap();
        let columns: [(&str, ArrayRef); 3] =
            [("k", Arc::new(keys)), ("n", Arc::new(numbers)), ("r", Arc::new(runs))];
        RecordBatch::try_from_iter(columns).unwrap()
    };
    let rows =
        |step: usize| (0..300_usize).filter(|row| row.is_multiple_of(step)).collect::<Vec<_>>();
    let (stream, table) = (rows(3), rows(4));
    place.write("s.arrows", stream_of(&[batch(&stream)]));
    place.write("t.arrows", stream_of(&[batch(&table)]));
    let join =
        place.tool("stream-join").args(["t.arrows", "--on", "k", "--sorted", "--suffix", "_t"]);
    let run = join.args(["--how", "full", "s.arrows"]).run().succeeds();
    let found = Tool::new("stream-to-csv").pipe_in(run.stdout).run().succeeds().stdout_text();
    let number = |row: usize, step: usize| {
        if row.is_multiple_of(step) { row.to_string() } else { String::new() }
    };
    let expected = (0..300).filter(|row| row % 3 == 0 || row % 4 == 0).map(|row| {
        let (own, other) = (number(row, 3), number(row, 4));
        format!("{},{own},{own},{other},{other}\n", text(row))
    });
    assert_eq!(found, format!("k,n,r,n_t,r_t\n{}", expected.collect::<String>()));
}

#[test]
fn memory_of_sorted_joins_does_not_depend_on_the_number_of_rows() {
    let place = Workplace::new();
    let peak = |rows: u64, options: &str| {
        let line = format!(
            "stream-generate 'row = 0..{rows}, k = random(choice 100)' -o t.arrows
            stream-select 'row * 2 // 3 AS at, k, row AS n' t.arrows -o s.arrows"
        );
        place.shell(&line).succeeds();
        let line =
            format!("stream-join t.arrows --sorted {options} s.arrows --suffix _t >/dev/null");
        peak_kilobytes(&place, &line)
    };
    for options in ["--on 'at = row' --how full", "--as-of 'at >= row' --on k"] {
        let (few, many) = (peak(500_000, options), peak(1_200_000, options));
        assert!(many < few + 8 * 1024, "{options}: {few} {many}");
    }
}

#[test]
fn inputs_that_are_not_sorted_are_refused_with_their_row() {
    let place = shop();
    let told = place.tool("stream-join").args(["users.csv", "--on", "user = id", "--sorted"]);
    told.arg("sales.arrows").run().exits_with(1).stderr_is(
        "stream-join: --sorted: the stream is not sorted by its keys (sort it with stream-sort, or \
         leave out --sorted): row 4 breaks the order: \"user\" is 1 after null\n",
    );
    let line = "stream-sort --by user sales.arrows | stream-join <(stream-sort --by 'id DESC' \
                <(csv-to-stream users.csv)) --on 'user = id' --sorted";
    place.shell(line).exits_with(1).stderr_has(
        "is not sorted by its keys (sort it with stream-sort, or leave out --sorted): row 1 breaks the order: \"id\" is ",
    );
    // An as-of join is sorted by time alone.
    let join = |options: &str| {
        place.shell(&format!(
            "stream-join users.csv --sorted --as-of {options} -c name sales.arrows"
        ))
    };
    join("'amount >= age'").exits_with(1).stderr_is(
        "stream-join: --sorted: users.csv is not sorted by the column of --as-of (sort it with \
         stream-sort, or leave out --sorted): row 4 breaks the order: \"age\" is 0 after 40\n",
    );
    join("'user >= id'").exits_with(1).stderr_is(
        "stream-join: --sorted: the stream is not sorted by the column of --as-of (sort it with \
         stream-sort, or leave out --sorted): row 4 breaks the order: \"user\" is 1 after null\n",
    );
    join("'amount <= age'").exits_with(2).stderr_is(
        "stream-join: --sorted with --as-of and <= or < would read TABLE to its end for a key that has no \
         later row; limit it with --tolerance, or leave out --sorted\n",
    );
    join("'amount >= age' --how full")
        .exits_with(2)
        .stderr_is("stream-join: --as-of cannot be combined with --how full\n");
    // A table that ends before its end is noticed, though its rows are not needed.
    let line = "stream-generate 'id = 0..100000' | head -c 100000 >torn; stream-generate 'id = 0..3' | \
                stream-join torn --on id --sorted >/dev/null";
    place.shell(line).exits_with(1).stderr_has("torn");
}

#[test]
fn a_directory_of_parquet_files_is_a_table() {
    let place = shop();
    let line = "stream-to-parquet --partition-by age -o tree <(csv-to-stream users.csv)
        stream-join tree --on 'user = id' sales.arrows | stream-sort --by user,amount | stream-to-csv >of-tree
        stream-join users.csv --on 'user = id' sales.arrows | stream-sort --by user,amount | \
            stream-select 'user, amount, * EXCLUDE (user, amount)' | stream-to-csv >of-file
        wc -l <of-tree; diff <(cut -d, -f1,2 of-tree) <(cut -d, -f1,2 of-file) && head -n 1 of-tree";
    place.shell(line).succeeds().stdout_has("age");
}
