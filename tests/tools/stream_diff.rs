//! stream-diff: differing rows as text, JSON and a stream; exit statuses as those of diff.

use crate::support::{Outcome, Tool, Workplace, file_of, stream_of};
use arrow::array::{
    ArrayRef, DictionaryArray, Float64Array, Int32Array, Int64Array, ListArray, RecordBatch,
    RunArray, StringArray, StringViewArray,
};
use arrow::datatypes::{Int8Type, Int32Type, Int64Type};
use std::sync::Arc;

const OLD: &str =
    "id,price,note,city\n7,10.5,a,Rome\n8,1.0,b,Oslo\n9,3.0,c,New York\n10,2.0,,Bonn\n";
const NEW: &str = "id,price,note,land\n7,11.0,,IT\n8,1.0,b,NO\n10,2.0,,DE\n12,4.5,\"x, y\",XX\n";

const SCHEMA: &str = "- column city utf8\n+ column land utf8\n";
const ROWS: &str = "~ id=7  price 10.5 -> 11.0, note a -> NULL\n- id=9  price 3.0, note c\n\
                    + id=12  price 4.5, note \"x, y\"\n1 changed, 1 removed, 1 added; 2 the same\n";

/// A directory with old.csv and new.csv.
fn exports() -> Workplace {
    let place = Workplace::new();
    place.write("old.csv", OLD);
    place.write("new.csv", NEW);
    place
}

fn diff(place: &Workplace, arguments: &[&str]) -> Outcome {
    place.tool("stream-diff").args(arguments.iter().copied()).run()
}

/// The message of a failure, which leaves nothing behind.
#[track_caller]
fn message(place: &Workplace, arguments: &[&str]) -> String {
    let run = diff(place, arguments).exits_with(2).one_line_on_stderr();
    run.stderr.trim_end().strip_prefix("stream-diff: ").unwrap().to_owned()
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true)))
        .unwrap()
}

/// The comparison by `id` of two streams with one column `x`.
#[track_caller]
fn compared(old: ArrayRef, new: ArrayRef, more: &[&str]) -> String {
    let place = Workplace::new();
    for (name, x) in [("old", old), ("new", new)] {
        let id: ArrayRef = Arc::new(Int64Array::from_iter_values(0..x.len() as i64));
        place.write(name, stream_of(&[batch(vec![("id", id), ("x", x)])]));
    }
    let run = diff(&place, &[&["--key", "id", "old", "new"], more].concat()).stderr_is("");
    assert!([Some(0), Some(1)].contains(&run.status()));
    run.stdout_text()
}

#[test]
fn schemas_then_rows_in_the_order_of_their_keys() {
    let place = exports();
    let by_id = |old: &str, new: &str| diff(&place, &["--key", "id", old, new]);
    by_id("old.csv", "new.csv").exits_with(1).stderr_is("").stdout_is(&format!("{SCHEMA}{ROWS}"));
    by_id("old.csv", "old.csv").succeeds().stdout_is("no row differs; 4 the same\n");
    let run = diff(&place, &["-k", "id", "--exclude", "city,land", "old.csv", "new.csv"]);
    run.exits_with(1).stdout_is(ROWS);
    let run = diff(&place, &["-k", "id", "-c", "price", "old.csv", "new.csv", "-n", "1"]);
    let one =
        "~ id=7  price 10.5 -> 11.0\n1 changed, 1 removed, 1 added; 2 the same (1 of 3 shown)\n";
    run.exits_with(1).stdout_is(one);
    // A column that only one table has is a difference, even if all rows are the same.
    let run = diff(
        &place,
        &["-k", "note", "-c", "land", "old.csv", "new.csv", "--duplicates", "in-order"],
    );
    run.exits_with(1).stdout_has("+ column land utf8\n");
}

