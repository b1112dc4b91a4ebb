//! What directories, patterns and lists stand for, and in which order.

use super::read;
use crate::support::{Outcome, Tool, Workplace, int64_batch, stream_of};
use arrow::array::AsArray;
use arrow::datatypes::Int64Type;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

/// A place with Parquet files of those names: each holds its number in the list.
fn place_of<N: AsRef<OsStr>>(names: &[N]) -> Workplace {
    let place = Workplace::new();
    for (number, name) in names.iter().enumerate() {
        let name = name.as_ref();
        let directory = place.path().join(name).parent().unwrap().to_owned();
        std::fs::create_dir_all(directory).unwrap();
        let rows = stream_of(&[int64_batch(&[("id", vec![number as i64])])]);
        let tool = place.tool("stream-to-parquet").args(["--no-sync", "-o"]).arg(name);
        tool.pipe_in(rows).run().succeeds();
    }
    place
}

fn tool(place: &Workplace, arguments: &[&str]) -> Tool {
    place.tool("parquet-to-stream").args(arguments)
}

/// The numbers of the files, in the order in which they are read.
#[track_caller]
fn numbers(place: &Workplace, arguments: &[&str]) -> Vec<i64> {
    let rows = read(tool(place, arguments));
    rows.column_by_name("id").unwrap().as_primitive::<Int64Type>().values().to_vec()
}

#[track_caller]
fn refuses(place: &Workplace, arguments: &[&str], status: i32, message: &str) -> Outcome {
    let run = tool(place, arguments).run();
    run.exits_with(status).stdout_is("").stderr_is(&format!("parquet-to-stream: {message}\n"))
}

#[test]
fn a_directory_is_its_files_in_natural_order() {
    let place = place_of(&[
        "d/part-2.parquet",
        "d/part-10.parquet",
        "d/part-010.parquet",
        "d/a/x.parquet",
        "d/a.b/x.parquet",
        "d/a-b/x.parquet",
        "d/b/2/x.PARQUET",
        "d/b/10/000000_0",
    ]);
    let expected = [3, 5, 4, 6, 7, 0, 2, 1];
    assert_eq!(numbers(&place, &["d"]), expected);
    assert_eq!(numbers(&place, &["d/", "-j", "3"]), expected);
    assert_eq!(numbers(&place, &["d/../d/b", "d/part-2.parquet", "d/a"]), [6, 7, 0, 3]);
    let here =
        place.shell("cd d && parquet-to-stream . | stream-to-csv --no-header | tr '\\n' ' '");
    here.succeeds().stdout_is("3 5 4 6 7 0 2 1 ");
}

#[test]
fn what_was_appended_comes_in_the_order_of_time() {
    let place = Workplace::new();
    for number in 0..20 {
        let rows = stream_of(&[int64_batch(&[("k", vec![1]), ("id", vec![number])])]);
        let tool = place.tool("stream-to-parquet").pipe_in(rows);
        let line = ["--partition-by", "k", "--existing", "append", "--no-sync", "-o", "out"];
        tool.args(line).run().succeeds();
    }
    assert_eq!(numbers(&place, &["out"]), (0..20).collect::<Vec<_>>());
}

#[test]
fn hidden_names_are_passed_over_as_spark_does() {
    let place = place_of(&[
        "d/a.parquet",
        "d/.a.parquet",
        "d/_metadata",
        "d/_temporary/0/a.parquet",
        "d/.hive-staging/a.parquet",
        "k/_year=2024/a.parquet",
        "k/_year=2025/a.parquet",
        "k/.year=2026/a.parquet",
    ]);
    place.write("d/_SUCCESS", "");
    place.write("d/.a.parquet.crc", "crc");
    assert_eq!(numbers(&place, &["d"]), [0]);
    assert_eq!(numbers(&place, &["k"]), [5, 6]);
    assert_eq!(numbers(&place, &["d/*"]), [0]);
    assert_eq!(numbers(&place, &["d/**/*.parquet"]), [0]);
    // Who says so gets it.
    assert_eq!(numbers(&place, &["d/_*/**/*.parquet"]), [3]);
    assert_eq!(numbers(&place, &["d/_temporary"]), [3]);
    assert_eq!(numbers(&place, &["d/.*.parquet"]), [1]);
}

