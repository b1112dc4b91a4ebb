//! Options that several tools share, written once: a tool lists the groups it has.

use super::progress::ProgressOptions;
use super::shared_spill::SpillOptions;
use super::table::{Flag, Set};
use crate::endpoint::{
    BinaryText, DatasetOptions, Destination, Dialect, GivenColumns, InputOptions, OutputOptions,
    Selection,
};
use std::num::NonZero;

/// What the shared options set. A tool reads what its groups and operands can have set; the rest
/// is as by default.
#[derive(Debug, Default)]
pub struct Common {
    /// Where data come from: the operands, and the groups [`INPUT`] and [`THREADS`].
    pub input: InputOptions,
    /// Where the result goes: the group [`OUTPUT`].
    pub output: OutputOptions,
    /// Show how far the job is: the group [`PROGRESS`].
    pub progress: ProgressOptions,
    /// What may be kept in memory: the group [`spill`](super::spill).
    pub spill: SpillOptions,
    /// What is read of files: the group [`SELECTION`](super::SELECTION).
    pub selection: Selection,
    /// Which files the operands stand for: the group [`DATASET`](super::DATASET).
    pub dataset: DatasetOptions,
    /// The columns of text: the group [`TEXT_COLUMNS`](super::TEXT_COLUMNS).
    pub given_columns: GivenColumns,
    /// The signs of delimited text: the group [`DIALECT`](super::DIALECT).
    pub dialect: Dialect,
    /// How bytes stand in text: the group [`BINARY_TEXT`](super::BINARY_TEXT).
    pub binary_text: BinaryText,
}

/// How Arrow streams are read.
pub const INPUT: &[Flag<Common>] = &[
    Flag {
        short: None,
        long: "allow-missing-end",
        summary: "accept a stream that just stops, without an end marker",
        details: "Without the marker nobody can tell a producer that finished from one that died. \
                  Use it only for producers that are known not to write the marker.",
        set: Set::Switch(|common| common.input.allow_missing_end = true),
    },
    Flag {
        short: None,
        long: "allow-nulls",
        summary: "accept nulls in columns whose schema says that they have none",
        details: "Some producers declare a column as not null and write nulls, which is an error by default. \
                  With this option all columns are read as ones that may have nulls, and are declared so in \
                  the result.",
        set: Set::Switch(|common| common.input.allow_nulls = true),
    },
    Flag {
        short: None,
        long: "single",
        summary: "finish at the first end marker, not at the end of input",
        details: "Streams one after another are read as one, so a tool waits for the end of its \
                  input. With this option it stops reading at the end of the first stream.",
        set: Set::Switch(|common| common.input.single = true),
    },
];

/// Where the result goes, for tools that write binary.
pub const OUTPUT: &[Flag<Common>] = &[
    TO_FILE,
    Flag {
        short: None,
        long: "force",
        summary: "write binary even to a terminal",
        details: "",
        set: Set::Switch(|common| common.output.force = true),
    },
    NO_SYNC,
];

/// Where the result goes, for tools that write text: a terminal may have it.
pub const TEXT_OUTPUT: &[Flag<Common>] = &[TO_FILE, NO_SYNC];

/// Whether to show how far the job is.
pub const PROGRESS: &[Flag<Common>] = &[Flag {
    short: None,
    long: "progress",
    summary: "show rows, bytes, rate and time on standard error",
    details: "A line that is renewed twice a second on a terminal, with the share that is done and \
              the time left where the total is known; elsewhere one line at the end. Rows are those \
              that the tool has taken in, or has made, and the rate counts from the first of them. \
              Where the line is too long, sizes and rates are left out before rows and the time left. \
              Several tools of a pipe have a line each.",
    set: Set::Switch(|common| common.progress.shown = true),
}];

/// How many threads work, for tools that share their work out.
pub const THREADS: &[Flag<Common>] = &[Flag {
    short: Some('j'),
    long: "threads",
    summary: "work in N threads, without it in one per core",
    details: "The result does not depend on it, byte for byte. With 1 there is no other thread to wait for.",
    set: Set::Value("N", |common, value| {
        common.input.threads = NonZero::new(value.positive()?);
        Ok(())
    }),
}];

impl Common {
    /// How many threads may work at the same time: as many as was said, else as there are cores
    /// for this process (its affinity and its share of a container are taken into account).
    pub fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        self.input.threads.unwrap_or_else(cores).get()
    }
}

const TO_FILE: Flag<Common> = Flag {
    short: Some('o'),
    long: "output",
    summary: "write to FILE instead of standard output",
    details: "The file appears when it is whole, and not at all after a failure; a file of that \
              name is replaced then. FIFOs, devices and /dev/fd/N are written directly.",
    set: Set::Value("FILE", |common, value| {
        common.output.destination = Destination::from_argument(value.raw());
        Ok(())
    }),
};

const NO_SYNC: Flag<Common> = Flag {
    short: None,
    long: "no-sync",
    summary: "do not wait until the disk has the data",
    details: "Faster; after a loss of power the file may be gone or incomplete.",
    set: Set::Switch(|common| common.output.no_sync = true),
};