#[test]
fn the_order_of_the_tables_does_not_matter() {
    let place = exports();
    let lines: Vec<&str> = OLD.lines().collect();
    place.write("mixed.csv", [lines[0], lines[3], lines[1], lines[4], lines[2], ""].join("\n"));
    place.write("wrong.csv", NEW.replace("12,", "0,"));
    let expected = format!("{SCHEMA}{ROWS}");
    for more in [&[][..], &["--memory", "1"]] {
        let run = diff(&place, &[&["-k", "id", "mixed.csv", "new.csv"], more].concat());
        run.exits_with(1).stdout_is(&expected);
    }
    // A pipe cannot be looked through, and is sorted at once.
    let piped = |more: &[&str]| {
        let text = Tool::new("csv-to-stream").pipe_in(OLD).run().succeeds().stdout;
        let tool = place.tool("stream-diff").args(["-k", "id", "-", "new.csv"]);
        tool.args(more.iter().copied()).pipe_in(text).run()
    };
    piped(&[]).exits_with(1).stdout_is(&expected);
    piped(&["--sorted"]).exits_with(1).stdout_is(&expected);
    let told = message(&place, &["-k", "id", "--sorted", "old.csv", "wrong.csv"]);
    assert_eq!(told, "wrong.csv is not sorted by its key: id=0 follows id=10; omit --sorted");
}

#[test]
fn json_has_an_object_for_each_difference() {
    let place = exports();
    let run = diff(&place, &["-k", "id", "--json", "old.csv", "new.csv"]).exits_with(1);
    run.stdout_is(concat!(
        r#"{"column":"city","old":"utf8","new":null}"#,
        "\n",
        r#"{"column":"land","old":null,"new":"utf8"}"#,
        "\n",
        r#"{"change":"changed","id":7,"old":{"price":10.5,"note":"a"},"#,
        r#""new":{"price":11.0,"note":null},"columns":["price","note"]}"#,
        "\n",
        r#"{"change":"removed","id":9,"old":{"price":3.0,"note":"c"},"new":null,"columns":null}"#,
        "\n",
        r#"{"change":"added","id":12,"old":null,"new":{"price":4.5,"note":"x, y"},"columns":null}"#,
        "\n",
    ));
    let summary = ["-k", "id", "--exclude", "city,land", "--summary", "old.csv", "new.csv"];
    diff(&place, &summary)
        .exits_with(1)
        .stdout_is("changed cells: price 1, note 1\n1 changed, 1 removed, 1 added; 2 the same\n");
    diff(&place, &[&summary[..], &["--json"]].concat()).exits_with(1).stdout_is(concat!(
        r#"{"same":2,"changed":1,"removed":1,"added":1,"changed_cells":{"price":1,"note":1}}"#,
        "\n"
    ));
}

#[test]
fn a_stream_has_the_values_of_both_tables() {
    let place = exports();
    let run = diff(&place, &["-k", "id", "--stream", "old.csv", "new.csv"]).exits_with(1);
    let told = "stream-diff: - column city utf8\nstream-diff: + column land utf8\n";
    let run = run.stderr_is(told);
    let select = "change, id, old.price AS old, new.price AS new";
    let shown = Tool::new("stream-select").arg(select).pipe_in(run.stdout).run().succeeds();
    let text = Tool::new("stream-to-csv").pipe_in(shown.stdout).run().succeeds();
    text.stdout_is("change,id,old,new\nchanged,7,10.5,11.0\nremoved,9,3.0,\nadded,12,,4.5\n");
    // A file appears whole, whatever the exit status.
    let run = diff(&place, &["-k", "id", "old.csv", "new.csv", "--stream", "-o", "changes.arrows"]);
    run.exits_with(1);
    place.tool("stream-count").arg("changes.arrows").run().succeeds().stdout_is("3\n");
    let same = diff(&place, &["-k", "id", "old.csv", "old.csv", "--stream"]).succeeds();
    Tool::new("stream-count").pipe_in(same.stdout).run().succeeds().stdout_is("0\n");
}

#[test]
fn rows_are_counted_whatever_their_order() {
    let place = exports();
    place.write("old.csv", "a,b\n1,x\n1,x\n2,\n3,z\n1,x\n");
    place.write("new.csv", "b,a\nz,3\nx,1\n,2\ny,4\nx,1\nz,3\n");
    let expected = "- a 1, b x\n+ a 4, b y\n+ a 3, b z\n1 removed, 2 added; 4 the same\n";
    for more in [&[][..], &["--memory", "1"]] {
        let run = diff(&place, &[&["--ignore-order", "old.csv", "new.csv"], more].concat());
        run.exits_with(1).stdout_is(expected);
    }
    let run = diff(&place, &["--ignore-order", "--summary", "old.csv", "new.csv"]);
    run.exits_with(1).stdout_is("1 removed, 2 added; 4 the same\n");
    place.write("new.csv", "a,b\n3,z\n1,x\n1,x\n2,\n1,x\n");
    let run = diff(&place, &["--ignore-order", "old.csv", "new.csv"]);
    run.succeeds().stdout_is("no row differs; 5 the same\n");
}

