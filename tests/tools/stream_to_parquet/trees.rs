//! Directories that stream-to-parquet writes: what is there already, summaries, `_metadata`.

use crate::support::{Outcome, Python, Workplace, tool_directory};
use std::path::Path;

/// A place with two streams of three partitions each, one of which both have.
fn place() -> Workplace {
    let place = Workplace::new();
    place
        .shell(
            "stream-generate 'k = 0..3, id = 0..100' -o a.arrows
             stream-generate 'k = 2..5, id = 100..150' -o b.arrows",
        )
        .succeeds();
    place
}

fn written(place: &Workplace, arguments: &str) -> Outcome {
    place.shell(&format!("stream-to-parquet --partition-by k -o out {arguments}"))
}

/// The files below `out`, with an id of a run as `ID`.
fn listed(place: &Workplace) -> String {
    let line =
        "find out ! -type d | sort | sed -E 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/ID/'";
    place.shell(line).succeeds().stdout_text()
}

/// The rows of `out` as pyarrow counts them.
#[track_caller]
fn rows(place: &Workplace) -> String {
    let program =
        "import pyarrow.dataset as d; print(d.dataset('out', partitioning='hive').count_rows())";
    Python::run(program, place.path(), Vec::<String>::new()).succeeds().stdout_text()
}

#[test]
fn an_existing_directory_is_an_error_overwritten_or_added_to() {
    let place = place();
    written(&place, "a.arrows").succeeds().stdout_is("");
    let first =
        "out/k=0/part-00000.parquet\nout/k=1/part-00000.parquet\nout/k=2/part-00000.parquet\n";
    assert_eq!(listed(&place), first);
    written(&place, "b.arrows").exits_with(1).stderr_is(
        "stream-to-parquet: out exists and is not empty: --existing overwrite replaces it, \
         --existing append adds to it\n",
    );
    assert_eq!(listed(&place), first);
    for _ in 0..2 {
        written(&place, "b.arrows --existing append").succeeds();
    }
    let added = |k: i32| format!("out/k={k}/part-ID-00000.parquet\n").repeat(2);
    let [two, three, four] = [2, 3, 4].map(added);
    assert_eq!(
        listed(&place),
        format!("{first}{two}{three}{four}").replace(
            &format!("out/k=2/part-00000.parquet\n{two}"),
            &format!("out/k=2/part-00000.parquet\n{two}"),
        )
    );
    assert_eq!(rows(&place), "600\n");
    written(&place, "b.arrows --existing overwrite").succeeds();
    assert_eq!(
        listed(&place),
        first.replace("k=2", "k=4").replace("k=1", "k=3").replace("k=0", "k=2")
    );
    assert_eq!(place.names(), ["a.arrows", "b.arrows", "out"]);
}

#[test]
fn what_no_reader_takes_with_what_is_there_is_not_added() {
    let place = place();
    written(&place, "a.arrows").succeeds();
    let before = listed(&place);
    let refused = |select: &str, options: &str, why: &str| {
        let line = format!(
            "stream-select '{select}' b.arrows | stream-to-parquet {options} --existing append -o out"
        );
        place.shell(&line).exits_with(1).stderr_has(&format!("cannot append to out: {why}"));
        assert_eq!(listed(&place), before);
    };
    for (select, options, keys) in [
        ("k, id", "--file-rows 9", "none"),
        ("id, k AS j", "--partition-by j", "j"),
        ("id, k, 1 AS j", "--partition-by k,j", "k,j"),
    ] {
        let why = format!(
            "the partition keys of its directories are k, but those of --partition-by are {keys}: no \
             reader treats both as one table (give --partition-by k, or write to another directory)\n"
        );
        refused(select, options, &why);
    }
    let file = "the columns differ from those of out/k=0/part-00000.parquet, its first file: ";
    for (select, why) in [
        ("k, CAST(id AS utf8) AS id", "column \"id\""),
        ("k, id AS other", "no column \"id\" (int64), which the first has (stream-select"),
        ("k, id, 1 AS more", "column \"more\" (int64) is not in the first (stream-select"),
    ] {
        refused(select, "--partition-by k", &format!("{file}{why}"));
    }
    // Columns of keys are those of the directories, wherever they stand.
    written(&place, "b.arrows --existing append --keep-partition-columns").succeeds();
    let count = "parquet-to-stream out | stream-count";
    place.shell(count).succeeds().stdout_is("450\n");
    // A flat directory.
    place.shell("stream-to-parquet --file-rows 200 -o flat a.arrows").succeeds();
    let run = place.shell("stream-to-parquet --partition-by k --existing append -o flat a.arrows");
    run.exits_with(1)
        .stderr_has("directories are none, but those of --partition-by are k")
        .stderr_has("(leave out --partition-by,");
    place.shell("stream-to-parquet --file-rows 200 --existing append -o flat b.arrows").succeeds();
    place.shell("parquet-to-stream flat | stream-count").succeeds().stdout_is("450\n");
    // Types that are stored as others fit themselves.
    let program = "
import pyarrow as pa
words = pa.array(['a', 'b']).dictionary_encode()
times = pa.array([1, 2], pa.timestamp('s'))
t = pa.table({'k': [1, 2], 't': times, 'd': words, 'x': pa.array([0, 86400000], pa.date64())})
with pa.ipc.new_stream('t.arrows', t.schema) as stream: stream.write(t)
";
    Python::run(program, place.path(), Vec::<String>::new()).succeeds();
    let types = "stream-to-parquet --partition-by k --existing append -o types t.arrows";
    for _ in 0..2 {
        place.shell(types).succeeds();
    }
    place.shell("parquet-to-stream types | stream-count").succeeds().stdout_is("4\n");
}

