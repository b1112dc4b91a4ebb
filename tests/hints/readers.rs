//! Pipes with readers of other kinds, one after another, and with named pipes.

use super::tables::Tables;
use super::{both, same};
use crate::support::{Python, Workplace, send_signal, tool_directory};
use std::io::{Read, Write};
use std::process::{Command, Stdio};

/// The message of a program that gets a stream that was made for another reader.
const FOR_ANOTHER: &str = "the producer left out columns or rows that an earlier reader of this pipe did not need \
                           (ARROW_PIPES_HINTS=off prevents that)";

/// A file for whose readers a writer waits, of 2,400 rows; two of other schemas.
fn place() -> Tables {
    Tables::new(2)
}

#[test]
fn a_filter_counts_the_rows_it_keeps_before_the_next_one() {
    let tables = place();
    let place = tables.place();
    for line in [
        "parquet-to-stream t0.parquet | stream-filter -n 100 'id >= 500' | stream-filter 'id % 7 = 0' | stream-count",
        "parquet-to-stream t0.parquet | stream-filter -n 100 'id >= 500' | stream-filter -v 'id >= 900' | stream-count",
    ] {
        same(place, line).succeeds();
    }
    let line = "parquet-to-stream t0.parquet | stream-filter -e 'id < 9' | stream-filter 'id > 9' | stream-count
                echo ${PIPESTATUS[*]}";
    same(place, line).succeeds().stdout_is("0\n0 0 0 0\n");
}

#[test]
fn readers_that_know_nothing_of_hints_get_everything() {
    let tables = place();
    let place = tables.place();
    place
        .shell("export ARROW_PIPES_HINTS=off; parquet-to-stream t0.parquet -o whole.arrows")
        .succeeds();
    let whole = "parquet-to-stream t0.parquet";
    for line in [
        format!("{whole} | cat | cmp - whole.arrows"),
        format!(
            "{whole} | tee copy.arrows | stream-count --by id | tail -n 1; cmp copy.arrows whole.arrows"
        ),
        format!(
            "{whole} | tee >(stream-count >counted) | cmp - whole.arrows; until [ -s counted ]; do :; done"
        ),
        format!("{whole} | dd bs=4096 2>/dev/null | stream-count"),
        format!("{whole} | zstd | zstd -d | stream-count"),
        format!("{whole} | bash -c 'exec stream-count'"),
        format!("{whole} | env -i \"$(command -v stream-count)\""),
        format!("bash -c 'exec {whole}' | (exec stream-filter 'id < 5') | stream-count"),
        format!("stream-count < <({whole})"),
        format!("stream-cat <({whole}) <({whole} -w 'id > 5') | stream-count"),
        format!("{whole} | stream-cat - <({whole}) | stream-count"),
        format!("{whole} >saved.arrows; cmp saved.arrows whole.arrows; stream-count <saved.arrows"),
        format!("{whole} | stream-count /dev/stdin"),
        format!("{whole} | stream-head -n 3 | stream-count"),
        format!("{whole} | stream-count --single"),
        format!(
            "{whole} | stream-sort --by 'id DESC' --single | stream-head -n 3 | stream-select id | stream-to-json"
        ),
    ] {
        same(place, &format!("set -o pipefail; {line}")).succeeds();
    }
}

#[test]
fn summaries_do_not_depend_on_what_a_writer_knows() {
    let tables = place();
    let place = tables.place();
    for line in [
        "parquet-to-stream t0.parquet | stream-summary --json",
        "parquet-to-stream t0.parquet | stream-sort --by 'id DESC' | stream-summary --json -c id",
        "parquet-to-stream t0.parquet | stream-summary --json --tee - -o s.json | stream-count; cat s.json",
        "parquet-to-stream t0.parquet | stream-summary --tee - -c id -o s.txt | stream-select id | stream-to-csv; cat s.txt",
    ] {
        same(place, &format!("set -o pipefail; {line}")).succeeds();
    }
}

/// A reader that uses no column cannot see an order.
#[test]
fn a_sort_that_is_only_counted_has_the_same_rows_and_asks_for_no_key() {
    let tables = place();
    let place = tables.place();
    for sort in [
        "stream-sort --by 'id DESC'",
        "stream-sort --by id -n 700",
        "stream-sort --by id -n 0",
        "stream-sort --by id -n 5000",
        "stream-sort --by id --unique id",
        "stream-sort --by id --unique id -n 7 | stream-sort --by id",
        "stream-sort --by id -n 9 | stream-sort --by id",
        "stream-sort --by id | stream-head -n 11",
        "stream-sort --by id -n 500 | stream-tail -n 450",
        "stream-filter 'id < 900' | stream-sort --by id | stream-filter 'id > 300'",
        "stream-cat - t0.arrows | stream-sort --by '#1 DESC'",
    ] {
        for count in ["stream-count", "stream-select '1 AS one' | stream-count --by one"] {
            let line = format!("cat t0.arrows | {sort} | {count}");
            same(place, &line).succeeds();
        }
    }
}

