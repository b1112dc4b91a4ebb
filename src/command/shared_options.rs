//! Groups of options shared by several tools; each tool lists its groups.

use super::progress::ProgressOptions;
use super::shared_spill::SpillOptions;
use super::table::{Flag, Set};
use crate::options::{
    BinaryText, DatasetOptions, Destination, Dialect, GivenColumns, InputOptions, OutputOptions,
    Selection,
};
use std::num::NonZero;

/// The values of the shared options. A tool reads only those that its groups and operands can set;
/// the others have their defaults.
#[derive(Debug, Default)]
pub struct Common {
    /// The inputs: the operands, and the groups [`INPUT`] and [`THREADS`].
    pub input: InputOptions,
    /// The output: the group [`OUTPUT`].
    pub output: OutputOptions,
    /// Whether to show progress: the group [`PROGRESS`].
    pub progress: ProgressOptions,
    /// The memory budget: the group [`spill`](super::spill).
    pub spill: SpillOptions,
    /// The columns and rows to read: the group [`SELECTION`](super::SELECTION).
    pub selection: Selection,
    /// The files of a data set: the group [`DATASET`](super::DATASET).
    pub dataset: DatasetOptions,
    /// The columns of text input: the group [`TEXT_COLUMNS`](super::TEXT_COLUMNS).
    pub given_columns: GivenColumns,
    /// The dialect of delimited text: the group [`DIALECT`](super::DIALECT).
    pub dialect: Dialect,
    /// The encoding of bytes in text: the group [`BINARY_TEXT`](super::BINARY_TEXT).
    pub binary_text: BinaryText,
}

/// Options for reading Arrow streams.
pub const INPUT: &[Flag<Common>] = &[
    Flag {
        short: None,
        long: "allow-missing-end",
        summary: "accept a stream without an end marker",
        details: "Without the marker, a producer that finished cannot be distinguished from one \
                  that died. Use this option only for producers that are known not to write the \
                  marker.",
        set: Set::Switch(|common| common.input.allow_missing_end = true),
    },
    Flag {
        short: None,
        long: "allow-nulls",
        summary: "accept nulls in columns declared as not null",
        details: "Some producers declare a column as not null and write nulls, which is an error \
                  by default. With this option, all columns are read as nullable, and are declared \
                  so in the result.",
        set: Set::Switch(|common| common.input.allow_nulls = true),
    },
    Flag {
        short: None,
        long: "single",
        summary: "stop at the first end marker",
        details: "By default, consecutive streams are read as one, so a tool waits for the end of \
                  its input. With this option, it stops reading at the end of the first stream.",
        set: Set::Switch(|common| common.input.single = true),
    },
];

/// Options for the output of tools that write binary data.
pub const OUTPUT: &[Flag<Common>] = &[
    TO_FILE,
    Flag {
        short: None,
        long: "force",
        summary: "write binary data even to a terminal",
        details: "",
        set: Set::Switch(|common| common.output.force = true),
    },
    NO_SYNC,
];

/// Options for the output of tools that write text, which may go to a terminal.
pub const TEXT_OUTPUT: &[Flag<Common>] = &[TO_FILE, NO_SYNC];

/// The option for showing progress.
pub const PROGRESS: &[Flag<Common>] = &[Flag {
    short: None,
    long: "progress",
    summary: "show rows, bytes, rate and time on standard error",
    details: "On a terminal, one line is updated twice a second, with the percentage that is done \
              and the time left if the total is known; otherwise there is one line at the end. \
              Rows are those that the tool has read or generated, and the rate counts from the \
              first of them. If the line is too long, sizes and rates are dropped first; row \
              counts and the remaining time are kept longest. Each tool of a pipe has its own \
              line.",
    set: Set::Switch(|common| common.progress.shown = true),
}];

/// The option for the number of threads, for tools that work in parallel.
pub const THREADS: &[Flag<Common>] = &[Flag {
    short: Some('j'),
    long: "threads",
    summary: "use N threads (default: one per core)",
    details: "The result does not depend on N, byte for byte. With -j 1, all work runs in one \
              thread.",
    set: Set::Value("N", |common, value| {
        common.input.threads = NonZero::new(value.positive()?);
        Ok(())
    }),
}];

impl Common {
    /// The number of threads that may work at the same time: the given one, or else the number of
    /// cores available to this process (considering its affinity and its share of a container).
    pub fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        self.input.threads.unwrap_or_else(cores).get()
    }
}

const TO_FILE: Flag<Common> = Flag {
    short: Some('o'),
    long: "output",
    summary: "write to FILE instead of standard output",
    details: "The file appears when it is complete, replacing a file of that name, and not at all \
              after a failure. FIFOs, devices and /dev/fd/N are written directly.",
    set: Set::Value("FILE", |common, value| {
        common.output.destination = Destination::from_argument(value.raw());
        Ok(())
    }),
};

const NO_SYNC: Flag<Common> = Flag {
    short: None,
    long: "no-sync",
    summary: "do not wait until the data is on disk",
    details: "Faster, but after a loss of power the file may be missing or incomplete.",
    set: Set::Switch(|common| common.output.no_sync = true),
};