#[test]
fn a_tree_may_be_made_from_itself() {
    let place = place();
    written(&place, "a.arrows --file-rows 10").succeeds();
    assert_eq!(listed(&place).lines().count(), 30);
    let line =
        "parquet-to-stream out | stream-to-parquet --partition-by k --existing overwrite -o out";
    place.shell(line).succeeds();
    assert_eq!(listed(&place).lines().count(), 3);
    assert_eq!(rows(&place), "300\n");
}

#[test]
fn a_failure_keeps_what_was_there() {
    let place = place();
    written(&place, "a.arrows").succeeds();
    let before = listed(&place);
    for existing in ["overwrite", "append"] {
        let line = format!(
            "head -c 1500 b.arrows | stream-to-parquet --partition-by k -o out --existing {existing} --summary"
        );
        place.shell(&line).exits_with(1).stdout_is("").stderr_has("the producer stopped early");
        assert_eq!(listed(&place), before);
        assert_eq!(place.names(), ["a.arrows", "b.arrows", "out"]);
    }
    place.shell("head -c 1500 b.arrows | stream-to-parquet --partition-by k -o new").exits_with(1);
    assert_eq!(place.names(), ["a.arrows", "b.arrows", "out"]);
}

#[test]
fn overwriting_loses_nothing_but_a_tree() {
    let place = place();
    written(&place, "a.arrows").succeeds();
    let refused = |entry: &str| {
        let run = written(&place, "b.arrows --existing overwrite");
        run.exits_with(1).stderr_is(&format!(
            "stream-to-parquet: cannot overwrite out: out/{entry} is not part of a tree of Parquet \
             files, and would be lost\n"
        ));
    };
    for (make, entry) in [
        ("touch out/k=1/notes.txt", "k=1/notes.txt"),
        ("mkdir -p out/.git", ".git"),
        ("mkdir -p out/_delta_log", "_delta_log"),
        ("mkdir -p out/2024", "2024"),
        ("ln -s /etc/passwd out/x.parquet", "x.parquet"),
        ("ln -s /etc out/x=1", "x=1"),
        ("touch \"out/$(printf 'a\\033b')\"", "a\\u{1b}b"),
    ] {
        place.shell(make).succeeds();
        refused(entry);
        let path = make.rsplit_once("out/").unwrap().1.trim_end_matches('"');
        let remove =
            if entry.starts_with('a') { "rm out/a*" } else { &format!("rm -d out/{path}") };
        place.shell(remove).succeeds();
    }
    // What readers pass over goes with the tree.
    place.shell("touch out/_SUCCESS out/k=1/.part-00000.parquet.crc out/_metadata").succeeds();
    written(&place, "b.arrows --existing overwrite").succeeds();
    assert_eq!(listed(&place).lines().count(), 3);
    let here = place
        .shell("cd out; stream-to-parquet --partition-by k -o . --existing overwrite ../a.arrows");
    here.exits_with(1).stderr_has("cannot replace .: it is the current directory, or contains it");
    let held = place.shell(
        "cd out/k=2; stream-to-parquet --partition-by k -o .. --existing overwrite ../../a.arrows",
    );
    held.exits_with(1).stderr_has("cannot replace ..: it is the current directory, or contains it");
    let home = place.shell(
        "HOME=$PWD/out stream-to-parquet --partition-by k -o out/ --existing overwrite a.arrows",
    );
    home.exits_with(1).stderr_has("cannot replace out/: it is the home directory, or contains it");
}

