//! Completions: the answers of the tools, and the lines that bash, zsh and fish make of them.

use crate::support::{Python, Tool, Workplace, tools};
use std::path::Path;
use std::time::Duration;

/// Names that a shell, or the list of an option, needs in quotes; each column has its place as its value.
const NAMES: [&str; 7] = ["plain", "with space", "it's", "say \"hi\"", "a,b", "$x", "ümlaut"];

/// The files `names.parquet`, `names.arrow`, `names.arrows` and `names.csv`.
fn place() -> Workplace {
    let place = Workplace::new();
    let header = NAMES.map(|name| format!("\"{}\"", name.replace('"', "\"\""))).join(",");
    place.write("names.csv", format!("{header}\n0,1,2,3,4,5,6\n"));
    place.shell("csv-to-stream names.csv >names.arrows").succeeds();
    place.shell("stream-to-parquet -o names.parquet names.arrows").succeeds();
    place.shell("stream-to-file -o names.arrow names.arrows").succeeds();
    place
}

/// The candidates for a line, and the directives in brackets.
#[track_caller]
fn offered(place: &Workplace, shell: &str, line: &str, around: &[&str]) -> Vec<String> {
    let request = ["--complete", shell, line].into_iter().chain(around.iter().copied());
    let answer = place.tool("arrow-pipes").args(request).run().succeeds().stdout_text();
    let shown = answer.lines().map(|line| match line.strip_prefix('\t') {
        Some(directive) => format!("[{}]", directive.replace('\t', " ")),
        None => line.split('\t').next().unwrap().to_owned(),
    });
    shown.filter(|line| line != "[nospace]").collect()
}

#[test]
fn options_values_and_tools_are_offered() {
    let place = place();
    for (line, expected) in [
        ("stream-to-parquet --exi", &["--existing"][..]),
        ("stream-to-parquet --existing ", &["error", "overwrite", "append"]),
        ("stream-to-parquet --existing=o", &["--existing=overwrite"]),
        ("stream-to-parquet -z z", &["zstd"]),
        ("stream-to-parquet -zz", &["-zzstd"]),
        ("stream-to-parquet --encode it\\'s=delta-", &["it's=delta-length", "it's=delta-strings"]),
        ("stream-to-parquet --publish all --pub", &[]),
        ("stream-to-parquet --metadata a=b --metadata", &["--metadata", "--metadata-file"]),
        ("stream-to-parquet -- --exi", &["[files 0 *(.arrows|.arrow|.feather|.ipc)]"]),
        ("stream-to-parquet --threads ", &[]),
        (
            "arrow-pipes stream-to-",
            &["stream-to-csv", "stream-to-file", "stream-to-json", "stream-to-parquet"],
        ),
        ("arrow-pipes --comp", &["--completions"]),
        ("arrow-pipes --completions ", &["bash", "zsh", "fish"]),
        ("arrow-pipes --man stream-so", &["stream-sort"]),
        ("arrow-pipes file-inspect --show p", &["pages"]),
        ("if time stream-cat --merge-schema u", &["union"]),
        ("X=1 ./some/where/stream-cat --merge-schema u", &["union"]),
        ("csv-to-stream --rejects=a", &["[files 10 *]"]),
        ("stream-sort --temporary-directory ", &["[files 0 /]"]),
        ("stream-generate ", &[]),
        ("nonsense --exi", &[]),
    ] {
        assert_eq!(offered(&place, "zsh", line, &[]), expected, "{line}");
    }
    place
        .tool("stream-cat")
        .args(["--complete", "zsh", "x --merge-schema s"])
        .run()
        .succeeds()
        .stdout_has("strict");
}

#[test]
fn columns_are_those_of_the_file_on_the_line() {
    let place = place();
    let all = ["plain", "with space", "it's", "\"say \"\"hi\"\"\"", "\"a,b\"", "$x", "ümlaut"];
    for line in [
        "parquet-to-stream names.parquet -c ",
        "file-to-stream names.arrow -c ",
        "stream-count ./names.arrows --by ",
        "stream-count names.csv --by ",
        "stream-sample missing.arrows names.arrows --per ",
        "stream-sample <names.arrows --of ",
    ] {
        assert_eq!(offered(&place, "zsh", line, &[]), all, "{line}");
    }
    for (line, expected) in [
        ("stream-filter -c p names.arrows -c ", &all[..]),
        (
            "parquet-to-stream names.parquet -c plain,'with space','\"a",
            &["plain,with space,\"a,b\""],
        ),
        ("parquet-to-stream names.parquet -c 'plain, u", &[]),
        ("parquet-to-stream names.parquet -c 'plain, p", &[]),
        ("parquet-to-stream names.parquet --runs a", &["auto"]),
        ("stream-filter names.arrows --on with\\ ", &["with space"]),
        ("stream-sort names.arrows --by w", &["\"with space\""]),
        ("stream-sort names.arrows --by 'plain DESC, it", &["plain DESC, it's"]),
        (
            "stream-sort names.arrows --by 'plain desc n",
            &["plain desc NULLS FIRST", "plain desc NULLS LAST"],
        ),
        ("csv-to-stream names.csv --types pl", &["plain"]),
        ("csv-to-stream names.csv --types 'plain utf", &["plain utf8"]),
        ("parquet-to-stream names.parquet -w 'plain > 1 AND wi", &["plain > 1 AND \"with space\""]),
        ("stream-filter <names.arrows 'pl", &["plain"]),
        ("file-inspect names.parquet --bloom-probe pl", &["plain="]),
    ] {
        assert_eq!(offered(&place, "zsh", line, &[]), expected, "{line}");
    }
}