#[test]
fn a_socket_takes_no_hint() {
    let tables = place();
    let program = "import os, socket, subprocess, sys\n\
                   ours, theirs = socket.socketpair()\n\
                   writer = subprocess.Popen(['parquet-to-stream', 't0.parquet'], stdout=ours)\n\
                   ours.close()\n\
                   print(subprocess.run(['stream-count'], stdin=theirs, check=True, capture_output=True).stdout)\n\
                   sys.exit(writer.wait())";
    tables.place().write("sockets.py", program);
    same(tables.place(), "python3 sockets.py").succeeds().stdout_is("b'2400\\n'\n");
}

#[test]
fn a_fifo_works_like_a_pipe_for_one_reader_after_another() {
    let tables = place();
    let place = tables.place();
    place.shell("mkfifo fifo").succeeds();
    for line in [
        "parquet-to-stream t0.parquet >fifo & stream-count fifo; wait",
        "parquet-to-stream t0.parquet -o fifo & stream-filter 'id < 9' <fifo | stream-count; wait",
        // The shell keeps the writing end open, and each reader starts before or after its writer.
        "for i in 1 2 3 4; do parquet-to-stream t$((i % 2)).parquet >fifo & stream-count <fifo; done; wait",
        "for i in 1 2 3 4; do stream-count <fifo & parquet-to-stream t$((i % 2)).parquet >fifo; wait; done",
        "for i in 1 2 3; do parquet-to-stream t0.parquet >fifo & stream-head -n 2 <fifo |
             stream-count; wait; done",
        "for i in 1 2 3; do { parquet-to-stream t0.parquet; parquet-to-stream t0.parquet; } >fifo &
             stream-count <fifo; done; wait",
        // Another reader than the one before.
        "parquet-to-stream t0.parquet >fifo & stream-count <fifo
         parquet-to-stream t0.parquet >fifo & stream-filter 'id > 2398' <fifo | stream-to-json; wait",
        "exec 3<>fifo; parquet-to-stream t0.parquet >&3 & stream-count --single <&3; wait
         parquet-to-stream t0.parquet >&3 & stream-filter --single 'id > 2398' <&3 | stream-to-csv; wait",
    ] {
        same(place, line).succeeds();
    }
}

#[test]
fn two_readers_one_after_another_on_one_pipe() {
    let tables = place();
    let place = tables.place();
    let twice = "{ parquet-to-stream t0.parquet; parquet-to-stream t0.parquet; }";
    for readers in [
        "stream-count --single; stream-count --single",
        "stream-count --single; stream-count",
        "stream-count --single; stream-filter 'id > 2398' | stream-to-json",
        "stream-filter --single 'id > 2398' | stream-to-json; stream-count",
        "stream-count; stream-count --by id | wc -l",
    ] {
        same(place, &format!("{twice} | {{ {readers}; }}"));
    }
    // What is left of a stream is no stream, with hints and without.
    let line = format!("{twice} | {{ stream-head -n 1 | stream-count; stream-count; }}");
    let (off, on) = both(place, &line);
    for outcome in [off, on] {
        assert!(outcome.stdout.starts_with(b"1\n"), "{}", outcome.stdout_text());
        assert_ne!(outcome.status(), Some(0), "{}", outcome.stderr);
    }
}

#[test]
fn inputs_of_equal_and_other_schemas_one_after_another() {
    let tables = place();
    let place = tables.place();
    let (half, other) =
        ("parquet-to-stream tree0/k=0/part.parquet", "parquet-to-stream tree0/k=1/part.parquet");
    for reader in [
        "stream-count",
        "stream-count --by id | md5sum",
        "stream-filter 'id % 5 = 1' | stream-count",
    ] {
        same(place, &format!("set -o pipefail; {{ {half}; {other}; }} | {reader}")).succeeds();
        same(place, &format!("set -o pipefail; cat <({half}) <({other}) | {reader}")).succeeds();
    }
    // The second program may see a closed pipe or not.
    let line =
        "{ parquet-to-stream t0.parquet; parquet-to-stream t1.parquet; } | stream-count --by id";
    same(place, line).exits_with(1).stdout_is("");
    let whole = "parquet-to-stream t0.parquet";
    same(place, &format!("stream-cat --interleave <({whole}) <({whole}) | stream-count"))
        .succeeds()
        .stdout_is("4800\n");
}

