//! `stream-to-parquet --partition-by`: which row goes where. What the files hold is told by pyarrow.

use crate::support::{Outcome, Python, Workplace, int64_batch, stream_of};

/// Prints a line for each file of the tree `out`: its path, its rows, the rows of its row groups.
const LIST: &str = "
import os, pyarrow.parquet as pq
for top, _, names in sorted(os.walk('out')):
    for name in sorted(names):
        file = pq.ParquetFile(os.path.join(top, name))
        m = file.metadata
        groups = [m.row_group(i).num_rows for i in range(m.num_row_groups)]
        print(os.path.relpath(os.path.join(top, name), 'out'), m.num_rows, *groups)
";

/// Compares the tree `out` with the table `in.arrows`, row by row and in order: `arguments` are the
/// key columns. The keys are read from the paths as text.
const CHECK: &str = "
import os, sys, urllib.parse
import pyarrow as pa, pyarrow.parquet as pq
keys = sys.argv[1:]
table = pa.ipc.open_stream('in.arrows').read_all()
rest = [name for name in table.column_names if name not in keys]
def text(value):
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
wanted = {}
rows = list(zip(*(table[name].to_pylist() for name in keys)))
for number, key in enumerate(rows):
    wanted.setdefault(tuple(map(text, key)), []).append(number)
found = {}
for top, _, names in os.walk('out'):
    for name in sorted(names):
        parts = [part.split('=', 1) for part in os.path.relpath(top, 'out').split('/')]
        assert [urllib.parse.unquote(part[0]) for part in parts] == keys, top
        unquoted = [None if v == '__HIVE_DEFAULT_PARTITION__' else urllib.parse.unquote(v) for _, v in parts]
        found.setdefault(tuple(unquoted), []).append(pq.ParquetFile(os.path.join(top, name)).read())
assert sorted(map(str, found)) == sorted(map(str, wanted)), (sorted(map(str, found))[:5], sorted(map(str, wanted))[:5])
for key, numbers in wanted.items():
    there = pa.concat_tables(found[key])
    assert there.column_names == rest, there.column_names
    assert there.equals(table.select(rest).take(numbers).cast(there.schema)), key
print(len(wanted), 'partitions,', sum(map(len, found.values())), 'files')
";

#[track_caller]
fn listed(place: &Workplace) -> String {
    Python::run(LIST, place.path(), Vec::<String>::new()).succeeds().stdout_text()
}

#[track_caller]
fn checked(place: &Workplace, keys: &[&str]) -> String {
    Python::run(CHECK, place.path(), keys).succeeds().stdout_text()
}

#[track_caller]
fn generate(place: &Workplace, columns: &str) {
    place.shell(&format!("stream-generate {columns} -o in.arrows")).succeeds();
}

#[track_caller]
fn partition(place: &Workplace, arguments: &str) -> Outcome {
    place.shell(&format!("rm -rf out; stream-to-parquet -o out {arguments} in.arrows"))
}

#[test]
fn a_row_goes_where_its_key_says() {
    let place = Workplace::new();
    generate(&place, "'id = 0..1000, kind = random(choice 3) nulls 0.2, n = random(int64 -2..2)'");
    partition(&place, "--partition-by kind,n").succeeds().stdout_is("").stderr_is("");
    assert_eq!(checked(&place, &["kind", "n"]), "16 partitions, 16 files\n");
    partition(&place, "--partition-by n").succeeds();
    assert_eq!(checked(&place, &["n"]), "4 partitions, 4 files\n");
}

#[test]
fn key_columns_are_kept_if_asked_for() {
    let place = Workplace::new();
    generate(&place, "'id = 0..10'");
    partition(&place, "--partition-by id").exits_with(2).one_line_on_stderr().stderr_is(
        "stream-to-parquet: --partition-by: no column is left for the files: give --keep-partition-columns\n",
    );
    assert_eq!(place.names(), ["in.arrows"]);
    partition(&place, "--partition-by id --keep-partition-columns").succeeds();
    assert_eq!(listed(&place).lines().next(), Some("id=0/part-00000.parquet 1 1"));
}

/// Rows come back from temporary files, in small pieces and out of large ones, as they went there.
#[test]
fn rows_stay_in_order_however_little_memory_there_is() {
    let place = Workplace::new();
    generate(
        &place,
        "'id = 0..20000, key = random(int64 0..60), price = random(float64) nulls 0.1, \
         name = random(text 0..30), flag = random(bool), kind = random(choice 9)'",
    );
    for (memory, threads) in [("1", 1), ("300KiB", 3), ("1MiB", 1), ("1MiB", 4), ("1GiB", 2)] {
        let told = format!("--partition-by key --memory {memory} -j {threads}");
        partition(&place, &told).succeeds();
        assert_eq!(checked(&place, &["key"]), "60 partitions, 60 files\n", "{told}");
    }
    let batches = "--batch-rows 777 in.arrows -o small && mv small in.arrows";
    place.shell(&format!("stream-rechunk {batches}")).succeeds();
    partition(&place, "--partition-by kind,flag --memory 300KiB").succeeds();
    assert_eq!(checked(&place, &["kind", "flag"]).split(',').next(), Some("18 partitions"));
}

