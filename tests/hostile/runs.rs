//! Runs jobs as processes under limits, and judges how they end.

use crate::support::mutate::Random;
use crate::support::{Workplace, tool_directory};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The address space of a process in KiB, its processor time in seconds, its time in all, and then
/// the command line. On a busy machine ten seconds of processor time may take a minute. `timeout`
/// passes on the signal that ends the process, so that it is seen here.
const LIMITS: &str =
    "ulimit -c 0; ulimit -v 4194304; ulimit -t 10; exec timeout -s KILL 100 \"$@\"";

/// Where inputs that break a promise are kept.
const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/hostile");

/// Findings after which a run stops: more say the same.
const MOST_FINDINGS: usize = 60;

/// The end of an Arrow stream.
const END_MARKER: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

/// An input and the command line that gets it.
pub(super) struct Job {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) extension: &'static str,
    /// A word `INPUT` stands for the input's path; without one, the input is standard input.
    pub(super) words: Vec<String>,
    pub(super) way: Way,
}

/// How standard input arrives: files are mapped, pipes are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Pipe,
    File,
}

impl Job {
    pub(super) fn new(words: &[&str], random: &mut Random) -> Self {
        Self {
            name: String::new(),
            bytes: Vec::new(),
            extension: "",
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            way: random.one_of(&[Way::Pipe, Way::File]),
        }
    }
}

/// Runs the jobs with numbers below `jobs` on all cores, and fails if one of them breaks a promise.
#[track_caller]
pub(super) fn run_all(what: &str, jobs: usize, job: impl Fn(usize) -> Job + Sync) {
    let next = AtomicUsize::new(0);
    let (findings, statuses) = (Mutex::new(Vec::new()), Mutex::new([0_usize; 3]));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let place = Workplace::new();
                while findings.lock().unwrap().len() < MOST_FINDINGS {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= jobs {
                        return;
                    }
                    let job = job(number);
                    match judge(&job, &place) {
                        Ok(status) => statuses.lock().unwrap()[status] += 1,
                        Err(why) => findings.lock().unwrap().push(keep(&job, &why)),
                    }
                }
            });
        }
    });
    let findings = findings.into_inner().unwrap();
    let statuses = statuses.into_inner().unwrap();
    eprintln!(
        "hostile {what}: {jobs} runs, exit statuses 0, 1, 2: {statuses:?}, {} findings",
        findings.len()
    );
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// Runs a job in an empty directory. The error says which promise it breaks.
fn judge(job: &Job, place: &Workplace) -> Result<usize, String> {
    for name in place.names() {
        let path = place.file(&name);
        if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) }
            .unwrap();
    }
    let input = format!("input{}", job.extension);
    let path = place.write(&input, &job.bytes);
    let (status, end, errors) = execute(job, &path, place.path());
    let first = errors.lines().next().unwrap_or_default();
    let Some(status @ 0..=2) = status else {
        return Err(format!("status {status:?}: {first}"));
    };
    if errors.lines().count() > most_lines(&job.words[0], status) {
        return Err(format!("{} lines: {first}", errors.lines().count()));
    }
    if let Some(wrong) = errors.chars().find(|c| c.is_control() && *c != '\n') {
        return Err(format!("a control character {wrong:?} on standard error"));
    }
    if errors.contains("internal error") {
        return Err(first.to_owned());
    }
    if status == 0 {
        return Ok(0);
    }
    if end == END_MARKER {
        return Err(format!("an end marker after: {first}"));
    }
    let names = place.names();
    if names != [input] {
        return Err(format!("{names:?} is left after: {first}"));
    }
    Ok(status as usize)
}

/// The lines that a tool may print. An error in an expression is followed by the expression and a
/// caret; csv-to-stream may note an odd header before it fails.
fn most_lines(tool: &str, status: i32) -> usize {
    match (tool, status) {
        (_, 2) => 3,
        ("csv-to-stream", _) => 2,
        _ => 1,
    }
}

/// The exit status, the last eight bytes of standard output, and standard error.
fn execute(job: &Job, path: &Path, directory: &Path) -> (Option<i32>, Vec<u8>, String) {
    let operand = job.words.iter().any(|word| word == "INPUT");
    let name = path.file_name().unwrap().to_str().unwrap();
    let mut command = Command::new("sh");
    command.args(["-c", LIMITS, "sh"]);
    command.arg(tool_directory().join(&job.words[0]));
    command.args(job.words[1..].iter().map(|word| if word == "INPUT" { name } else { word }));
    command.current_dir(directory).env("LC_ALL", "C.UTF-8").env("TMPDIR", directory);
    command.env_remove("RUST_BACKTRACE");
    command.stdin(match job.way {
        _ if operand => Stdio::null(),
        Way::Pipe => Stdio::piped(),
        Way::File => std::fs::File::open(path).unwrap().into(),
    });
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (stdin, mut stderr) = (child.stdin.take(), child.stderr.take().unwrap());
    let errors = std::thread::scope(|scope| {
        // A tool is free to stop reading before the end.
        scope.spawn(|| stdin.map(|mut stdin| drop(stdin.write_all(&job.bytes))));
        let errors = scope.spawn(move || {
            let mut errors = Vec::new();
            stderr.read_to_end(&mut errors).unwrap();
            errors
        });
        let end = last_bytes(&mut child.stdout.take().unwrap());
        (end, errors.join().unwrap())
    });
    let status = child.wait().unwrap().code();
    (status, errors.0, String::from_utf8_lossy(&errors.1).into_owned())
}

fn last_bytes(output: &mut impl Read) -> Vec<u8> {
    let mut last = Vec::new();
    let mut block = vec![0; 1 << 16];
    loop {
        let length = output.read(&mut block).unwrap();
        if length == 0 {
            return last;
        }
        last.extend(&block[..length]);
        last.drain(..last.len().saturating_sub(END_MARKER.len()));
    }
}

/// Keeps the input, and says what went wrong and how to see it again.
fn keep(job: &Job, why: &str) -> String {
    std::fs::create_dir_all(KEPT).unwrap();
    let path = PathBuf::from(KEPT).join(format!("{}{}", job.name, job.extension));
    std::fs::write(&path, &job.bytes).unwrap();
    let shown = path.display().to_string();
    let words =
        job.words.iter().map(|word| if word == "INPUT" { shown.clone() } else { quoted(word) });
    let line = words.collect::<Vec<_>>().join(" ");
    let operand = job.words.iter().any(|word| word == "INPUT");
    let line = match job.way {
        _ if operand => line,
        Way::File => format!("{line} <{shown}"),
        Way::Pipe => format!("cat {shown} | {line}"),
    };
    format!("{why}\n    {line}")
}

/// The word in quotes of bash.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:,#".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    let escaped = word.bytes().map(|byte| match byte {
        b'\'' | b'\\' => format!("\\{}", char::from(byte)),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\x{byte:02x}"),
    });
    format!("$'{}'", escaped.collect::<String>())
}
