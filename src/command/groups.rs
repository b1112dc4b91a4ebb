//! Options that several tools share, written once. A tool says which groups it has by holding one
//! and listing its options.

use super::table::{Flag, Set};
use std::ffi::OsString;

/// Where a stream comes from.
#[derive(Debug, Default)]
pub struct InputGroup {
    /// Files, FIFOs, `-`; standard input if there is none.
    pub operands: Vec<OsString>,
    /// Take a stream without an end marker for whole.
    pub allow_missing_end: bool,
    /// Finish at the first end marker.
    pub single: bool,
}

/// Where the result goes.
#[derive(Debug, Default)]
pub struct OutputGroup {
    /// A file; standard output if there is none.
    pub file: Option<OsString>,
    /// Write binary even to a terminal.
    pub force: bool,
    /// Do not wait until the disk has the data.
    pub no_sync: bool,
}

/// Whether to show how far the job is.
#[derive(Debug, Default)]
pub struct ProgressGroup {
    /// Show it.
    pub shown: bool,
}

/// Options that hold an [`InputGroup`].
pub trait HasInput {
    /// The group to set.
    fn input(&mut self) -> &mut InputGroup;
}

/// Options that hold an [`OutputGroup`].
pub trait HasOutput {
    /// The group to set.
    fn output(&mut self) -> &mut OutputGroup;
}

/// Options that hold a [`ProgressGroup`].
pub trait HasProgress {
    /// The group to set.
    fn progress(&mut self) -> &mut ProgressGroup;
}

/// The options of [`InputGroup`].
pub const fn input_options<O: HasInput>() -> [Flag<O>; 2] {
    [
        Flag {
            short: None,
            long: "allow-missing-end",
            summary: "accept a stream that just stops, without an end marker",
            details: "Without the marker nobody can tell a producer that finished from one that died. \
                      Use it only for producers that are known not to write the marker.",
            set: Set::Switch(|options| options.input().allow_missing_end = true),
        },
        Flag {
            short: None,
            long: "single",
            summary: "finish at the first end marker, not at the end of input",
            details: "Streams one after another are read as one, so a tool waits for the end of its \
                      input. With this option it stops reading at the end of the first stream.",
            set: Set::Switch(|options| options.input().single = true),
        },
    ]
}

/// The options of [`OutputGroup`], for tools that write binary.
pub const fn output_options<O: HasOutput>() -> [Flag<O>; 3] {
    [
        Flag {
            short: Some('o'),
            long: "output",
            summary: "write to FILE instead of standard output",
            details: "The file appears when it is whole, and not at all after a failure; a file of that \
                      name is replaced then. FIFOs, devices and /dev/fd/N are written directly.",
            set: Set::Value("FILE", |options, value| {
                options.output().file = Some(value.raw());
                Ok(())
            }),
        },
        force_option(),
        Flag {
            short: None,
            long: "no-sync",
            summary: "do not wait until the disk has the data",
            details: "Faster; after a loss of power the file may be gone or incomplete.",
            set: Set::Switch(|options| options.output().no_sync = true),
        },
    ]
}

/// `--force` alone, for tools without `-o`.
pub const fn force_option<O: HasOutput>() -> Flag<O> {
    Flag {
        short: None,
        long: "force",
        summary: "write binary even to a terminal",
        details: "",
        set: Set::Switch(|options| options.output().force = true),
    }
}

/// The options of [`ProgressGroup`].
pub const fn progress_options<O: HasProgress>() -> [Flag<O>; 1] {
    [Flag {
        short: None,
        long: "progress",
        summary: "show rows, rate and time on standard error",
        details: "A line that is renewed twice a second on a terminal; elsewhere one line at the end.",
        set: Set::Switch(|options| options.progress().shown = true),
    }]
}
