//! Several tools through real pipes and named pipes.

use crate::support::{Python, Tool, Workplace, file_of, int64_batch, stream_of, tool_directory};
use std::path::Path;

const END_MARKER_BYTES: usize = 8;

fn place_with_stream() -> Workplace {
    let place = Workplace::new();
    let ids = |from: i64| int64_batch(&[("id", (from..from + 1000).collect())]);
    place.write("in.arrows", stream_of(&[ids(0), ids(1000)]));
    place
}

#[test]
fn a_reader_that_goes_away_ends_the_pipe_quietly() {
    let place = place_with_stream();
    place.shell("stream-generate 'a = 0..10000000' | stream-to-parquet -o big.parquet").succeeds();
    for line in [
        "parquet-to-stream big.parquet | head -c 1000 >/dev/null",
        "stream-generate 'a = 0..10000000' | stream-filter 'a >= 0' | head -c 1000 >/dev/null",
        "stream-generate 'a = 0..10000000' | stream-filter -n 5 'a >= 0' >/dev/null",
        "stream-generate 'a = 0..10000000' | stream-to-parquet | head -c 10 >/dev/null",
        // The table has more rows than anybody lives to see.
        "stream-generate 'a = 0..1000000000000000' | stream-filter 'a >= 0' | stream-head -n 5 >/dev/null",
    ] {
        place.shell(&format!("set -o pipefail; {line}")).succeeds();
    }
}

/// The producer writes its second batch only once the rows of its first have come through the tool: to
/// hold them back would be to wait for ever.
#[test]
fn rows_are_not_held_back_while_the_producer_is_slow() {
    let place = Workplace::new();
    let ids = |from: i64| int64_batch(&[("id", (from..from + 10).collect())]);
    let whole = stream_of(&[ids(0), ids(10), ids(20)]);
    let of_one = stream_of(&[ids(0)]).len() - END_MARKER_BYTES;
    let schema = stream_of(&[ids(0).slice(0, 0)]);
    place.write("first", &whole[..of_one]);
    place.write("rest", &whole[of_one..]);
    place.shell("mkfifo in out seen").succeeds();
    // Up to the first byte that is no longer of the schema.
    let schema_bytes = Tool::new("stream-filter").arg("FALSE").pipe_in(schema).run().stdout.len();
    let begun = schema_bytes - END_MARKER_BYTES + 1;
    for tool in ["stream-filter 'id % 10 = 3'", "stream-sample --every 10"] {
        let line = format!(
            "{tool} <in >out & tool=$!
             {{ cat first; read -r line <seen; cat rest; }} >in & producer=$!
             timeout 20 bash -c '{{ head -c {begun}; echo yes >seen; cat; }} <out' | stream-count
             kill $tool $producer 2>/dev/null; wait"
        );
        place.shell(&line).stdout_is("3\n");
    }
}

#[test]
fn small_batches_are_merged_where_nothing_need_be_waited_for() {
    let place = Workplace::new();
    let ids = |from: i64| int64_batch(&[("id", (from..from + 10).collect())]);
    let batches: Vec<_> = (0..50).map(|place| ids(10 * place)).collect();
    place.write("in.arrows", stream_of(&batches));
    place.write("in.arrow", file_of(&batches));
    place.shell("stream-rechunk <in.arrows --batch-rows 10 | stream-to-parquet --row-group-rows 10 -o in.parquet").succeeds();
    for line in [
        "stream-filter 'id % 10 = 3' in.arrows",
        "stream-sample --every 10 in.arrows",
        "file-to-stream -w 'id % 10 = 3' in.arrow",
        "parquet-to-stream -w 'id % 10 = 3' in.parquet",
    ] {
        let count = format!(
            "{line} >out.arrows; file-inspect --count batches out.arrows; stream-count <out.arrows"
        );
        place.shell(&count).succeeds().stdout_is("1\n50\n");
    }
    let line = "parquet-to-stream --batch-rows 7 -w 'id % 10 = 3' in.parquet >out.arrows; file-inspect --count batches out.arrows";
    place.shell(line).succeeds().stdout_is("8\n");
}