#[test]
fn columns_come_from_the_rest_of_the_pipeline() {
    let place = place();
    let line = "stream-sort --by pl";
    for around in [
        &["parquet-to-stream names.parquet | stream-sort --by pl"][..],
        &["a; parquet-to-stream -n 3 names.parquet |stream-filter 'x > 1' | stream-sort --by pl"],
        &["", " names.arrows | stream-print"],
        &["", "", "names.arrows"],
    ] {
        let expected = if around.len() == 3 { &[][..] } else { &["plain"] };
        assert_eq!(offered(&place, "fish", line, around), expected, "{around:?}");
    }
    // Another pipeline reads another file.
    let around = ["parquet-to-stream names.parquet; stream-sort --by pl"];
    assert!(offered(&place, "fish", line, &around).is_empty());
}

#[test]
fn directories_have_the_columns_of_their_files_and_their_keys() {
    let place = place();
    place.shell("stream-to-parquet --partition-by plain -o tree names.arrows").succeeds();
    let line = "parquet-to-stream tree -c ";
    let found = offered(&place, "zsh", line, &[]);
    assert_eq!((found.len(), found[0].as_str(), found[6].as_str()), (7, "with space", "plain"));
    for line in ["parquet-to-stream 'tree/*/*.parquet' -c pl", "parquet-to-stream \"*/**\" -c pl"] {
        assert_eq!(offered(&place, "zsh", line, &[]), ["plain"], "{line}");
    }
    let around = ["parquet-to-stream tree | stream-count --by pl"];
    assert_eq!(offered(&place, "zsh", "stream-count --by pl", &around), ["plain"]);
}

#[test]
fn fields_of_structs_are_offered_after_a_dot() {
    let place = Workplace::new();
    place.write("nested.json", "{\"a\":{\"b\":1,\"c\":{\"d\":2}},\"e\":3}\n");
    place.shell("json-to-stream nested.json | stream-to-parquet -o nested.parquet").succeeds();
    let offered = |typed| {
        offered(&place, "zsh", &format!("parquet-to-stream nested.parquet -c {typed}"), &[])
    };
    assert_eq!(offered(""), ["a", "e"]);
    assert_eq!(offered("e,a."), ["e,a.b", "e,a.c"]);
    assert_eq!(offered("a.c."), ["a.c.d"]);
}

/// bash replaces a part of the word, and files are listed for it.
#[test]
fn candidates_for_bash_are_quoted() {
    let place = place();
    std::fs::create_dir(place.file("my dir")).unwrap();
    place.write("my dir/it's.parquet", "");
    for (line, replaced, expected) in [
        ("parquet-to-stream names.parquet -c w", "w", "with\\ space"),
        ("parquet-to-stream names.parquet -c 'w", "w", "with space"),
        ("parquet-to-stream names.parquet -c \"$", "$", "\\$x"),
        ("parquet-to-stream names.parquet --columns=it", "it", "it\\'s"),
        ("parquet-to-stream names.parquet --columns='it", "it", "it'\\''s"),
        ("parquet-to-stream names.parquet -c 'plain,\"a", "plain,\"a", "plain,\"a,b\""),
        ("parquet-to-stream my\\ dir/", "my\\ dir/", "my\\ dir/it\\'s.parquet"),
        ("parquet-to-stream 'my dir/", "my dir/", "my dir/it'\\''s.parquet"),
        ("parquet-to-stream names.p", "names.p", "names.parquet"),
        ("stream-head -o my", "my", "my\\ dir/"),
    ] {
        let found = offered(&place, "bash", line, &["", "", replaced]);
        let found: Vec<_> = found.iter().filter(|line| *line != "[files]").collect();
        assert_eq!(found, [expected], "{line}");
    }
}

