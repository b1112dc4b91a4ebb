//! The error type: what failed, why, and with which exit status.
//!
//! One hand-written type with a private kind. Errors are created where the file, column or row
//! group is known, and shown as one line: our sentence plus one cause. Only `command` prints errors
//! and exits.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The result type of all fallible functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure, described in one lower-case line without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    message: String,
    /// Lines shown verbatim below the message; only expressions use them.
    below: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Failed,
    Limit,
    Usage,
    ReaderGone,
    NoMatch,
    Reported,
    Different,
    Trouble,
}

impl Error {
    /// The work failed: exit status 1.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, message)
    }

    /// The input needs more than a limit that an option raises: exit status 1. It may be valid.
    pub fn limit(message: impl Into<String>) -> Self {
        Self::new(Kind::Limit, message)
    }

    /// The command line was wrong: exit status 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// The process that read our output exited, as `head` does: quiet, exit status 0.
    pub fn reader_gone() -> Self {
        Self::new(Kind::ReaderGone, "the reader went away")
    }

    /// Nothing matched, and the user wants an exit status that says so: quiet, exit status 3.
    pub fn no_match() -> Self {
        Self::new(Kind::NoMatch, "no row matched")
    }

    /// A failed system call: `what` names the action and the file (`cannot open data.parquet`).
    pub fn io(what: impl fmt::Display, cause: &io::Error) -> Self {
        Self::failed(format!("{what}: {}", io_cause(cause)))
    }

    /// A failed write: a closed pipe means that the reader went away; everything else is a failure.
    pub fn write(what: impl fmt::Display, cause: &io::Error) -> Self {
        if cause.kind() == io::ErrorKind::BrokenPipe {
            return Self::reader_gone();
        }
        Self::io(format_args!("cannot write {what}"), cause)
    }

    /// The work succeeded and its output, which is complete, reports faults of the input: quiet, exit
    /// status 1.
    pub fn reported() -> Self {
        Self::new(Kind::Reported, "the input has faults")
    }

    /// The work succeeded, and what was compared differs: quiet, exit status 1, as that of `diff`.
    pub fn different() -> Self {
        Self::new(Kind::Different, "the inputs differ")
    }

    /// The same failure of a tool that compares: exit status 2, as that of `diff`, where 1 means
    /// that the work succeeded.
    #[must_use]
    pub fn as_trouble(mut self) -> Self {
        if matches!(self.kind, Kind::Failed | Kind::Limit) {
            self.kind = Kind::Trouble;
        }
        self
    }

    /// The same failure, prefixed with what it happened to: `data.parquet: cause`.
    #[must_use]
    pub fn with(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// The same failure with lines shown below the message: an expression and its caret.
    #[must_use]
    pub fn with_lines_below(mut self, lines: Vec<String>) -> Self {
        self.below = lines;
        self
    }

    /// The same failure as a usage error (exit status 2), found before any data was processed.
    #[must_use]
    pub fn as_usage(mut self) -> Self {
        self.kind = Kind::Usage;
        self
    }

    /// The exit status of the process: 0, 1, 2 or 3 as the manual says.
    pub fn exit_status(&self) -> u8 {
        match self.kind {
            Kind::ReaderGone => 0,
            Kind::Failed | Kind::Limit | Kind::Reported | Kind::Different => 1,
            Kind::Usage | Kind::Trouble => 2,
            Kind::NoMatch => 3,
        }
    }

    /// Whether the input needs more than a limit that an option raises.
    pub fn is_limit(&self) -> bool {
        self.kind == Kind::Limit
    }

    /// Whether the process that read our output exited.
    pub fn is_reader_gone(&self) -> bool {
        self.kind == Kind::ReaderGone
    }

    /// Whether no message is printed, because the exit status says it all.
    pub fn is_quiet(&self) -> bool {
        use Kind::{Different, NoMatch, ReaderGone, Reported};
        matches!(self.kind, ReaderGone | NoMatch | Reported | Different)
    }

    /// The lines shown below the message.
    pub fn lines_below(&self) -> &[String] {
        &self.below
    }

    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: one_line(&message.into()), below: Vec::new() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// Runs a closure that may panic on foreign bytes, and turns a panic into an ordinary failure of
/// `what`.
///
/// # Errors
/// The closure's own error, or one that names the panic.
pub fn guard<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    // Unwinding drops what the closure held, and the caller abandons its input on any error, so no
    // broken invariant is ever observed.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Err(Error::failed(format!("{what}: {}", panic_cause(text.unwrap_or("unknown cause")))))
    })
}

/// The error inside the message of an `unwrap` in a dependency:
/// ``called `Result::unwrap()` on an `Err` value: General("…")``.
fn panic_cause(text: &str) -> &str {
    let Some((_, value)) = text.split_once(" on an `Err` value: ") else { return text };
    let quoted = value.split_once("(\"").and_then(|(_, rest)| rest.strip_suffix("\")"));
    quoted.unwrap_or(value)
}

/// The system's message in lower case, without Rust's `(os error 2)`.
fn io_cause(cause: &io::Error) -> String {
    let text = cause.to_string();
    let text = match (cause.raw_os_error(), text.find(" (os error")) {
        (Some(_), Some(end)) => &text[..end],
        _ => &text,
    };
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        // `Is a directory` loses its capital, `EOF` keeps it.
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

/// Joins the lines of a dependency's error; ours are one line each, so that logs stay readable.
fn one_line(text: &str) -> String {
    if !text.contains(['\n', '\r']) {
        return text.to_owned();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_pipe_is_not_a_failure() {
        let closed = io::Error::from(io::ErrorKind::BrokenPipe);
        assert_eq!(Error::write("standard output", &closed).exit_status(), 0);
        assert_eq!(Error::io("cannot read p", &closed).exit_status(), 1);
    }

    #[test]
    fn a_cause_is_lower_case_and_without_a_number() {
        let missing = io::Error::from_raw_os_error(2);
        assert_eq!(
            Error::io("cannot open x", &missing).to_string(),
            "cannot open x: no such file or directory"
        );
    }

    #[test]
    fn a_panic_becomes_one_line() {
        let error = guard("cannot decode", || -> Result<()> { panic!("a\n  b {}", 1) });
        assert_eq!(error, Err(Error::failed("cannot decode: a b 1")));
    }
}