#[test]
fn a_pattern_is_what_it_means() {
    let place = place_of(&[
        "d/year=2019/a.parquet",
        "d/year=2020/b.parquet",
        "d/year=2020/deep/er/a.parquet",
        "d/year=2024/a.parquet",
        "d/year=2025/a.parquet",
    ]);
    assert_eq!(numbers(&place, &["d/year=202[0-4]/*.parquet"]), [1, 3]);
    assert_eq!(numbers(&place, &["d/year=202[0-4]"]), [1, 2, 3]);
    assert_eq!(numbers(&place, &["d/**/a.parquet"]), [0, 2, 3, 4]);
    assert_eq!(numbers(&place, &["d/**/year=2020/**/*.parquet"]), [1, 2]);
    assert_eq!(numbers(&place, &["d/*/?.parquet"]), [0, 1, 3, 4]);
    assert_eq!(numbers(&place, &["*/year={2019,2025}/[!b]*"]), [0, 4]);
    assert_eq!(numbers(&place, &["d/year=2025/*", "d/year=2019/*"]), [4, 0]);
    let whole = place.path().join("d/year=2025/*.parquet");
    assert_eq!(numbers(&place, &[whole.to_str().unwrap()]), [4]);

    let none = "(names that begin with . or _ are skipped)";
    refuses(&place, &["d/*.csv"], 1, &format!("d/*.csv: no file matches this pattern {none}"));
    refuses(&place, &["nope/*"], 1, "cannot read the directory nope: no such file or directory");
    refuses(&place, &["d/[a"], 2, "pattern d/[a: unclosed character class; missing ']'");
}

#[test]
fn what_exists_is_no_pattern() {
    let place = place_of(&["[ab].parquet", "a.parquet", "{x}/1.parquet", "x/1.parquet"]);
    assert_eq!(numbers(&place, &["[ab].parquet"]), [0]);
    assert_eq!(numbers(&place, &["{x}"]), [2]);
    assert_eq!(numbers(&place, &["{x}/*"]), [3]);
    assert_eq!(numbers(&place, &["\\{x\\}/*"]), [2]);
    refuses(&place, &["b.parquet"], 1, "cannot open b.parquet: no such file or directory");
}

#[test]
fn names_need_not_be_text() {
    let name = OsStr::from_bytes(b"d/\xff\xfe.parquet");
    let place = place_of(&[name, OsStr::new("d/\u{202e}\n.parquet")]);
    let mut found = numbers(&place, &["d"]);
    found.sort();
    assert_eq!(found, [0, 1]);
}

#[test]
fn links_are_followed_but_not_in_circles() {
    let place = place_of(&["d/a.parquet", "elsewhere/b.parquet"]);
    symlink("../elsewhere", place.file("d/b")).unwrap();
    symlink("a.parquet", place.file("d/c.parquet")).unwrap();
    assert_eq!(numbers(&place, &["d"]), [0, 1, 0]);
    assert_eq!(numbers(&place, &["d/**/*.parquet"]), [0, 1, 0]);
    symlink("..", place.file("elsewhere/loop")).unwrap();
    let way_out = "which contains it (remove it, or exclude it with a pattern)";
    refuses(
        &place,
        &["elsewhere"],
        1,
        &format!("elsewhere/loop/d/b is a link to elsewhere, {way_out}"),
    );
    std::fs::remove_file(place.file("elsewhere/loop")).unwrap();
    symlink(".", place.file("d/loop")).unwrap();
    refuses(&place, &["d"], 1, &format!("d/loop is a link to d, {way_out}"));
    assert_eq!(numbers(&place, &["d/*.parquet"]), [0, 0]);
    std::fs::remove_file(place.file("d/loop")).unwrap();
    symlink("nowhere", place.file("d/d.parquet")).unwrap();
    refuses(&place, &["d"], 1, "cannot follow d/d.parquet: no such file or directory");
}

#[test]
fn foreign_files_are_an_error_and_no_gap() {
    let place = place_of(&["d/a.parquet"]);
    place.write("d/README.md", "# About");
    let way_out = "(a pattern such as '**/*.parquet' excludes it)";
    refuses(&place, &["d"], 1, &format!("d/README.md is not a Parquet file {way_out}"));
    assert_eq!(numbers(&place, &["d/**/*.parquet"]), [0]);
    place.shell("rm d/README.md && mkfifo d/fifo").succeeds();
    refuses(&place, &["d"], 1, "d/fifo is neither a file nor a directory");
    place.shell("rm d/* && touch d/_SUCCESS && mkdir d/deep").succeeds();
    let none = "(names that begin with . or _ are skipped)";
    refuses(&place, &["d"], 1, &format!("d: no file in this directory {none}"));
}