#[test]
fn the_tree_is_the_same_for_any_number_of_threads() {
    let place = Workplace::new();
    generate(&place, "'key = random(int64 0..7), id = 0..200000, name = random(text 0..30)'");
    for options in [
        "--partition-by key --memory 3MiB",
        "--partition-by key --memory 8MiB --file-bytes 200KiB",
        "--file-rows 30000",
        "--file-bytes 300KiB",
    ] {
        place
            .shell(&format!(
                "for j in 1 2 5; do stream-to-parquet {options} -j $j -o out-$j in.arrows || exit 1; done
                 diff -r out-1 out-2 && diff -r out-1 out-5; status=$?; rm -r out-*; exit $status"
            ))
            .succeeds()
            .stdout_is("");
    }
}

/// The second and third rows are of partitions that have many rows in memory when it is full.
#[test]
fn no_row_group_is_small_where_the_partition_has_more() {
    let place = Workplace::new();
    // Two thirds of the rows have one key; the others are spread among 50.
    place
        .shell(
            "stream-generate 'a = random(int64 0..3), b = random(int64 0..50), id = 0..300000, x = random(float64)' |
             stream-select 'CASE WHEN a = 0 THEN b ELSE 0 END AS key, id, x' -o in.arrows",
        )
        .succeeds();
    for options in [
        "--memory 2MiB",
        "--memory 8MiB",
        "--memory 1GiB --row-group-rows 5000",
        "--memory 2MiB --row-group-rows 5000",
    ] {
        partition(&place, &format!("--partition-by key {options}")).succeeds();
        assert_eq!(checked(&place, &["key"]), "50 partitions, 50 files\n");
        for line in listed(&place).lines() {
            let numbers: Vec<usize> =
                line.split(' ').skip(1).map(|number| number.parse().unwrap()).collect();
            let (rows, groups) = (numbers[0], &numbers[1..]);
            assert!(groups.iter().all(|group| 1000.min(rows) <= *group), "{options}: {line}");
            assert!(
                !options.contains("rows") || groups.iter().all(|group| *group <= 5000),
                "{line}"
            );
        }
    }
}

/// A row group is encoded as a whole: its rows take at most a quarter of the memory allowed.
#[test]
fn row_groups_of_wide_rows_keep_to_the_memory() {
    let place = Workplace::new();
    let columns: Vec<String> = (0..20).map(|n| format!("c{n} = random(float64)")).collect();
    let columns = columns.join(", ");
    generate(&place, &format!("'key = random(int64 0..2), id = 0..40000, {columns}'"));
    partition(&place, "--partition-by key --memory 8MiB").succeeds();
    assert_eq!(checked(&place, &["key"]), "2 partitions, 2 files\n");
    let most_rows = (2 << 20) / (21 * 8);
    for line in listed(&place).lines() {
        let row_groups: Vec<usize> =
            line.split(' ').skip(2).map(|number| number.parse().unwrap()).collect();
        assert!(row_groups.iter().all(|rows| *rows <= most_rows), "{most_rows}: {line}");
    }
}

#[test]
fn files_end_at_a_number_of_rows() {
    let place = Workplace::new();
    generate(&place, "'k = 0..2, id = 0..25000'");
    partition(&place, "--partition-by k --file-rows 10000 --row-group-rows 4000").succeeds();
    assert_eq!(
        listed(&place),
        "k=0/part-00000.parquet 10000 4000 4000 2000
k=0/part-00001.parquet 10000 4000 4000 2000
k=0/part-00002.parquet 5000 4000 1000
k=1/part-00000.parquet 10000 4000 4000 2000
k=1/part-00001.parquet 10000 4000 4000 2000
k=1/part-00002.parquet 5000 4000 1000
"
    );
    assert_eq!(checked(&place, &["k"]), "2 partitions, 6 files\n");
    partition(&place, "--file-rows 20000").succeeds();
    assert_eq!(
        listed(&place),
        "part-00000.parquet 20000 20000\npart-00001.parquet 20000 20000\npart-00002.parquet 10000 10000\n"
    );
}

