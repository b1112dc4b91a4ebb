//! Runs a tool's function and reports its result; the only place that decides exit statuses.

use super::table::Command;
use crate::error::{Error, Result, guard};
use crate::io;
use crate::text::escaped;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// Does the work of the program `name`. A failure is reported on one line on standard error.
pub(super) fn finish(name: &'static str, work: impl FnOnce() -> Result<()>) -> ExitCode {
    prepare(name);
    match guard("internal error, please report it", work) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(name, &error);
            ExitCode::from(error.exit_status())
        }
    }
}

/// Does work for a shell, in whose command line a report would be in the way.
pub(super) fn quietly(work: impl FnOnce() -> Result<()>) -> ExitCode {
    prepare("");
    match guard("", work) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => ExitCode::from(error.exit_status()),
    }
}

/// Whatever happens to the process is reported on one line that begins with this name, or not at
/// all without one.
fn prepare(name: &'static str) {
    io::end_cleanly_on_faults(name);
    #[cfg(feature = "remote")]
    {
        io::open_urls_by(&crate::remote::Stores);
        let _set_already = TOLD_AS.set(name);
        io::tell_by(|message| tell(TOLD_AS.get().copied().unwrap_or_default(), message));
    }
    // A panic is reported on one line like every failure, instead of by the default hook.
    std::panic::set_hook(Box::new(|panic| {
        io::end_at_fatal_panic(panic.payload_as_str().unwrap_or_default());
    }));
}

/// The name of the program, for what the library tells.
#[cfg(feature = "remote")]
static TOLD_AS: std::sync::OnceLock<&str> = std::sync::OnceLock::new();

/// Reports something other than a failure, on one line on standard error.
fn tell(name: &str, message: &str) {
    let line = format!("{name}: {}\n", escaped(message));
    let _ignored = std::io::stderr().write_all(line.as_bytes());
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
        tell(self.name, message);
    }
}
