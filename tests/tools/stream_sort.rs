//! stream-sort: the order of rows, what is left of them, and what happens to temporary files.

use crate::support::{Outcome, Python, Tool, Workplace, int64_batch, read_stream, stream_of};
use arrow::array::{ArrayRef, AsArray, DictionaryArray, Int8Array, RecordBatch, StringArray};
use arrow::compute::concat_batches;
use arrow::datatypes::{Int8Type, Int64Type};
use std::sync::Arc;

/// Two columns with ties, and the number of the row, in three batches.
fn numbers() -> Vec<u8> {
    let batch =
        |a: Vec<i64>, b: Vec<i64>, row: Vec<i64>| int64_batch(&[("a", a), ("b", b), ("row", row)]);
    stream_of(&[
        batch(vec![3, 1, 3], vec![0, 1, 1], vec![0, 1, 2]),
        batch(vec![], vec![], vec![]),
        batch(vec![2, 1, 3, 2], vec![2, 1, 0, 5], vec![3, 4, 5, 6]),
    ])
}

fn sort(arguments: &[&str]) -> Outcome {
    Tool::new("stream-sort").args(arguments.iter().copied()).pipe_in(numbers()).run()
}

/// The numbers of the rows, with all in memory and with each row a run of its own.
#[track_caller]
fn rows(arguments: &[&str]) -> Vec<i64> {
    let found = row_numbers(&sort(arguments).succeeds().stdout);
    let spilled = sort(&[arguments, &["--memory", "1"]].concat()).succeeds().stdout;
    assert_eq!(found, row_numbers(&spilled), "{arguments:?}");
    found
}

fn row_numbers(stream: &[u8]) -> Vec<i64> {
    let batches = read_stream(stream);
    let numbers = |batch: &RecordBatch| {
        let column = batch.column_by_name("row").unwrap().as_primitive::<Int64Type>();
        column.values().to_vec()
    };
    batches.iter().flat_map(numbers).collect()
}

#[test]
fn rows_come_in_order_and_equal_ones_as_they_came() {
    assert_eq!(rows(&["--by", "a"]), [1, 4, 3, 6, 0, 2, 5]);
    assert_eq!(rows(&["--by", "a desc"]), [0, 2, 5, 3, 6, 1, 4]);
    assert_eq!(rows(&["--by", "B DESC, \"a\""]), [6, 3, 1, 4, 2, 0, 5]);
}

#[test]
fn a_limit_keeps_the_first_rows() {
    assert_eq!(rows(&["--by", "a", "-n", "3"]), [1, 4, 3]);
    assert_eq!(rows(&["--by", "a", "-n", "100"]), [1, 4, 3, 6, 0, 2, 5]);
    assert_eq!(rows(&["--by", "a", "-n", "0"]), [] as [i64; 0]);
}

#[test]
fn the_first_of_equal_rows_in_the_input_is_kept() {
    // The first columns of the order, all of them, and others.
    assert_eq!(rows(&["--by", "a, b desc", "--unique", "a"]), [1, 3, 0]);
    assert_eq!(rows(&["--by", "a, b", "--unique", "b,a"]), [1, 3, 6, 0, 2]);
    assert_eq!(rows(&["--by", "b desc, a", "--unique", "a"]), [3, 1, 0]);
    assert_eq!(rows(&["--by", "a", "--unique", "a,b"]), [1, 3, 6, 0, 2]);
    assert_eq!(rows(&["--by", "a desc", "--unique", "b"]), [0, 3, 6, 1]);
    assert_eq!(rows(&["--by", "a desc", "--unique", "b", "-n", "2"]), [0, 3]);
}

#[test]
fn no_rows_are_sorted_too() {
    let empty = stream_of(&[int64_batch(&[("a", vec![])])]);
    for more in [&[][..], &["-n", "1"], &["--unique", "a"]] {
        let run = Tool::new("stream-sort").args(["--by", "a"]).args(more.iter().copied());
        assert!(read_stream(&run.pipe_in(&empty[..]).run().succeeds().stdout).is_empty());
    }
}

