//! Runs a tool's function and reports its result; the only place that decides exit statuses.

use super::description::Description;
use super::group::Shared;
use super::parse::Request;
use super::table::Command;
use super::verb::Verb;
use super::{completions, help, manual};
use crate::error::{Error, Result, guard};
use crate::text::escaped;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

impl<O: Default> Command<O> {
    /// The body of `main`: parses the command line, runs the request, and reports a failure on one
    /// line on standard error.
    pub fn main<S: Shared>(&self, verb: impl Verb<O, S>) -> ExitCode {
        // A panic is reported on one line like every failure, instead of by the default hook.
        std::panic::set_hook(Box::new(|_| {}));
        let done = guard("internal error, please report it", || {
            match self.parse::<S>(std::env::args_os().skip(1))? {
                Request::Run(own, shared) => verb.call(own, shared),
                Request::ShortHelp => show(&help::short(&self.describe::<S>())),
                Request::LongHelp => show(&help::long(&self.describe::<S>())),
                Request::Version => show(&format!("{} {}\n", self.name, env!("CARGO_PKG_VERSION"))),
                Request::Generate(kind) => show(&generated(&self.describe::<S>(), &kind)?),
            }
        });
        match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                report(self.name, &error);
                ExitCode::from(error.exit_status())
            }
        }
    }
}

fn generated(command: &Description, kind: &str) -> Result<String> {
    Ok(match kind {
        "man" => manual::page(command),
        "bash" => completions::bash(command),
        "zsh" => completions::zsh(command),
        "fish" => completions::fish(command),
        other => return Err(Error::usage(format!("cannot generate \"{}\"", escaped(other)))),
    })
}

/// Reports a failure on one line on standard error, followed by its further lines.
fn report(tool: &str, error: &Error) {
    if error.is_quiet() {
        return;
    }
    let mut stderr = std::io::stderr().lock();
    // Erase a progress line that may be there.
    let clear = if stderr.is_terminal() { "\r\x1b[K" } else { "" };
    let mut text = format!("{clear}{tool}: {}\n", escaped(&error.to_string()));
    for line in error.lines_below() {
        text.push_str(&format!("{}\n", escaped(line)));
    }
    let _ignored = stderr.write_all(text.as_bytes());
}

/// Writes text for people to standard output.
///
/// # Errors
/// I/O errors.
pub fn show(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(|e| Error::write("standard output", &e))
}

impl<O> Command<O> {
    /// Reports a failure that does not end the run, such as one unreadable file of several.
    pub fn report(&self, error: &Error) {
        report(self.name, error);
    }

    /// Reports something other than a failure, on one line on standard error.
    pub fn tell(&self, message: &str) {
        let line = format!("{}: {}\n", self.name, escaped(message));
        let _ignored = std::io::stderr().write_all(line.as_bytes());
    }
}