#[test]
fn directories_have_the_modes_that_the_mask_leaves() {
    let place = place();
    let modes = "; stat -c %a out out/k=2 out/k=2/part-00000.parquet | tr '\\n' ' '";
    let run = |arguments: &str| {
        let line =
            format!("umask 027; stream-to-parquet --partition-by k -o out {arguments}{modes}");
        place.shell(&line).succeeds().stdout_text()
    };
    assert_eq!(run("a.arrows"), "750 750 640 ");
    place.shell("chmod 2711 out").succeeds();
    // As root, any group will do; else it is the own one already.
    place.shell("chgrp 4242 out || true; chmod 2711 out").succeeds();
    let groups = "stat -c %g out out/k=2 out/k=2/part-00000.parquet | uniq | wc -l";
    assert_eq!(run("b.arrows --existing overwrite"), "2711 2750 640 ");
    place.shell(groups).succeeds().stdout_is("1\n");
    place.shell("rm -r out/*").succeeds();
    assert_eq!(run("b.arrows"), "2711 2750 640 ");
    place.shell(groups).succeeds().stdout_is("1\n");
}

#[test]
fn a_summary_tells_files_rows_and_bytes() {
    let place = place();
    let summary = |arguments: &str| {
        let run = written(&place, &format!("a.arrows --existing overwrite --summary {arguments}"));
        // Sizes depend on the encoder: what the file system says of them is the reference.
        let size = |k: i32| place.shell(&format!("cat out/k={k}/* | wc -c")).stdout_text();
        let sizes = [0, 1, 2].map(|k| size(k).trim().parse::<u64>().unwrap());
        (run.succeeds().stdout_text(), sizes)
    };
    let (lines, sizes) = summary("--file-rows 60 --json");
    let line = |k: usize| {
        format!("{{\"partition\":\"k={k}\",\"files\":2,\"rows\":100,\"bytes\":{}}}\n", sizes[k])
    };
    assert_eq!(lines, [0, 1, 2].map(line).concat());
    let (table, _) = summary("");
    let columns = |line: &str| line.split_whitespace().take(3).collect::<Vec<_>>().join(" ");
    let table: Vec<_> = table.lines().map(columns).collect();
    assert_eq!(
        table,
        ["partition files rows", "k=0 1 100", "k=1 1 100", "k=2 1 100", "total 3 300"]
    );
    let flat = place.shell("stream-to-parquet --file-rows 1000 --summary --json -o flat a.arrows");
    let flat = flat.succeeds().stdout_text();
    assert!(flat.starts_with("{\"partition\":\".\",\"files\":1,\"rows\":300,"), "{flat}");
    // Nothing is no failure.
    let empty =
        "stream-head -n 0 a.arrows | stream-to-parquet --partition-by k -o empty --summary --json";
    place.shell(empty).succeeds().stdout_is("");
    // The tree is there, and the failure is told.
    let full =
        place.shell("stream-to-parquet --partition-by k -o new a.arrows --summary >/dev/full");
    full.exits_with(1)
        .stderr_is("stream-to-parquet: cannot write standard output: no space left on device\n");
    assert!(place.file("new/k=0").exists());
}

#[test]
fn the_footers_of_all_files_are_in_one() {
    let place = place();
    written(&place, "a.arrows --file-rows 30 --row-group-rows 10 --metadata-file").succeeds();
    let program = "
import pyarrow.dataset as ds, pyarrow.parquet as pq
m = pq.read_metadata('out/_metadata')
print(m.num_rows, m.num_row_groups, m.schema.names)
paths = [m.row_group(i).column(0).file_path for i in range(m.num_row_groups)]
print(len(set(paths)), paths[0], paths[-1], paths == sorted(paths))
d = ds.parquet_dataset('out/_metadata', partitioning='hive')
key = [('k', 'ascending'), ('id', 'ascending')]
whole = ds.dataset('out', partitioning='hive').to_table().sort_by(key)
print(d.to_table().sort_by(key).equals(whole.select(d.schema.names)))
print(d.to_table(filter=(ds.field('k') == 2) & (ds.field('id') >= 95)).num_rows)
print(sum(len(f.split_by_row_group(ds.field('id') >= 95)) for f in d.get_fragments()))
";
    let told = Python::run(program, place.path(), Vec::<String>::new()).succeeds();
    told.stdout_is(
        "300 30 ['id']\n12 k=0/part-00000.parquet k=2/part-00003.parquet True\nTrue\n5\n3\n",
    );
    // It would not tell of what is added.
    written(&place, "b.arrows --existing append").exits_with(1).stderr_is(
        "stream-to-parquet: cannot append to out: its _metadata would not list the new files; \
         remove _metadata first\n",
    );
    written(&place, "a.arrows --existing overwrite").succeeds();
    assert!(!Path::new(&place.file("out/_metadata")).exists());
}