#[test]
fn a_table_whose_log_says_which_files_count_is_refused() {
    let place =
        place_of(&["d/t/k=1/a.parquet", "d/t/_delta_log/00000000000000000000.checkpoint.parquet"]);
    let why = "d/t is a table whose log (_delta_log) says which of its files are current";
    let way_out = "a pattern such as '**/*.parquet' reads them all";
    refuses(&place, &["d"], 1, &format!("{why} ({way_out})"));
    assert_eq!(numbers(&place, &["d/**/*.parquet"]), [0]);
}

#[test]
fn a_list_names_files_and_directories() {
    let place = place_of(&[
        "a b.parquet",
        "d/x.parquet",
        "d/y.parquet",
        "*.parquet",
        "./-",
        "new\nline.parquet",
    ]);
    place.write("list", "d\n\na b.parquet\n*.parquet\n-\n");
    assert_eq!(numbers(&place, &["--files-from", "list"]), [1, 2, 0, 3, 4]);
    assert_eq!(numbers(&place, &["d/y.parquet", "--files-from", "list"]), [2, 1, 2, 0, 3, 4]);
    place.write("list", "new\nline.parquet\0d/x.parquet");
    assert_eq!(numbers(&place, &["--files-from=list"]), [5, 1]);
    let run = tool(&place, &["--files-from", "-"]).pipe_in("d/y.parquet\nd/x.parquet");
    assert_eq!(read(run).column(0).as_primitive::<Int64Type>().values(), &[2, 1]);
    let found = "find d -name '*.parquet' -print0 | sort -z | parquet-to-stream --files-from - | stream-count";
    place.shell(found).succeeds().stdout_is("2\n");

    place.write("list", "\n");
    refuses(&place, &["--files-from", "list"], 1, "the list in list is empty");
    refuses(&place, &["--files-from", "nope"], 1, "cannot read nope: no such file or directory");
    let both = "standard input (-) is both the list and an operand";
    refuses(&place, &["-", "--files-from", "-"], 2, both);
    place.write("list", "d/nope.parquet\n");
    refuses(
        &place,
        &["--files-from", "list"],
        1,
        "cannot open d/nope.parquet: no such file or directory",
    );
}

#[test]
fn rows_in_other_files_are_never_looked_for_in_this_one() {
    let place = Workplace::new();
    let rows = stream_of(&[int64_batch(&[("id", vec![1, 2, 3])])]);
    let tool = place.tool("stream-to-parquet").args(["--file-rows", "1", "--metadata-file"]);
    tool.args(["--no-sync", "-o", "d"]).pipe_in(rows).run().succeeds();
    let file = "part-00000.parquet";
    let told = format!(
        "d/_metadata: this is a summary file; its rows are in other files (the first is {file}): \
         name the directory instead"
    );
    refuses(&place, &["d/_metadata"], 1, &told);
    place.shell("cp d/_metadata x.parquet").succeeds();
    let told = format!(
        "x.parquet: column \"id\" cannot be read: the data of row group 0 is in another file: {file}; \
         choose others with -c"
    );
    refuses(&place, &["x.parquet"], 1, &told);
    assert_eq!(numbers(&place, &["d"]), [1, 2, 3]);
    // A schema alone, and a file of that name that has rows.
    place.shell("parquet-to-stream -n 0 d | stream-to-parquet -o _common_metadata").succeeds();
    let told = "_common_metadata: this is a summary file with a schema and no rows: \
                name the directory instead";
    refuses(&place, &["_common_metadata"], 1, told);
    place.shell("cp _common_metadata none.parquet && cp d/part-00000.parquet _metadata").succeeds();
    place.shell("parquet-to-stream none.parquet | stream-count").succeeds().stdout_is("0\n");
    assert_eq!(numbers(&place, &["_metadata"]), [1]);
}

#[test]
fn what_is_empty_or_lacks_its_type_is_told() {
    let place = place_of(&["d/k=1/a.parquet"]);
    refuses(&place, &[""], 1, "cannot open \"\": no such file or directory");
    refuses(&place, &["d", "--filename", ""], 2, "--filename takes a name, not \"\"");
    let told = "--hive-types: k is not a file, and as a column it has no type (try 'k int64')";
    refuses(&place, &["d", "--hive-types", "k"], 2, told);
}