#[test]
fn a_producer_that_is_killed_leaves_no_file() {
    let place = place_with_stream();
    // The producer stops itself in the middle: what it wrote so far has arrived by then.
    let line = "{ head -c 5000 in.arrows; kill -9 $BASHPID; } | stream-to-parquet -o out.parquet";
    let run = place.shell(line);
    run.exits_with(1).stderr_has("the producer stopped early");
    assert_eq!(place.names(), ["in.arrows"]);
}

#[test]
fn a_tool_killed_in_the_middle_leaves_no_file() {
    let place = place_with_stream();
    place
        .shell("stream-generate 'a = 0..1000, b = 0..5000' | stream-to-parquet -o in.parquet")
        .succeeds();
    // The tool is killed once its output flows: the consumer holds back until then.
    let line = "
        mkfifo p
        parquet-to-stream in.parquet -o p & producer=$!
        { head -c 100000; kill -9 $producer; cat; } <p | stream-to-parquet -o out.parquet";
    place
        .shell(line)
        .exits_with(1)
        .stderr_has("stream-to-parquet: standard input: the stream stops");
    assert_eq!(place.names(), ["in.arrows", "in.parquet", "p"]);
}

#[test]
fn arrow_files_are_inputs_wherever_streams_are() {
    let place = place_with_stream();
    let ids = |from: i64| int64_batch(&[("id", (from..from + 1000).collect())]);
    place.write("in.arrow", file_of(&[ids(0), ids(1000)]));
    for input in ["in.arrow", "<in.arrow", "< <(cat in.arrow)", "<(cat in.arrow)"] {
        let line = format!("stream-filter 'id % 100 = 7' {input} | file-inspect --count rows -");
        place.shell(&line).succeeds().stdout_is("20\n");
    }
    // Files and streams are read one after another, and nothing is lost of what follows a file.
    let line = "stream-sample --every 500 in.arrows in.arrow in.arrows | file-inspect --count rows";
    place.shell(&format!("{line} -")).succeeds().stdout_is("12\n");
    let several = place.shell("cat in.arrow in.arrow | stream-filter TRUE");
    several.exits_with(1).one_line_on_stderr().stderr_has("concatenated Arrow files");
}

#[test]
fn named_pipes_work_at_both_ends() {
    let place = place_with_stream();
    let line = "mkfifo p && { stream-filter 'id < 500' in.arrows -o p & stream-filter 'id >= 400' p -o out.arrows && wait $!; }";
    place.shell(line).succeeds();
    place.shell("file-inspect --count rows out.arrows").succeeds().stdout_is("100\n");
    let descriptors = "stream-filter 'id < 10' /dev/fd/3 3<in.arrows | file-inspect --count rows -";
    place.shell(descriptors).succeeds().stdout_is("10\n");
}

#[test]
fn streams_one_after_another_are_one() {
    let place = place_with_stream();
    let rows = |line: &str, expected: &str| {
        place.shell(line).succeeds().stdout_is(expected);
    };
    rows("cat in.arrows in.arrows | stream-filter TRUE | file-inspect --count rows -", "4000\n");
    rows("stream-filter TRUE in.arrows in.arrows | file-inspect --count rows -", "4000\n");
    rows(
        "cat in.arrows in.arrows | stream-filter --single TRUE | file-inspect --count rows -",
        "2000\n",
    );
    // The first tool leaves the second stream to the second tool.
    rows(
        "cat in.arrows in.arrows >two.arrows
         { stream-filter --single FALSE >/dev/null; stream-filter TRUE; } <two.arrows | file-inspect --count rows -",
        "2000\n",
    );
    place.write("other.arrows", stream_of(&[int64_batch(&[("name", vec![1])])]));
    place
        .shell("cat in.arrows other.arrows | stream-filter TRUE >/dev/null")
        .exits_with(1)
        .stderr_is(
            "stream-filter: standard input: no column \"id\" (int64), which the first has \
             (stream-cat --merge-schema union takes both)\n",
        );
}