#[test]
fn what_cannot_be_read_offers_nothing() {
    let place = Workplace::new();
    place.write("empty.parquet", "");
    place.write("damaged.parquet", "PAR1 this is not a Parquet file PAR1");
    place.shell("mkfifo fifo; mkdir empty; ln -s nowhere link").succeeds();
    for file in
        ["missing", "empty.parquet", "damaged.parquet", "fifo", "empty", "link", "/dev/zero", "-"]
    {
        let line = format!("parquet-to-stream {file} -c ");
        assert!(offered(&place, "zsh", &line, &[]).is_empty(), "{file}");
    }
    for request in [&["--complete"][..], &["--complete", "ksh", "x "], &["--complete", "zsh"]] {
        place.tool("stream-sort").args(request.iter().copied()).run().succeeds().stdout_is("");
    }
}

#[test]
fn only_the_head_of_a_large_file_is_read() {
    let place = Workplace::new();
    let row = "1,some text\n";
    let path = place.write("large.csv", format!("id,name\n{}", row.repeat((3 << 20) / row.len())));
    // To read it all would take minutes.
    std::fs::File::options().write(true).open(path).unwrap().set_len(100 << 30).unwrap();
    let started = std::time::Instant::now();
    assert_eq!(offered(&place, "zsh", "stream-count large.csv --by ", &[]), ["id", "name"]);
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

/// The kinds of values by the names that the help gives to them, so that no option is forgotten.
#[test]
fn every_option_is_completed_by_its_kind() {
    let place = place();
    for tool in tools() {
        let help = Tool::new(&tool).arg("-h").run().succeeds().stdout_text();
        for line in help.lines().map(str::trim_start).filter(|line| line.starts_with('-')) {
            let Some((_, line)) = line.split_once("--") else { continue };
            let words: Vec<&str> = line.split(' ').collect();
            let (option, value) = (format!("--{}", words[0]), words.get(1).copied().unwrap_or(""));
            let line = format!("{tool} {option} ");
            let found = offered(&place, "zsh", &line, &["", "names.arrows"]);
            let is_list = found.iter().any(|candidate| candidate.starts_with("plain"));
            let expected = match value {
                "FILE" | "SCHEMA" => found == ["[files 0 *]"],
                "DIR" => found == ["[files 0 /]"],
                "LIST" if option == "--files-from" => found == ["[files 0 *]"],
                "COLUMNS" if option == "--hive-types" => found.is_empty(),
                "COLUMN" if option == "--filename" => found.is_empty(),
                "COLUMN" | "COLUMNS" | "NAMES" | "ORDER" | "EXPRESSION" => is_list,
                "COLUMN=ENCODING" | "COLUMN=VALUE" => is_list,
                "HOW" | "WHAT" | "CODEC" | "TARGET" | "LEVEL" | "UNIT" | "KEYS" | "WHEN" => {
                    1 < found.len() && accepts(&tool, &option, &found)
                }
                "NAME" if option == "--encoding" => accepts(&tool, &option, &found),
                "ROWS" if option == "--infer-rows" => accepts(&tool, &option, &found),
                "CHARACTER" if option == "--quote" => accepts(&tool, &option, &found),
                "" => true,
                _ => found.is_empty(),
            };
            assert!(expected, "{tool} {option} {value}: {found:?}");
        }
    }
}

/// Whether the tool accepts each of these values.
fn accepts(tool: &str, option: &str, values: &[String]) -> bool {
    !values.is_empty()
        && values
            .iter()
            .all(|value| Tool::new(tool).args([option, value, "-h"]).run().status() == Some(0))
}

#[test]
fn the_scripts_are_those_in_the_tree() {
    for (shell, file) in
        [("bash", "arrow-pipes.bash"), ("zsh", "_arrow-pipes"), ("fish", "arrow-pipes.fish")]
    {
        let written = Tool::new("arrow-pipes").args(["--completions", shell]).run().succeeds();
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(file);
        written.stdout_is(&std::fs::read_to_string(path).unwrap());
    }
    Tool::new("arrow-pipes")
        .args(["--completions", "ksh"])
        .run()
        .exits_with(2)
        .one_line_on_stderr();
}

#[test]
fn bash_completes_lines_that_run() {
    in_shell("bash", "source <(arrow-pipes --completions bash)", "bash --norc -c");
}

#[test]
fn zsh_completes_lines_that_run() {
    in_shell("zsh", "source <(arrow-pipes --completions zsh)", "zsh -f -c");
}

/// As it is installed: the function has the name of its file.
#[test]
fn zsh_loads_the_script_from_its_path() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions");
    let setup = format!("fpath=({} $fpath); compinit -u -D", directory.display());
    let completed = completed(
        &place(),
        "zsh",
        &setup,
        &["stream-to-parquet --exis", "stream-to-parquet --existing=ov"],
    );
    assert_eq!(
        completed,
        ["stream-to-parquet --existing ", "stream-to-parquet --existing=overwrite "]
    );
}