/// The types of nested fields say whether there may be nulls, and are merged.
#[test]
fn inputs_that_allow_nulls_where_others_do_not() {
    let place = Workplace::new();
    let program = "import pyarrow as pa, pyarrow.parquet as pq\n\
        for name, null in ('sure', False), ('null', True):\n\
        \x20   kind = pa.struct([pa.field('x', pa.int64(), nullable=null)])\n\
        \x20   schema = pa.schema([pa.field('s', kind, nullable=null), pa.field('id', pa.int64(), nullable=null)])\n\
        \x20   rows = [{'s': {'x': n}, 'id': n} for n in range(5000)]\n\
        \x20   pq.write_table(pa.Table.from_pylist(rows, schema=schema), name + '.parquet')\n\
        \x20   whole = open(name + '.parquet', 'rb').read()\n\
        \x20   end = len(whole) - 8 - int.from_bytes(whole[-8:-4], 'little')\n\
        \x20   with open(name + '.parquet', 'wb') as file:\n\
        \x20       file.write(whole[:end]); file.seek(5 << 20); file.write(whole[end:])";
    Python::run(program, place.path(), std::iter::empty::<&str>()).succeeds();
    place.shell("parquet-to-stream null.parquet -o null.arrows").succeeds();
    for line in [
        "parquet-to-stream sure.parquet | stream-cat - null.arrows | stream-count --by s | md5sum",
        "parquet-to-stream sure.parquet | stream-count --by s - null.arrows | md5sum",
        "parquet-to-stream sure.parquet | stream-filter --allow-nulls 's.x < 9' | stream-to-json",
        "stream-count --by s --allow-nulls <(parquet-to-stream sure.parquet) null.arrows | md5sum",
    ] {
        same(&place, &format!("set -o pipefail; {line}")).succeeds();
    }
}

/// The second reader gets a stream that was made for the first: never fewer rows without an error.
#[test]
fn a_reader_that_dies_after_its_hint_leaves_no_wrong_rows_to_another() {
    let tables = place();
    let place = tables.place();
    let start = |words: &[&str], input: Stdio, output: Stdio| {
        let mut command = Command::new(tool_directory().join(words[0]));
        command.args(&words[1..]);
        command.current_dir(place.path()).stdin(input).stdout(output).spawn().unwrap()
    };
    let whole = place.shell("ARROW_PIPES_HINTS=off parquet-to-stream t0.parquet").stdout;
    let (batches, end_marker) = whole.split_at(whole.len() - 8);
    // A second reader that promises the same as the first may read on; these promise something else.
    let first = ["stream-count", "--by", "id"];
    for second in ["stream-count", "cat | stream-count", "stream-filter 'id < 9' | stream-count"] {
        let (mut reader, mut writer) = std::io::pipe().unwrap();
        let mut first = start(&first, reader.try_clone().unwrap().into(), Stdio::null());
        writer.write_all(batches).unwrap();
        while 0 < rustix::io::ioctl_fionread(&reader).unwrap() {
            std::thread::yield_now();
        }
        // It waits for more, and its hint stays on the pipe.
        send_signal(&first, libc::SIGSTOP);
        let state = format!("/proc/{}/stat", first.id());
        while !std::fs::read_to_string(&state).unwrap().contains(") T ") {
            std::thread::yield_now();
        }
        writer.write_all(end_marker).unwrap();
        let whole = ["parquet-to-stream", "t0.parquet"];
        start(&whole, Stdio::null(), writer.into()).wait().unwrap();
        first.kill().unwrap();
        first.wait().unwrap();
        let mut left = [0; 8];
        reader.read_exact(&mut left).unwrap();
        assert_eq!(left, end_marker);
        let mut next = Command::new("bash");
        next.args(["-c", &format!("set -o pipefail; {second}")]).stdin(reader);
        next.env("PATH", format!("{}:/usr/bin:/bin", tool_directory().display()));
        let next = next.output().unwrap();
        let message = String::from_utf8(next.stderr).unwrap();
        assert_eq!((next.status.code(), next.stdout), (Some(1), Vec::new()), "{second}: {message}");
        assert!(message.contains(FOR_ANOTHER), "{second}: {message}");
    }
}
