//! Options for inputs, outputs, progress and threads.

use super::group::{Shared, Typed};
use super::progress::ProgressOptions;
use super::shared_flags::max_message_bytes;
use super::table::{Flag, OptionText, option};
use super::value::store;
use crate::completion::{Complete, suffixes};
use crate::error::Result;
use crate::io::{Access, set_access};
use crate::options::{InputOptions, Operand, OutputOptions};
use crate::threads::Threads;

/// The options of nearly every tool: its output, its inputs, and whether to show progress. The
/// output of tools that write text is [`TextOutput`]. The inputs of tools that read no Arrow streams
/// are `Vec<Operand>`, without options.
#[derive(Debug, Default)]
pub struct Common<O = OutputOptions, I = InputOptions> {
    /// The output.
    pub output: O,
    /// The inputs.
    pub input: I,
    /// Whether to show progress.
    pub progress: ProgressOptions,
    /// How objects are asked for by URL. The options also set it for the process.
    pub access: Access,
}

/// An output for text, which may go to a terminal.
#[derive(Debug, Default)]
pub struct TextOutput(pub OutputOptions);

impl<O: Shared, I: Shared> Shared for Common<O, I> {
    fn texts() -> Vec<OptionText> {
        [O::texts(), I::texts(), ProgressOptions::texts(), Access::texts()].concat()
    }

    fn set(&mut self, typed: &mut Typed<'_>) -> Option<Result<()>> {
        let Self { output, input, progress, access } = self;
        let set = output.set(typed).or_else(|| input.set(typed));
        set.or_else(|| progress.set(typed)).or_else(|| access.set(typed))
    }

    fn set_inputs(&mut self, inputs: &[Operand]) {
        self.input.set_inputs(inputs);
        self.progress.set_inputs(inputs);
    }
}

impl Shared for InputOptions {
    const FLAGS: &'static [Flag<Self>] = &[
        option("allow-missing-end", "accept a stream without an end marker")
            .details(
                "Without the marker, a producer that finished cannot be distinguished from one \
                 that died. Use this option only for producers that are known not to write the \
                 marker.",
            )
            .switch(|input| input.allow_missing_end = true),
        option("allow-nulls", "accept nulls in columns declared as not null")
            .details(
                "Some producers declare a column as not null and write nulls, which is an error by \
                 default. With this option, all columns are read as nullable, and are declared as \
                 nullable in the result.",
            )
            .switch(|input| input.allow_nulls = true),
        option("single", "stop at the first end marker")
            .details(
                "By default, consecutive streams are read as one, so a tool waits for the end of \
                 its input. With this option, it stops reading at the end of the first stream.",
            )
            .switch(|input| input.single = true),
        max_message_bytes(|input, value| {
            input.max_message_bytes = Some(value.size_bytes()?);
            Ok(())
        }),
    ];

    fn set_inputs(&mut self, inputs: &[Operand]) {
        self.operands = inputs.to_vec();
    }
}

impl Shared for Vec<Operand> {
    fn set_inputs(&mut self, inputs: &[Operand]) {
        *self = inputs.to_vec();
    }
}

impl Shared for OutputOptions {
    const FLAGS: &'static [Flag<Self>] = &[
        TO_FILE,
        option("force", "write binary data even to a terminal")
            .switch(|output| output.force = true),
        NO_SYNC,
    ];
}

impl Shared for TextOutput {
    fn texts() -> Vec<OptionText> {
        vec![TO_FILE.text, NO_SYNC.text]
    }

    fn set(&mut self, typed: &mut Typed<'_>) -> Option<Result<()>> {
        typed.set(&[TO_FILE, NO_SYNC], &mut self.0)
    }
}

impl Shared for ProgressOptions {
    const FLAGS: &'static [Flag<Self>] = &[option(
        "progress",
        "show rows, bytes, rate and time on standard error",
    )
    .details(
        "On a terminal, one line is updated twice a second. If the total is known, the line \
         also shows the percentage done and the time left. If standard error is not a \
         terminal, there is one line at the end. Rows are counted when they are read or \
         generated, and the rate is measured from the first row. If the line is too long, \
         sizes and rates are dropped first; row counts and the time left are kept longest. \
         Each tool of a pipeline has its own line.",
    )
    .switch(|progress| progress.shown = true)];

    fn set_inputs(&mut self, inputs: &[Operand]) {
        *self = self.of_files(inputs);
    }
}

impl Shared for Access {
    const FLAGS: &'static [Flag<Self>] = &[
        option("anonymous", "access objects by URL without credentials")
            .details(
                "For public objects. No credentials are looked for, and requests are not signed.",
            )
            .switch(|access| {
                access.is_anonymous = true;
                set_access(*access);
            }),
        option("requester-pays", "pay for access to S3 buckets that require it").switch(|access| {
            access.pays = true;
            set_access(*access);
        }),
    ];
}

impl Shared for Threads {
    const FLAGS: &'static [Flag<Self>] = &[option(
        "threads",
        "use N threads (default: one per core)",
    )
    .short('j')
    .details(
        "The output is the same for every N, byte for byte. With -j 1, all work runs in one \
         thread.",
    )
    .value("N", |threads, value| store(threads, value.positive().map(Threads::new)))];
}

const TO_FILE: Flag<OutputOptions> = option("output", "write to FILE instead of standard output")
    .short('o')
    .details(
        "FILE appears only when it is complete, and then replaces any file of that name. After a \
         failure, it does not appear. FIFOs, devices and /dev/fd/N are written directly.

         FILE may be a URL (s3, gs, az, abfss, https, http). The object is sent while it is written, and \
         appears only when it is complete: see OBJECTS BY URL in arrow-pipes(1).",
    )
    .completes(Complete::Files(suffixes::ANY))
    .value("FILE", |output, value| {
        output.destination = value.destination()?;
        Ok(())
    });

const NO_SYNC: Flag<OutputOptions> = option("no-sync", "do not wait until the data is on disk")
    .details("This is faster, but after a loss of power the file may be missing or incomplete.")
    .switch(|output| output.no_sync = true);