#[test]
fn what_makes_no_sense_together_is_refused() {
    let place = place();
    let told = |line: &str, why: &str| {
        let run = place.shell(&format!("stream-to-parquet {line} a.arrows"));
        run.exits_with(2).stderr_is(&format!("stream-to-parquet: {why}\n")).stdout_is("");
    };
    for option in ["--existing append", "--summary", "--metadata-file"] {
        told(
            &format!("{option} -o out"),
            &format!("{option} requires --partition-by, --file-rows or --file-bytes"),
        );
    }
    let tree = "--partition-by k -o out";
    told(&format!("{tree} --json"), "--json requires --summary");
    told(
        &format!("{tree} --existing append --metadata-file"),
        "--metadata-file cannot be combined with --existing append: it would not list the existing files",
    );
    told(
        &format!("{tree} --existing append --name-template 'a-{{number}}.parquet'"),
        "--existing append needs {uuid} in --name-template: other names may collide with \
         existing files",
    );
    for (option, value) in [
        ("--sorted-by", "k"),
        ("--bloom", "k"),
        ("--encode-dictionary", "k"),
        ("--encode", "k=plain"),
    ] {
        told(
            &format!("{tree} {option} {value}"),
            &format!(
                "{option}: \"k\" is a --partition-by column and not in the files \
                 (--keep-partition-columns stores it there)"
            ),
        );
        written(&place, &format!("a.arrows {option} {value} --keep-partition-columns")).succeeds();
        place.shell("stream-to-parquet -o out a.arrows").exits_with(1).stderr_is(
            "stream-to-parquet: cannot write out: is a directory (--partition-by writes a tree into it, \
             --file-rows or --file-bytes several files)\n",
        );
        place.shell("rm -r out").succeeds();
    }
    told("--partition-by k -o ''", "\"\" is not the name of a directory to write");
    assert_eq!(place.names(), ["a.arrows", "b.arrows"]);
}

#[test]
fn an_empty_current_directory_is_filled_file_by_file() {
    let place = place();
    let fill = "mkdir -p out; cd out; stream-to-parquet --partition-by k -o . ../a.arrows";
    place.shell(fill).succeeds();
    assert_eq!(place.shell("ls -A out").stdout_text(), "k=0\nk=1\nk=2\n");
    assert_eq!(rows(&place), "300\n");
    place.shell(fill).exits_with(1).stderr_has(". exists and is not empty");
}

#[test]
fn files_are_published_as_they_are_whole() {
    use std::io::Write;
    let place = Workplace::new();
    let line = "stream-generate --batch-rows 500 'n = 0..5000, g = 0..2' -o in.arrows";
    place.shell(line).succeeds();
    let stream = std::fs::read(place.file("in.arrows")).unwrap();
    for (partition, whole) in
        [("", "out/part-*-*.parquet"), ("--partition-by g", "out/g=*/*.parquet")]
    {
        let arguments = format!(
            "{partition} --file-rows 1000 --existing append --publish each --memory 1MiB -o out"
        );
        let arguments = match partition {
            "" => arguments.replace("--memory 1MiB ", ""),
            _ => arguments,
        };
        let mut tool = std::process::Command::new(tool_directory().join("stream-to-parquet"))
            .args(arguments.split_whitespace())
            .current_dir(place.path())
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = tool.stdin.take().unwrap();
        input.write_all(&stream[..stream.len() - 8]).unwrap();
        // The producer goes on, and whole files can be read; partitions wait in memory for more rows.
        if partition.is_empty() {
            while place.shell(&format!("ls {whole} | wc -l")).stdout != b"10\n" {
                std::thread::yield_now();
            }
            place.shell("parquet-to-stream out | stream-count").succeeds().stdout_is("10000\n");
        }
        drop(input);
        // It stops without an end marker: what was published stays, and nothing else.
        assert_eq!(tool.wait().unwrap().code(), Some(1));
        let hidden = place.shell("find . -name '.*' ! -name .").succeeds();
        hidden.stdout_is("");
        let left = place.names();
        assert_eq!(left.contains(&"out".to_owned()), partition.is_empty(), "{left:?}");
        let all = format!("stream-to-parquet {arguments} in.arrows");
        place.shell(&all).succeeds();
        let rows = if partition.is_empty() { "20000\n" } else { "10000\n" };
        place.shell("parquet-to-stream out | stream-count").succeeds().stdout_is(rows);
        std::fs::remove_dir_all(place.file("out")).unwrap();
    }
    for arguments in ["--file-rows 5 --publish each", "--publish each"] {
        let line = format!("stream-to-parquet {arguments} -o out in.arrows");
        place.shell(&line).exits_with(2).one_line_on_stderr().stderr_has("--publish");
    }
    assert_eq!(place.names(), ["in.arrows"]);
}