#[test]
fn dictionaries_whose_keys_cannot_number_all_values_are_cut() {
    // 100 words of its own in each of ten batches: 1,000 words, and keys of one byte.
    let words = |part: i64| {
        let words: StringArray = (0..100).map(|n| Some(format!("{n:03} of {part}"))).collect();
        let keys = Int8Array::from_iter_values(0..100);
        let column: ArrayRef =
            Arc::new(DictionaryArray::<Int8Type>::try_new(keys, Arc::new(words)).unwrap());
        RecordBatch::try_from_iter([("word", column)]).unwrap()
    };
    let input: Vec<RecordBatch> = (0..10).map(words).collect();
    for more in [&[][..], &["--memory", "4KiB"], &["-n", "1000"]] {
        let run = Tool::new("stream-sort").args(["--by", "word"]).args(more.iter().copied());
        let batches = read_stream(&run.pipe_in(stream_of(&input)).run().succeeds().stdout);
        assert_eq!(batches[0].schema(), input[0].schema());
        let shown = |batch: &RecordBatch| {
            let column = batch.column(0).as_dictionary::<Int8Type>().clone();
            let column = column.downcast_dict::<StringArray>().unwrap();
            column.into_iter().map(|word| word.unwrap().to_owned()).collect::<Vec<_>>()
        };
        let found: Vec<String> = batches.iter().flat_map(shown).collect();
        let expected = (0..100).flat_map(|n| (0..10).map(move |part| format!("{n:03} of {part}")));
        assert_eq!(found, expected.collect::<Vec<_>>());
    }
}

#[test]
fn one_dictionary_is_written_for_all_batches() {
    let words: ArrayRef = Arc::new(StringArray::from_iter_values((0..100).map(|n| n.to_string())));
    let batch = |part: i8| {
        let keys = Int8Array::from_iter_values((0..100).map(|n| (n + part) % 100));
        let column: ArrayRef =
            Arc::new(DictionaryArray::<Int8Type>::try_new(keys, words.clone()).unwrap());
        RecordBatch::try_from_iter([("word", column)]).unwrap()
    };
    let input: Vec<RecordBatch> = (0..20).map(batch).collect();
    let run = Tool::new("stream-sort").args(["--by", "word", "--memory", "2KiB"]);
    let batches = read_stream(&run.pipe_in(stream_of(&input)).run().succeeds().stdout);
    assert!(1 < batches.len());
    let all = concat_batches(&input[0].schema(), &batches).unwrap();
    assert_eq!(all.num_rows(), 2000);
    for batch in &batches {
        assert_eq!(batch.column(0).as_any_dictionary().values(), &words);
    }
}

#[test]
fn larger_rows_than_memory_come_one_by_one() {
    let place = Workplace::new();
    let write = "
import pyarrow as pa
texts = [f'{n * 7919 % 200:03}' + 'x' * (100000 if n % 50 == 0 else n) for n in range(200)]
table = pa.table({'text': pa.array(texts, pa.string_view()), 'row': range(200)})
with pa.OSFile('in.arrows', 'wb') as sink, pa.ipc.new_stream(sink, table.schema) as writer:
    writer.write_table(table, max_chunksize=10)
";
    Python::run(write, place.path(), [""]).succeeds();
    let line = "stream-sort --by text --memory 16KiB in.arrows";
    let found = row_numbers(&place.shell(line).succeeds().stdout);
    let mut expected: Vec<i64> = (0..200).collect();
    expected.sort_by_key(|row| row * 7919 % 200);
    assert_eq!(found, expected);
}

#[test]
fn sorted_parquet_is_smaller_and_prunes_better() {
    let place = Workplace::new();
    // The example of the manual, whose figures these are.
    place
        .shell(
            "set -e -o pipefail
            stream-generate --rows 200000 'city=random(choice 999),n=random(choice 9)' |
                stream-to-parquet --row-group-rows 20000 -o came.parquet
            parquet-to-stream came.parquet | stream-sort --by city --memory 1MiB |
                stream-to-parquet --sorted-by city --row-group-rows 20000 -o sorted.parquet",
        )
        .succeeds();
    let asked = "
import os, pyarrow.parquet as pq
for name in ('came.parquet', 'sorted.parquet'):
    metadata = pq.ParquetFile(name).metadata
    groups = range(metadata.num_row_groups)
    cities = [metadata.row_group(group).column(0).statistics for group in groups]
    print(len(groups), sum(c.min <= 'v7' <= c.max for c in cities), round(os.path.getsize(name) / 1000))
";
    Python::run(asked, place.path(), [""]).succeeds().stdout_is("10 10 358\n10 1 90\n");
}