#[test]
fn fish_completes_lines_that_run() {
    in_shell("fish", "arrow-pipes --completions fish | source", "fish --no-config -c");
}

/// Presses TAB after the beginning of each name, in each kind of quotes, and runs the line.
fn in_shell(shell: &str, setup: &str, run: &str) {
    let place = place();
    place.shell("mkdir 'my dir'; cp names.parquet 'my dir/it'\\''s $1.parquet'").succeeds();
    let mut cases = Vec::new();
    for (number, begun) in ["pl", "wi", "it", "\"say", "\"a", "$", "ü"].iter().enumerate() {
        let escaped = begun.replace('"', "\\\"").replace('$', "\\$");
        let dollar = (shell != "fish").then(|| format!("$'{begun}"));
        let quoted = [escaped.clone(), format!("'{begun}"), format!("\"{escaped}")];
        for typed in quoted.into_iter().chain(dollar) {
            for (front, rest, expected) in [
                ("parquet-to-stream names.parquet -c ", "", number.to_string().as_str()),
                ("parquet-to-stream names.parquet --columns=", "", &number.to_string()),
                ("parquet-to-stream names.parquet -c", "", &number.to_string()),
                ("stream-sort names.arrows --unique ", " --by plain", ALL),
            ] {
                cases.push((format!("{front}{typed}"), rest, expected.to_owned()));
            }
        }
    }
    // The cursor is moved before the operand, which fish does not show to completions.
    if shell != "fish" {
        let before_operand = format!("stream-sort --by pla names.arrows{}", "\u{2}".repeat(13));
        cases.push((before_operand, "", ALL.to_owned()));
    }
    // zsh leaves quotes open that it had to interrupt in the name of a file.
    let end = if shell == "zsh" { "'" } else { "" };
    for (typed, rest, expected) in [
        ("parquet-to-stream names.parquet -c plain,wi", "", "0,1"),
        ("parquet-to-stream names.parquet -c \\\"a,b\\\",wi", "", "4,1"),
        ("parquet-to-stream names.parquet -c with\\ space,pl", "", "1,0"),
        ("parquet-to-stream names.parquet -c 'with space',pl", "", "1,0"),
        ("parquet-to-stream 'my dir/", end, ALL),
        ("parquet-to-stream my\\ dir/it", "", ALL),
        ("stream-sort names.arrows --by 'plain DE", "", ALL),
        ("stream-sort names.arrows --by wi", "", ALL),
        ("arrow-pipes stream-sort names.arrows --by=wi", "", ALL),
        ("stream-rechunk names.arrows -z zs", "", ALL),
        ("stream-rechunk --compression=zs", "names.arrows", ALL),
    ] {
        cases.push((typed.to_owned(), rest, expected.to_owned()));
    }
    let typed: Vec<&str> = cases.iter().map(|(typed, ..)| typed.as_str()).collect();
    let completed = completed(&place, shell, setup, &typed);
    for ((typed, rest, expected), completed) in cases.iter().zip(&completed) {
        assert_ne!(typed, completed);
        let (program, options) = run.split_once(' ').unwrap();
        let text = format!("{completed}{rest} | stream-to-csv --no-header");
        let tool = Tool::program(program, place.path()).args(options.split(' ')).arg(text);
        let output = tool.run().succeeds().stdout_text();
        assert_eq!(output.trim_end(), expected, "{typed}: {completed}");
    }
}

/// The values of all columns.
const ALL: &str = "0,1,2,3,4,5,6";

/// The lines after TAB.
fn completed(place: &Workplace, shell: &str, setup: &str, lines: &[&str]) -> Vec<String> {
    let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/completed.py");
    let home = Workplace::new();
    let quoted: Vec<String> = lines.iter().map(|line| json(line)).collect();
    let output = Tool::program(Python::interpreter(), place.path())
        .arg(driver)
        .args([shell, setup])
        .arg(home.path())
        .arg(format!("[{}]", quoted.join(",")))
        .run();
    let text = output.succeeds().stdout_text();
    text.split('\0').map(str::to_owned).take(lines.len()).collect()
}

fn json(text: &str) -> String {
    let mut quoted = String::new();
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            _ if letter.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => quoted.push(letter),
        }
    }
    format!("\"{quoted}\"")
}