#[test]
fn files_end_at_a_number_of_bytes() {
    let place = Workplace::new();
    generate(&place, "--rows 200000 'k = random(int64 0..2), x = random(float64)'");
    partition(&place, "--partition-by k --file-bytes 100KiB -z none").succeeds();
    assert_eq!(checked(&place, &["k"]).split(',').next(), Some("2 partitions"));
    let sizes = place.shell("find out -type f -printf '%s\\n'").succeeds().stdout_text();
    let sizes: Vec<usize> = sizes.lines().map(|size| size.parse().unwrap()).collect();
    assert!((14..=18).contains(&sizes.len()), "{sizes:?}");
    assert!(sizes.iter().all(|size| *size < 120_000), "{sizes:?}");
}

#[test]
fn a_stream_without_rows_makes_a_file_only_where_no_key_names_it() {
    let place = Workplace::new();
    place.write("in.arrows", stream_of(&[int64_batch(&[("k", vec![]), ("id", vec![])])]));
    partition(&place, "--file-rows 10").succeeds();
    assert_eq!(listed(&place), "part-00000.parquet 0\n");
    partition(&place, "--partition-by k").succeeds();
    assert_eq!(listed(&place), "");
}

#[test]
fn few_files_are_open_at_a_time() {
    let place = Workplace::new();
    generate(&place, "'key = random(int64 0..30), id = 0..800000, x = random(float64)'");
    for options in ["", "--max-open-files 2", "--max-open-files 2 -j 4"] {
        // Every partition gets row groups before the end of the stream.
        let limited = format!(
            "rm -rf out; ulimit -n 28; stream-to-parquet -o out --partition-by key --memory 26MiB --row-group-rows 8000 {options} in.arrows"
        );
        place.shell(&limited).succeeds();
        assert_eq!(checked(&place, &["key"]), "30 partitions, 30 files\n", "{options}");
        let groups = listed(&place);
        assert!(groups.lines().all(|line| 3 < line.split(' ').count()), "{groups}");
    }
}

#[test]
fn a_failure_leaves_nothing() {
    let place = Workplace::new();
    generate(&place, "--rows 60000 'key = random(int64 0..300), name = random(text 0..30)'");
    let left = || place.names();
    let cut =
        "head -c 900000 in.arrows | stream-to-parquet --partition-by key --memory 1MiB -o out";
    place.shell(cut).exits_with(1).one_line_on_stderr();
    assert_eq!(left(), ["in.arrows"]);
    // A limit of a few blocks stands for a full disk: of temporary files, then of files of the tree.
    for (options, what) in
        [("--memory 1MiB", "cannot write temporary data to "), ("", "file too large")]
    {
        let limited =
            format!("ulimit -f 1; stream-to-parquet --partition-by key {options} -o out in.arrows");
        place.shell(&limited).exits_with(1).one_line_on_stderr().stderr_has(what);
        assert_eq!(left(), ["in.arrows"]);
    }
}

#[test]
fn a_key_that_no_directory_can_have_is_an_error_before_anything_is_there() {
    let place = Workplace::new();
    let line = "stream-generate 'id = 0..1000' | stream-select \"id, CASE WHEN id = 999 THEN 'éééééééééééééééééééééééééééééééééééééééééééééééééé' ELSE 'a' END AS word\" |
        stream-to-parquet --partition-by word -o out";
    place
        .shell(line)
        .exits_with(1)
        .one_line_on_stderr()
        .stderr_has("stream-to-parquet: column \"word\": the value \"éééé");
    assert_eq!(place.names(), Vec::<String>::new());
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let place = Workplace::new();
    generate(&place, "'id = 0..10, x = 0..2'");
    let told = |arguments: &str, why: &str| {
        let line = format!("stream-to-parquet {arguments} in.arrows");
        place.shell(&line).exits_with(2).stderr_is(&format!("stream-to-parquet: {why}\n"));
        assert_eq!(place.names(), ["in.arrows"]);
    };
    told("--partition-by y -o out", "--partition-by: unknown column \"y\" (did you mean \"x\"?)");
    told("--partition-by x,x -o out", "--partition-by: column \"x\" is given twice");
    told("--partition-by x", "several files need a directory: give -o DIRECTORY");
    told("--file-rows 5 -o -", "several files need a directory: give -o DIRECTORY");
    told("--file-rows 0 -o out", "--file-rows takes a whole number above 0, not \"0\"");
    for option in [
        "--memory 1GiB",
        "--max-open-files 5",
        "--temporary-directory .",
        "--keep-partition-columns",
    ] {
        let name = option.split(' ').next().unwrap();
        told(&format!("{option} -o out"), &format!("{name} requires --partition-by"));
        told(&format!("{option} --file-rows 5 -o out"), &format!("{name} requires --partition-by"));
    }
    told(
        "--name-template a.parquet -o out",
        "--name-template requires --partition-by, --file-rows or --file-bytes",
    );
    told(
        "--name-template a.parquet --file-rows 5 -o out",
        "--name-template: several files need {number} in their names",
    );
}
