//! What fails must fail cleanly: one line, the right exit status, nothing left behind.

use crate::support::{Tool, Workplace, int64_batch, stream_of};

fn sample() -> Vec<u8> {
    let batch = |from: i64| int64_batch(&[("id", (from..from + 20).collect()), ("b", vec![7; 20])]);
    stream_of(&[batch(0), batch(20)])
}

#[test]
fn a_stream_cut_at_any_byte_leaves_no_file() {
    let place = Workplace::new();
    let whole = sample();
    for length in 0..whole.len() {
        let run = place
            .tool("stream-to-parquet")
            .args(["-o", "cut.parquet"])
            .pipe_in(&whole[..length])
            .run();
        run.exits_with(1).one_line_on_stderr().stdout_is("");
        assert!(place.names().is_empty(), "cut at {length}: {:?}", place.names());
    }
    place.tool("stream-to-parquet").args(["-o", "whole.parquet"]).pipe_in(whole).run().succeeds();
    assert_eq!(place.names(), ["whole.parquet"]);
}

#[test]
fn a_cut_stream_goes_on_without_an_end_marker() {
    let whole = sample();
    let cut = &whole[..whole.len() - 8];
    let run = Tool::new("stream-filter").arg("TRUE").pipe_in(cut).run();
    let run = run.exits_with(1).stderr_is(
        "stream-filter: standard input: the stream stops without its end marker: \
         the producer stopped early (--allow-missing-end accepts such streams)\n",
    );
    assert!(!run.stdout.ends_with(&[0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
    let accepted =
        Tool::new("stream-filter").args(["--allow-missing-end", "TRUE"]).pipe_in(cut).run();
    assert_eq!(
        accepted.succeeds().stdout,
        Tool::new("stream-filter").arg("TRUE").pipe_in(whole).run().stdout
    );
}

#[test]
fn stray_bytes_are_never_ignored() {
    let told = |more: &[u8], why: &str| {
        let input = [&sample()[..], more].concat();
        let run = Tool::new("stream-filter").arg("TRUE").pipe_in(input).run();
        run.exits_with(1).stderr_is(&format!("stream-filter: standard input: {why}\n"));
    };
    told(b"x", "1 stray byte after the end of the stream");
    told(b"xyz", "3 stray bytes after the end of the stream");
    told(b"some text", "the bytes after the end of the stream are not an Arrow stream");
    let single = Tool::new("stream-filter")
        .args(["--single", "TRUE"])
        .pipe_in([&sample()[..], b"x"].concat());
    single.run().succeeds();
}

#[test]
fn bytes_changed_anywhere_never_panic() {
    let whole = sample();
    for place in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x41;
        let run = Tool::new("stream-filter").arg("id >= 0").pipe_in(damaged).run();
        assert!(
            matches!(run.status(), Some(0..=2)),
            "byte {place}: {:?} {}",
            run.status(),
            run.stderr
        );
        assert!(!run.stderr.contains("internal error"), "byte {place}: {}", run.stderr);
        assert!(run.stderr.lines().count() <= 3, "byte {place}: {}", run.stderr);
    }
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing() {
    let place = Workplace::new();
    place.write("in.arrows", sample());
    let full = place.shell("stream-filter TRUE in.arrows >/dev/full");
    full.exits_with(1)
        .stderr_is("stream-filter: cannot write standard output: no space left on device\n");
    let full = place.shell("stream-filter TRUE in.arrows -o /dev/full");
    full.exits_with(1)
        .stderr_is("stream-filter: cannot write /dev/full: no space left on device\n");
    // A limit of no blocks at all stands for a disk that fills while a file is written.
    let limited = place.shell("ulimit -f 0; stream-to-parquet -o out.parquet in.arrows");
    limited.exits_with(1).one_line_on_stderr().stderr_has("out.parquet: file too large");
    assert_eq!(place.names(), ["in.arrows"]);
}

#[test]
fn wherever_the_disk_fills_up_nothing_is_left() {
    let place = Workplace::new();
    place
        .shell("stream-generate --rows 20000 'x = random(int64 0..1000000000)' -o in.arrows")
        .succeeds();
    let size = std::fs::metadata(place.file("in.arrows")).unwrap().len();
    // The limit counts blocks of 1024 bytes: each stops another write, the last one none.
    let blocks = size.div_ceil(1024);
    for limit in (0..blocks).step_by(7) {
        let run =
            place.shell(&format!("ulimit -f {limit}; stream-filter TRUE in.arrows -o out.arrows"));
        run.exits_with(1).one_line_on_stderr().stderr_has("out.arrows: file too large");
        assert_eq!(place.names(), ["in.arrows"], "after {limit} blocks");
    }
    let enough = format!("ulimit -f {}; stream-filter TRUE in.arrows -o out.arrows", blocks + 1);
    place.shell(&enough).succeeds();
}

#[test]
fn wherever_the_reader_goes_away_the_tool_ends_quietly() {
    let place = Workplace::new();
    place.write("in.arrows", sample());
    for length in (0..sample().len()).step_by(97) {
        let line =
            format!("set -o pipefail; stream-filter TRUE in.arrows | head -c {length} >/dev/null");
        place.shell(&line).succeeds();
    }
}

#[test]
fn a_signal_leaves_no_file() {
    let place = Workplace::new();
    for (signal, status) in [("TERM", 143), ("HUP", 129), ("KILL", 137)] {
        // The tool waits for input that never comes; once it reads, its output has been opened.
        let line = format!(
            "mkfifo p; exec 3<>p; head -c 400 in.arrows >p
             stream-filter TRUE <p -o out.arrows & tool=$!
             until [ -e /proc/$tool/exe ] && readlink /proc/$tool/fd/* | grep -q -e deleted -e arrow-pipes-; do :; done
             kill -{signal} $tool; wait $tool"
        );
        place.write("in.arrows", sample());
        place.shell(&line).exits_with(status);
        std::fs::remove_file(place.file("p")).unwrap();
        assert_eq!(place.names(), ["in.arrows"], "after {signal}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn no_signal_that_can_be_caught_leaves_a_tree() {
    use crate::support::send_signal;
    let realtime = [libc::SIGRTMIN(), libc::SIGRTMAX()];
    let raised = [libc::SIGABRT, libc::SIGBUS, libc::SIGSYS, libc::SIGTRAP];
    let sent = [
        libc::SIGHUP,
        libc::SIGINT,
        libc::SIGQUIT,
        libc::SIGUSR1,
        libc::SIGUSR2,
        libc::SIGALRM,
        libc::SIGTERM,
        libc::SIGSTKFLT,
        libc::SIGXCPU,
        libc::SIGVTALRM,
        libc::SIGPROF,
        libc::SIGIO,
        libc::SIGPWR,
    ];
    leave_no_tree(sent.into_iter().chain(raised).chain(realtime), send_signal);
}

/// Whichever thread the system chooses for a signal, also the one that removes the files.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_to_the_thread_that_watches_leaves_no_tree() {
    use crate::support::send_signal_to_thread;
    leave_no_tree([libc::SIGTERM, libc::SIGBUS, libc::SIGABRT], |tool, signal| {
        send_signal_to_thread(tool, "signals", signal);
    });
}

/// Sends each signal to a tool that is writing a tree: it ends by the signal and leaves nothing.
#[cfg(target_os = "linux")]
fn leave_no_tree(signals: impl IntoIterator<Item = i32>, send: impl Fn(&std::process::Child, i32)) {
    use crate::support::tool_directory;
    use std::io::Write;
    use std::os::unix::process::ExitStatusExt;
    let place = Workplace::new();
    place.shell("stream-generate 'g = 0..3, r = 0..20000' -o in.arrows").succeeds();
    let stream = std::fs::read(place.file("in.arrows")).unwrap();
    for signal in signals {
        let mut tool = std::process::Command::new(tool_directory().join("stream-to-parquet"))
            .args(["--partition-by", "g", "-o", "tree"])
            .current_dir(place.path())
            .stdin(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // The tool makes a hidden tree, then waits for rows that never come.
        let mut rows = tool.stdin.take().unwrap();
        rows.write_all(&stream[..stream.len() - 8]).unwrap();
        while !place.names().iter().any(|name| name.starts_with(".tree.")) {
            std::thread::yield_now();
        }
        send(&tool, signal);
        assert_eq!(tool.wait().unwrap().signal(), Some(signal));
        assert_eq!(place.names(), ["in.arrows"], "after signal {signal}");
    }
}

#[test]
fn inputs_that_cannot_be_read_are_named() {
    let place = Workplace::new();
    std::fs::create_dir(place.file("directory")).unwrap();
    place.write("empty", "");
    let told = |line: &str, why: &str| {
        place.shell(line).exits_with(1).stderr_is(&format!("{why}\n")).stdout_is("");
    };
    told(
        "stream-filter TRUE missing",
        "stream-filter: cannot open missing: no such file or directory",
    );
    told("stream-filter TRUE directory", "stream-filter: cannot read directory: is a directory");
    told(
        "stream-filter TRUE empty",
        "stream-filter: empty: empty input: the producer wrote nothing, not even a schema",
    );
    told(
        "stream-to-parquet -o no/where </dev/null",
        "stream-to-parquet: standard input: empty input: the producer wrote nothing, not even a schema",
    );
}

#[test]
fn a_closed_descriptor_is_no_way_to_lose_data() {
    let place = Workplace::new();
    place.write("a.arrows", sample());
    place
        .shell("stream-filter TRUE a.arrows >&-")
        .exits_with(1)
        .stderr_is("stream-filter: cannot write standard output: it is closed\n");
    place
        .shell("stream-filter TRUE <&-")
        .exits_with(1)
        .stderr_is("stream-filter: cannot read standard input: it is closed\n");
    // What is opened by name may take the number of what was closed.
    place.shell("stream-filter TRUE a.arrows -o b.arrows >&- <&-").succeeds();
    assert_eq!(place.names(), ["a.arrows", "b.arrows"]);
}

#[test]
fn what_can_be_known_first_is_told_first() {
    let place = Workplace::new();
    place.write("a.arrows", sample());
    let told = |line: &str, status: i32, why: &str| {
        place
            .shell(line)
            .exits_with(status)
            .stderr_is(&format!("stream-filter: {why}\n"))
            .stdout_is("");
    };
    told("stream-filter TRUE a.arrows b", 1, "cannot open b: no such file or directory");
    told("stream-filter TRUE a.arrows -o new/", 2, "\"new/\" is not the name of a file to write");
    told("stream-filter TRUE a.arrows -o ''", 2, "\"\" is not the name of a file to write");
    told("stream-filter TRUE - - <a.arrows", 2, "standard input (-) may be given only once");
    told("stream-filter -c id -c b TRUE a.arrows", 2, "-c may be given only once");
    told(
        "stream-filter a.arrows 'id > 3'",
        2,
        "\"a.arrows\" is a file; the expression must come first",
    );
    assert_eq!(place.names(), ["a.arrows"]);
}

#[test]
fn a_spool_that_cannot_grow_is_told() {
    let place = Workplace::new();
    place.shell("stream-generate --rows 100000 'x = random(float64)' | stream-to-parquet -o big.parquet").succeeds();
    let run = place.shell("(ulimit -f 100; cat big.parquet | parquet-to-stream >/dev/null)");
    run.exits_with(1).one_line_on_stderr().stderr_has("cannot spool standard input to ");
}

#[test]
fn a_number_for_a_script_is_not_that_of_a_producer_that_died() {
    let place = Workplace::new();
    place.write("cut.arrows", &sample()[..sample().len() - 8]);
    let run = place.shell("file-inspect --count rows cut.arrows");
    run.exits_with(1).stdout_is("").stderr_has("the producer stopped early");
}

#[test]
fn an_output_is_never_its_own_input() {
    let place = Workplace::new();
    place.write("a.arrows", sample());
    let run = place.shell("stream-filter TRUE a.arrows >>a.arrows");
    run.exits_with(1)
        .stderr_is("stream-filter: standard output is the same file as the input a.arrows\n");
    assert_eq!(std::fs::read(place.file("a.arrows")).unwrap(), sample());
    // With -o the operand is replaced, after success only.
    place.shell("stream-filter 'id < 5' a.arrows -o a.arrows").succeeds();
    assert!(std::fs::read(place.file("a.arrows")).unwrap().len() < sample().len());
    assert_eq!(place.names(), ["a.arrows"]);
}

/// The FIFO keeps the tool from the second operand, which is missing when the files are listed.
#[test]
fn a_directory_that_appears_after_the_files_were_listed_is_said_to() {
    let place = Workplace::new();
    place.shell("stream-generate 'id = 0..9' | stream-to-parquet -o in.parquet").succeeds();
    for tool in ["parquet-to-stream -o out", "file-inspect --show columns --json"] {
        let line = "rm -rf f late; mkfifo f; { exec 3>f; mkdir late; cat in.parquet >&3; exec 3>&-; } & \
                    timeout 60";
        let run = place.shell(&format!("{line} {tool} f late")).exits_with(1);
        run.one_line_on_stderr().stderr_has(
            ": late: the directory appeared after the files were listed; run the command again\n",
        );
    }
}