#[test]
fn equal_values_of_any_type_are_equal() {
    let same = |count| format!("no row differs; {count} the same\n");
    let floats = |values: [f64; 3]| Arc::new(Float64Array::from(values.to_vec())) as ArrayRef;
    let nan = f64::from_bits(f64::NAN.to_bits() | 1);
    assert_eq!(compared(floats([f64::NAN, 0.0, 1.0]), floats([nan, -0.0, 1.0]), &[]), same(3));
    let words = ["a", "b", "b"];
    let plain: ArrayRef = Arc::new(StringArray::from(words.to_vec()));
    let encoded: DictionaryArray<Int8Type> = words.into_iter().collect();
    let runs: RunArray<Int32Type> = words.into_iter().collect();
    let views: ArrayRef = Arc::new(StringViewArray::from(words.to_vec()));
    for other in [Arc::new(encoded) as ArrayRef, Arc::new(runs), views] {
        assert_eq!(compared(plain.clone(), other, &[]), same(3));
    }
    // Integers of other widths are equal by value; their type is a difference.
    let wide: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(1 << 40)]));
    let narrow: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None, Some(3)]));
    let found = compared(wide, narrow.clone(), &[]);
    let row = "~ id=2  x 1099511627776 -> 3\n1 changed; 2 the same\n";
    assert_eq!(found, format!("~ column x int64 -> int32\n{row}"));
    let found = compared(narrow, plain, &["--summary"]);
    assert_eq!(found, "~ column x int32 -> utf8, not compared\nno row differs; 3 the same\n");
    // A number that float64 does not have equals none.
    let large: ArrayRef = Arc::new(Int64Array::from(vec![3, (1 << 53) + 1, 4]));
    let found = compared(large, floats([3.0, (1_u64 << 53) as f64, 4.0]), &["--summary"]);
    assert!(found.ends_with("changed cells: x 1\n1 changed; 2 the same\n"), "{found}");
    let lists = |last: i64| {
        let rows = [Some(vec![Some(1), None]), None, Some(vec![Some(last)])];
        Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(rows)) as ArrayRef
    };
    assert_eq!(compared(lists(3), lists(3), &[]), same(3));
    assert_eq!(compared(lists(3), lists(4), &[]), "~ id=2  x [3] -> [4]\n1 changed; 2 the same\n");
}

#[test]
fn floating_point_numbers_may_differ_a_little() {
    let numbers = |values: Vec<Option<f64>>| Arc::new(Float64Array::from(values)) as ArrayRef;
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    let old =
        numbers(vec![Some(0.0), Some(1e12), Some(inf), Some(inf), None, Some(nan), Some(1.0)]);
    let new = numbers(vec![
        Some(1e-10),
        Some(1e12 + 100.0),
        Some(inf),
        Some(1.0),
        Some(0.0),
        Some(nan),
        Some(1.1),
    ]);
    let found = compared(old, new, &["--tolerance", "1e-9"]);
    let rows = "~ id=3  x Infinity -> 1.0\n~ id=4  x NULL -> 0.0\n~ id=6  x 1.0 -> 1.1\n";
    assert_eq!(found, format!("{rows}3 changed; 4 the same\n"));
    let place = exports();
    for wrong in ["-1", "inf", "x"] {
        let told = message(&place, &["-k", "id", "--tolerance", wrong, "old.csv", "new.csv"]);
        assert_eq!(told, "--tolerance: expected a number of 0 or more (try 1e-9)");
    }
}