#[test]
fn both_halves_of_a_filter_add_up() {
    let place = place_with_stream();
    place
        .shell(
            "stream-generate --rows 5000 --seed 7 'x = random(int64 0..10) nulls 0.3' -o x.arrows",
        )
        .succeeds();
    let kept = "stream-filter 'x > 4' x.arrows | file-inspect --count rows -";
    let others = "stream-filter -v 'x > 4' x.arrows | file-inspect --count rows -";
    let count =
        |line: &str| place.shell(line).succeeds().stdout_text().trim().parse::<u64>().unwrap();
    let (kept, others) = (count(kept), count(others));
    assert!(0 < kept && 0 < others);
    assert_eq!(kept + others, 5000);
}

#[test]
fn the_main_job_in_small() {
    let place = Workplace::new();
    place
        .shell(
            "set -e -o pipefail
            stream-generate 'group = 0..20, id = 0..50, row = 0..10' | stream-to-parquet -o data.parquet
            parquet-to-stream data.parquet | stream-sample --first 10 --of id --per group | stream-to-parquet -z zstd -o output.parquet
            parquet-to-stream data.parquet -w 'id < 5' | stream-filter 'row % 7 = 0 AND \"group\" IN (1, 2, 3)' | stream-to-parquet -o few.parquet
            file-inspect --count rows data.parquet output.parquet few.parquet",
        )
        .succeeds()
        // 20 * 50 * 10; 10 ids in each of 20 groups, 10 rows each; 3 groups, 5 ids, rows 0 and 7.
        .stdout_is("data.parquet: 10000\noutput.parquet: 2000\nfew.parquet: 30\n");
}

