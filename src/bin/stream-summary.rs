//! stream-summary: the distribution of the values in each column of a stream.

use arrow_pipes::any_file::{AnyReader, Encoded};
use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, Take, Tool, option, store, suffixes,
};
use arrow_pipes::io::Output;
use arrow_pipes::options::{Destination, OutputOptions};
use arrow_pipes::stream::hint::{Hint, Rows, Until};
use arrow_pipes::stream::{Writer, pass_on};
use arrow_pipes::summary::{self, ColumnSummary, Summary};
use arrow_pipes::threads::Threads;
use arrow_pipes::{Error, Result, schema};
use std::io::IoSlice;
use std::process::ExitCode;

#[path = "stream-summary/description.rs"]
mod description;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(summarize);

fn summarize(options: Options, threads: Threads, mut common: Common) -> Result<()> {
    options.check(&common.output)?;
    let mut reader = AnyReader::open(&common.input, Encoded::Kept)?;
    let columns = match &options.columns {
        Some(names) => {
            schema::locate_columns(reader.schema(), names).map_err(|e| e.with("--columns"))?
        }
        None => (0..reader.schema().fields().len()).collect(),
    };
    let (places, mut tee) = match &options.tee {
        Some(destination) => {
            let output =
                OutputOptions { destination: destination.clone(), ..common.output.clone() };
            let output = Output::create(&output, &common.input.operands)?;
            let mut writer = Writer::create(output, reader.schema())?;
            let passed = pass_on(&mut reader, &mut writer, &columns, Rows::Counted)?;
            (passed.places(&columns), Some(writer))
        }
        None => {
            reader.promise(Hint::of_columns(&columns), Until::End);
            reader.project(columns)?;
            reader.settle()?;
            ((0..reader.schema().fields().len()).collect(), None)
        }
    };
    let mut summary = Summary::try_new(reader.schema(), &places, threads)?;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    while let Some(message) = reader.next_message()? {
        // A slow stream stays live.
        tee.as_mut().map_or(Ok(()), |writer| writer.write_message(&message))?;
        summary.add(&message.batch)?;
        progress.add(message.num_rows());
    }
    let (rows, columns) = summary.finish()?;
    // A reader of the summary that stops early must not keep the stream from its end.
    tee.map_or(Ok(()), Writer::finish)?;
    progress.finish();
    if options.tee == Some(Destination::Stdout) && common.output.destination == Destination::Stdout
    {
        common.output.destination = Destination::Path("/dev/stderr".into());
    }
    options.write(rows, &columns, &common)
}

#[derive(Default)]
struct Options {
    columns: Option<Vec<String>>,
    json: bool,
    stream: bool,
    tee: Option<Destination>,
}

impl Options {
    fn check(&self, output: &OutputOptions) -> Result<()> {
        if self.json && self.stream {
            return Err(Error::usage("--json cannot be combined with --stream"));
        }
        match &self.tee {
            Some(Destination::Stdout)
                if self.stream && output.destination == Destination::Stdout =>
            {
                Err(Error::usage("--stream with --tee - requires --output"))
            }
            Some(tee @ (Destination::Path(_) | Destination::Url(_)))
                if *tee == output.destination =>
            {
                Err(Error::usage("--tee and --output name the same file"))
            }
            _ => Ok(()),
        }
    }

    /// Writes the summary.
    fn write(&self, rows: u64, columns: &[ColumnSummary], common: &Common) -> Result<()> {
        let (output, inputs) = (&common.output, &common.input.operands);
        if self.stream {
            let output = Output::create(output, inputs)?;
            let mut writer = Writer::create(output, &summary::schema())?;
            writer.write(&summary::batch(columns)?)?;
            return writer.finish();
        }
        let mut output = Output::create_text(output, inputs)?;
        let lines = if self.json {
            summary::json_lines(columns)?
        } else {
            summary::text_lines(rows, columns, width(&output))?
        };
        let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
        if !text.is_empty() {
            output.write_gathered(&mut [IoSlice::new(text.as_bytes())])?;
        }
        output.commit()
    }
}

/// The width of the terminal; COLUMNS goes before it.
fn width(output: &Output) -> Option<usize> {
    let given = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    given.or_else(|| output.terminal_columns())
}

const COMMAND: Command<Options> = Command {
    name: "stream-summary",
    role: Role::Inspect,
    summary: "show the distribution of the values in each column of an Arrow stream",
    operands: "[FILE...]",
    description: description::DESCRIPTION,
    options: &[&[
        option("columns", "summarize only COLUMNS")
            .short('c')
            .details("Enclose a name that contains a comma in double quotes.")
            .completes(Complete::Columns(&[]))
            .value("COLUMNS", |options, value| store(&mut options.columns, value.names())),
        option("json", "write a JSON object for each column, one per line")
            .details("Numbers have all their digits. See the description for the members.")
            .switch(|options| options.json = true),
        option("stream", "write an Arrow stream with a row for each column")
            .details("See the description for its columns.")
            .switch(|options| options.stream = true),
        option("tee", "also write the input, as an Arrow stream, to FILE")
            .details(
                "With - it goes to standard output, to the next tool of a pipe. The summary then \
                 goes to standard error, unless --output names a file. A reader that needs only \
                 some columns gets those and COLUMNS. If it stops early, there is no summary.",
            )
            .completes(Complete::Files(suffixes::ANY))
            .value("FILE", |options, value| {
                options.tee = Some(value.destination()?);
                Ok(())
            }),
    ]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::TABLES)],
    memory: "One batch of the input, and up to 1 MiB for each column and field of a struct, plus the \
             length of about 10,000 of its values. It does not depend on the number of rows.",
    statuses: &[],
    examples: &[
        Example { purpose: "a look at an unknown file", line: "stream-summary data.parquet" },
        Example {
            purpose: "two columns of a stream, and only some of its rows",
            line: "parquet-to-stream data.parquet -w 'id > 1' | stream-summary -c id,row",
        },
        Example {
            purpose: "what passed, while a pipe does its work",
            line: "parquet-to-stream data.parquet | stream-summary --tee - | stream-to-csv -o \
                   data.csv",
        },
        Example {
            purpose: "the columns with more than a tenth of nulls",
            line: "stream-summary --stream data.parquet | stream-filter 'nulls > rows / 10' | \
                   stream-select '\"column\", nulls' | stream-print",
        },
    ],
};