#[test]
fn duplicate_keys_are_an_error_or_matched_in_order() {
    let place = exports();
    place.write("old.csv", "k,n,v\n1,a,x\n1,a,y\n1,a,z\n2,b,x\n");
    place.write("new.csv", "k,n,v\n2,b,x\n1,a,x\n1,a,Y\n");
    let told = message(&place, &["-k", "k,n", "old.csv", "new.csv"]);
    assert_eq!(
        told,
        "old.csv has the key k=1 n=a more than once; add a column to --key, or match such rows in \
         order with --duplicates in-order"
    );
    let run = diff(&place, &["-k", "k,n", "--duplicates", "in-order", "old.csv", "new.csv"]);
    let expected = "~ k=1 n=a  v y -> Y\n- k=1 n=a  v z\n1 changed, 1 removed; 2 the same\n";
    run.exits_with(1).stdout_is(expected);
}

#[test]
fn many_batches_and_gaps_are_compared() {
    let place = Workplace::new();
    // Both ends of batches and of stretches are met by removed, added and changed rows.
    place.shell(
        "set -e; stream-generate 'id = 0..200000, x = random(int64 0..9)' -o all.arrows
         stream-filter 'id % 5000 <> 17 AND id <> 65535 AND id <> 199999' all.arrows -o old.arrows
         stream-filter 'id % 7000 <> 3 AND id <> 0' all.arrows |
         stream-select 'id, if(id % 8192 = 1, -1, x) AS x' | stream-rechunk --batch-rows 777 -o new.arrows",
    )
    .succeeds();
    let expected = "25 changed, 30 removed, 42 added; 199903 the same\n";
    let count = |text: &str| text.lines().last().unwrap().replace([',', ';'], "");
    let run = diff(&place, &["-k", "id", "--summary", "old.arrows", "new.arrows"]).exits_with(1);
    assert_eq!(count(&run.stdout_text()), expected.trim().replace([',', ';'], ""));
    place.shell("stream-sort --by 'x DESC, id DESC' new.arrows -o mixed.arrows").succeeds();
    let sorted = diff(&place, &["-k", "id", "old.arrows", "new.arrows"]).exits_with(1);
    let mixed = diff(&place, &["-k", "id", "old.arrows", "mixed.arrows", "--memory", "1MiB"]);
    mixed.exits_with(1).stdout_is(&sorted.stdout_text());
}

#[test]
fn trees_are_tables() {
    let place = exports();
    place
        .shell(
            "set -e; csv-to-stream old.csv >old.arrows
         stream-to-parquet --partition-by city old.arrows -o tree
         stream-to-parquet old.arrows -o old.parquet",
        )
        .succeeds();
    for tree in ["tree", "tree/*/*.parquet"] {
        let run = diff(&place, &["-k", "id", "old.parquet", tree]);
        run.succeeds().stdout_is("no row differs; 4 the same\n");
    }
    let run = diff(&place, &["-k", "city,id", "tree", "new.csv"]).exits_with(2);
    run.stderr_is(
        "stream-diff: --key: new.csv: unknown column \"city\"; the columns are \"id\", \"price\", \
         \"note\", \"land\"\n",
    );
}

#[test]
fn every_trouble_has_status_2() {
    let place = exports();
    place.write("torn.arrows", &stream_of(&[batch(vec![("id", ids())])])[..300]);
    place.write("torn.parquet", b"PAR1 is no file");
    place.write("text.csv", "id,price\nseven,1\n");
    place.write("file.arrow", file_of(&[batch(vec![("id", ids())])]));
    let told = |arguments: &[&str]| message(&place, arguments);
    assert_eq!(
        told(&["-k", "id", "old.csv"]),
        "expected two tables (try: stream-diff --key id OLD NEW)"
    );
    assert_eq!(
        told(&["old.csv", "new.csv"]),
        "missing --key COLUMNS (try --key id, or --ignore-order)"
    );
    assert!(told(&["-k", "id", "-", "-"]).contains("only once"));
    assert!(told(&["-k", "id", "--ignore-order", "old.csv", "new.csv"]).contains("omit --key"));
    assert!(told(&["-k", "id", "old.csv", "gone.csv"]).contains("cannot open gone.csv"));
    assert!(told(&["-k", "id", "file.arrow", "torn.arrows"]).contains("torn.arrows"));
    assert!(told(&["-k", "id", "old.csv", "torn.parquet"]).contains("torn.parquet"));
    let unlike = "--key: cannot compare column \"id\" of old.csv (int64) with that of text.csv (text); CAST \
                  one of them with stream-select";
    assert_eq!(told(&["-k", "id", "old.csv", "text.csv"]), unlike);
    let unknown = "--columns: neither table has a column \"pirce\" (did you mean \"price\"?)";
    assert_eq!(told(&["-k", "id", "-c", "pirce", "old.csv", "new.csv"]), unknown);
    assert!(told(&["-k", "id", "--json", "--stream", "old.csv", "new.csv"]).contains("--json"));
    let full = "stream-diff -k id old.csv new.csv >/dev/full";
    place.shell(full).exits_with(2).one_line_on_stderr().stderr_has("no space left");
    // The message of a failure is no difference, and a file of differences does not appear.
    told(&["-k", "id", "--sorted", "new.csv", "file.arrow", "-o", "out.txt"]);
    assert!(!place.file("out.txt").exists());
}