#[test]
fn temporary_files_have_no_names() {
    let place = Workplace::new();
    std::fs::create_dir(place.file("temporary")).unwrap();
    // The producer waits until the sort has temporary data, looks at the directory and at what the
    // process holds open, and then has it killed.
    place
        .shell(
            "set -e
            mkfifo rows
            stream-sort --by 'a DESC' --memory 100KiB --temporary-directory temporary <rows >out &
            sort=$!
            exec 3>rows
            stream-generate --batch-rows 1000 'a = 0..100000' >&3
            until ls -l /proc/$sort/fd | grep -q 'temporary/.*(deleted)'; do :; done
            ls -A temporary
            kill -KILL $sort
            wait $sort || true
            ls -A temporary",
        )
        .exits_with(0)
        .stdout_is("");
}

#[test]
fn a_full_disk_is_told_with_the_way_out() {
    let place = Workplace::new();
    // A file may not grow beyond 64 KiB here, which is told as a disk that is full.
    place
        .shell(
            "mkdir small
            stream-generate 'a = 0..100000' >in.arrows
            ulimit -f 64
            stream-sort --by a --memory 100KiB --temporary-directory small in.arrows | cat >/dev/null
            exit ${PIPESTATUS[0]}",
        )
        .exits_with(1)
        .stderr_is(
            "stream-sort: cannot write temporary data to small: file too large \
             (use --temporary-directory to choose another place)\n",
        );
    place
        .shell("stream-sort --by a --memory 1 --temporary-directory none in.arrows >/dev/null")
        .exits_with(1)
        .stderr_is(
            "stream-sort: cannot make a temporary file in none: no such file or directory \
             (use --temporary-directory to choose another place)\n",
        );
}

#[test]
fn a_stream_that_stops_early_gives_no_rows() {
    let input = numbers();
    let run = Tool::new("stream-sort").args(["--by", "a"]).pipe_in(&input[..input.len() - 8]).run();
    let stdout = run.exits_with(1).one_line_on_stderr().stdout;
    assert!(!stdout.ends_with(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
}

#[test]
fn the_command_line_is_checked() {
    let told = |arguments: &[&str], why: &str| {
        sort(arguments).exits_with(2).stderr_is(&format!("stream-sort: {why}\n")).stdout_is("");
    };
    told(&[], "missing --by ORDER (try --by 'COLUMN DESC, ...')");
    told(&["--by", "c"], "--by: unknown column \"c\" (did you mean \"a\", \"b\"?)");
    told(&["--by", "a, a desc"], "--by: column \"a\" is given twice");
    told(
        &["--by", "a DECS"],
        "--by: \"DECS\" is not ASC, DESC, NULLS FIRST, NULLS LAST or a comma (did you mean DESC?)",
    );
    told(
        &["--by", "a", "--unique", "A"],
        "--unique: unknown column \"A\" (did you mean \"a\", \"b\"?)",
    );
    told(&["--by", "a", "--memory", "0"], "--memory takes a size above 0 (try 128MiB), not \"0\"");
}

#[test]
fn nulls_of_unions_are_last_in_both_directions() {
    let place = Workplace::new();
    let write = "
import pyarrow as pa, pyarrow.ipc as ipc
types, offsets = pa.array([0, 1, 1, 0, 0], pa.int8()), pa.array([0, 0, 1, 1, 2], pa.int32())
dense = pa.UnionArray.from_dense(types, offsets, [pa.array([1, None, 0]), pa.array(['x', 'y'])])
sparse = pa.UnionArray.from_sparse(types, [pa.array([1, 7, 7, None, 0]), pa.array(['', 'x', 'y', '', ''])])
for name, u in (('dense', dense), ('sparse', sparse)):
    t = pa.table({'u': u, 'i': [0, 1, 2, 3, 4]})
    with ipc.new_stream(name, t.schema) as w: w.write_table(t)
";
    Python::run(write, place.path(), [""; 0]).succeeds();
    for name in ["dense", "sparse"] {
        for (order, expected) in [
            ("u", "4 0 1 2 3 "),
            ("u DESC", "2 1 0 4 3 "),
            ("u NULLS FIRST", "3 4 0 1 2 "),
            ("u DESC NULLS FIRST", "3 2 1 0 4 "),
        ] {
            let line = format!(
                "stream-sort --by '{order}' {name} | stream-select i | stream-to-csv --no-header | tr '\\n' ' '"
            );
            place.shell(&line).succeeds().stdout_is(expected);
        }
    }
}