/// Pages handed to a pipe may lie in the next one long after the first is empty.
#[test]
fn a_program_that_splices_and_a_slow_reader_get_every_byte() {
    let place = Workplace::new();
    let splice = format!("{} tests/support/splice.py", Python::interpreter().display());
    let splice = splice.replace("tests/", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/"));
    // First that this finds out a writer that writes its pages again: the last reader begins after that.
    let line = format!(
        "mkfifo written; {{ {splice} --reuse; echo >written; }} | {splice} | {{ read _ <written; {splice} --hash; }}"
    );
    let whole = "8366ffb4055a1c468be02ce70b6f017986bae249159c14f84ed9063f6155fece 524288\n";
    place.shell(&format!("{splice} --reuse | {splice} --hash")).succeeds().stdout_is(whole);
    assert_ne!(place.shell(&line).succeeds().stdout_text(), whole);

    place
        .shell(
            "set -e
            stream-generate --batch-rows 1000000 'a = 0..2000000, b = 0..2' -o x.arrows
            stream-to-file x.arrows -o x.arrow
            stream-to-parquet -z none x.arrows -o x.parquet",
        )
        .succeeds();
    for producer in [
        "file-to-stream x.arrow",
        "file-to-stream -c b,a x.arrow",
        "parquet-to-stream x.parquet",
        "stream-cat x.arrows",
        "stream-filter 'a >= 0' x.arrows",
        "cat x.arrows | stream-filter 'a >= 0'",
        "cat x.arrows | stream-rechunk --batch-rows 700000",
        "stream-generate --batch-rows 1000000 'a = 0..4000000'",
    ] {
        let copied = place
            .shell(&format!("set -o pipefail; {producer} | cat >copy && {splice} --hash <copy"));
        let spliced = place
            .shell(&format!("set -o pipefail; {producer} | {splice} | {splice} | {splice} --hash"));
        spliced.succeeds().stdout_is(&copied.succeeds().stdout_text());
    }
}

/// ssh and node make descriptors non-blocking that others share.
#[test]
fn descriptors_that_do_not_block_are_waited_for() {
    let place = Workplace::new();
    place.shell("stream-generate 'id = 0..500000' -o in.arrows").succeeds();
    let program = r#"
import fcntl, os, re, subprocess, sys
stream = open("in.arrows", "rb").read()
(source, feed), (drain, sink) = os.pipe(), os.pipe()
os.set_blocking(source, False)
os.set_blocking(sink, False)
tool = subprocess.Popen([sys.argv[1], "TRUE"], stdin=source, stdout=sink)
os.close(source), os.close(sink)
def asleep():
    while tool.poll() is None and open(f"/proc/{tool.pid}/stat").read().rsplit(")")[-1].split()[0] != "S":
        pass
asleep()  # nothing to read
feeder = os.fork()
if feeder == 0:
    os.close(drain)
    with os.fdopen(feed, "wb") as pipe:
        pipe.write(stream)
    os._exit(0)
os.close(feed)
asleep()  # no room to write
with os.fdopen(drain, "rb") as pipe:
    print(pipe.read() == stream, tool.wait())
"#;
    let tool = tool_directory().join("stream-filter");
    Python::run(program, place.path(), [tool]).succeeds().stdout_is("True 0\n");
}

/// Runs a pipe whose standard error is a terminal, and shows what stands there at the end: a cursor
/// that goes down, back, up and clears the line is all that the tools use.
const ON_A_TERMINAL: &str = r#"
import os, pty, re, subprocess, sys

terminal, end = pty.openpty()
run = subprocess.Popen(["bash", "-c", sys.argv[1]], stderr=end, stdin=subprocess.DEVNULL, start_new_session=True)
os.close(end)
written = b""
try:
    while part := os.read(terminal, 65536):
        written += part
except OSError:
    pass  # what Linux says at the end
assert run.wait() == 0
screen, row, column = {}, 0, 0
for token in re.findall(r"\x1b\[\d*[A-Z]|.", written.decode(), re.DOTALL):
    line = screen.get(row, "")
    if token == "\n":
        row += 1
    elif token == "\r":
        column = 0
    elif token == "\x1b[K":
        screen[row] = line[:column]
    elif token.endswith("A") and token.startswith("\x1b"):
        row -= int(token[2:-1])
    else:
        screen[row] = line[:column].ljust(column) + token + line[column + 1:]
        column += 1
assert column == 0 and row == len(screen), (row, column, screen)
print("\n".join(sorted(re.sub(r" rows.*", " rows", screen[row]) for row in screen)))
"#;

#[test]
fn tools_of_one_pipe_show_their_progress_in_a_line_each() {
    let place = place_with_stream();
    let shown = |line: &str, expected: &str| {
        let line = format!("export XDG_RUNTIME_DIR=.; {line}");
        Python::run(ON_A_TERMINAL, place.path(), [line]).succeeds().stdout_is(expected);
        // Nothing is left of what they agreed on.
        assert!(place.names().iter().all(|name| !name.starts_with("arrow-pipes")));
    };
    shown(
        "stream-generate --progress 'a = 0..300000' | stream-filter --progress 'a % 3 = 0' |
            stream-tail --progress >/dev/null",
        "stream-filter: 300,000 rows\nstream-generate: 300,000 rows\nstream-tail: 100,000 rows\n",
    );
    shown("stream-tail --progress in.arrows >/dev/null", "stream-tail: 2,000 rows\n");
    // Without a terminal it is a line at the end.
    let run = place.shell("stream-tail --progress in.arrows >/dev/null").exits_with(0);
    run.one_line_on_stderr().stderr_has("stream-tail: 2,000 rows, 16.1 KiB, ");
    // A file in a pipe is kept until its end has come, and counts once.
    place.shell("stream-to-file -o in.arrow in.arrows").exits_with(0);
    let bytes = std::fs::metadata(place.file("in.arrow")).unwrap().len();
    let run = place.shell("cat in.arrow | stream-tail --progress >/dev/null").exits_with(0);
    let expected = format!("stream-tail: 2,000 rows, {:.1} KiB, ", bytes as f64 / 1024.0);
    run.one_line_on_stderr().stderr_has(&expected);
}

/// A pipe of two tools that wait for more rows on a terminal, ended by Ctrl-C when each has renewed its
/// line twice.
const INTERRUPTED: &str = r#"
import os, pty, signal, subprocess, sys
terminal, end = pty.openpty()
os.mkfifo("p")
feed = os.open("p", os.O_RDWR)
os.write(feed, open("in.arrows", "rb").read()[:-8])
pipe = "stream-cat --progress <p | stream-tail --progress >out"
run = subprocess.Popen(["bash", "-c", pipe], stderr=end, stdin=subprocess.DEVNULL, start_new_session=True)
os.close(end)
written = b""
while min(written.count(tool) for tool in (b"stream-cat: ", b"stream-tail: ")) < 2:
    written += os.read(terminal, 65536)
print(sorted(os.listdir(next(name for name in os.listdir(".") if name.startswith("arrow-pipes")))))
os.killpg(run.pid, signal.SIGINT)
try:
    while part := os.read(terminal, 65536):
        written += part
except OSError:
    pass  # what Linux says at the end
run.wait()
os.remove("p")
print(written.endswith(b"\n\n") or written.endswith(b"\r\n\r\n"))
"#;

#[test]
fn after_an_interrupt_the_lines_are_left_and_their_directory_is_gone() {
    let place = place_with_stream();
    let before = place.names();
    let program = format!("import os; os.environ['XDG_RUNTIME_DIR'] = '.'\n{INTERRUPTED}");
    let run = Python::run(&program, place.path(), [""; 0]).succeeds();
    run.stdout_is("['line-0', 'line-1', 'lock']\nTrue\n");
    let after: Vec<String> = place.names().into_iter().filter(|name| name != "out").collect();
    assert_eq!(after, before);
}

#[test]
fn a_reader_that_splices_on_gets_every_byte() {
    let place = Workplace::new();
    // Batches of a MiB; the file is written the plain way.
    let rows = "a = 0..30, b = 0..100000";
    place.tool("stream-generate").args([rows, "-o", "expected.arrows"]).run().succeeds();
    let expected = std::fs::read(place.file("expected.arrows")).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/splice_on.py");
    let hashes = place.shell("sha256sum <expected.arrows").succeeds().stdout;
    let hash = String::from_utf8(hashes).unwrap();
    let hash = hash.split_whitespace().next().unwrap();
    for way in ["plain", "without-huge-pages", "non-blocking"] {
        let run = Tool::program(Python::interpreter(), place.path()).arg(&script).arg(way);
        let run = run.arg(tool_directory().join("stream-generate")).arg(rows).run();
        run.succeeds().stdout_is(&format!("{} {hash}\n", expected.len()));
    }
}

/// Python's reader takes the stream in small reads and large ones, while it still looks at what came
/// before.
#[test]
fn pyarrow_gets_every_value_through_pages_that_are_handed_over() {
    let place = Workplace::new();
    let python = Python::interpreter().display().to_string();
    let read = "import sys, pyarrow as pa, pyarrow.compute as pc, pyarrow.ipc as ipc
table = ipc.open_stream(sys.stdin.buffer).read_all()
row = pa.array(range(3000000))
equal = [pc.all(pc.equal(table[name], expected)).as_py() for name, expected in
         [('a', pc.divide(row, 100000)), ('b', pc.subtract(row, pc.multiply(pc.divide(row, 100000), 100000)))]]
print(table.num_rows, equal)";
    place.write("read.py", read);
    let rows = "a = 0..30, b = 0..100000";
    place.tool("stream-generate").args([rows, "-o", "x.arrows"]).run().succeeds();
    for writer in [&format!("stream-generate '{rows}'"), "stream-cat x.arrows"] {
        let line = format!("set -o pipefail; {writer} | {python} read.py");
        place.shell(&line).succeeds().stdout_is("3000000 [True, True]\n");
    }
}