#[test]
fn a_full_disk_is_told_with_the_way_out() {
    let place = Workplace::new();
    place
        .shell(
            "set -e; stream-generate 'id = 0..200000, x = random(int64 0..9)' -o old.arrows
             stream-sort --by 'id DESC' old.arrows -o new.arrows",
        )
        .succeeds();
    for how in ["-k id", "--ignore-order"] {
        let line = format!(
            "ulimit -f 64; stream-diff {how} --memory 1MiB --temporary-directory . old.arrows new.arrows"
        );
        place.shell(&line).exits_with(2).stdout_is("").stderr_is(
            "stream-diff: cannot write temporary data to .: file too large \
             (use --temporary-directory to choose another place)\n",
        );
        assert_eq!(place.names(), ["new.arrows", "old.arrows"]);
    }
}

/// The signal of a mapped file that became shorter is trouble, too.
#[test]
fn a_table_that_is_shortened_is_trouble() {
    let place = Workplace::new();
    let line =
        "set -e; stream-generate 'id = 0..50000' -o old.arrows; cp old.arrows copy; mkfifo new
        stream-diff -k id --sorted old.arrows new & job=$!
        exec 3>new; truncate -s 4096 old.arrows; cat copy >&3 || true; exec 3>&-
        set +e; wait $job; echo $?";
    place.shell(line).exits_with(0).stdout_is("2\n").stderr_has(
        "stream-diff: cannot read old.arrows: the file was shortened, or its disk failed, while it was read\n",
    );
}

#[test]
fn a_writer_gets_a_hint_for_each_table() {
    let place = Workplace::new();
    place
        .shell("stream-generate 'a = 0..20, b = 0..10, c = random(text 5..9)' -o in.arrows")
        .succeeds();
    // A writer waits for a hint only if its input is large or of unknown size.
    let line = "stream-diff -k a,b --exclude c \
                    <(cat in.arrows | stream-filter --explain 'a < 15') <(cat in.arrows)";
    // On a busy machine a hint may be late, which changes nothing but the work.
    let is_heard = |run: &Outcome| run.stderr.contains("the reader needs:\n  columns  a, b\n");
    let run = (0..50).map(|_| place.shell(line)).find(is_heard).expect("no hint was heard");
    run.exits_with(1).stdout_is(
        &((15..20)
            .flat_map(|a| (0..10).map(move |b| format!("+ a={a} b={b}\n")))
            .collect::<String>()
            + "50 added; 150 the same\n"),
    );
    let off = place.shell(&format!("export ARROW_PIPES_HINTS=off; {line}")).exits_with(1);
    assert_eq!(off.stdout.len(), place.shell(line).stdout.len());
}

#[test]
fn progress_counts_the_rows_of_both_tables() {
    let place = exports();
    let run = diff(&place, &["-k", "id", "--progress", "--summary", "old.csv", "new.csv"]);
    run.exits_with(1).one_line_on_stderr().stderr_has("stream-diff: 8 rows, ");
}

#[test]
fn a_reader_that_went_away_does_not_hide_the_verdict() {
    let place = exports();
    place
        .shell("seq 100000 | sed '1i id' >old.csv; seq 2 100001 | sed '1i id' >new.csv")
        .succeeds();
    let run = place.shell("stream-diff -k id old.csv new.csv | head -1; echo ${PIPESTATUS[0]}");
    run.succeeds().stderr_is("").stdout_is("- id=1\n1\n");
}

fn ids() -> ArrayRef {
    Arc::new(Int64Array::from_iter_values([3, 1, 2]))
}
