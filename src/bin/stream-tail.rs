//! stream-tail: write the last rows of an Arrow stream.

use arrow_pipes::Result;
use arrow_pipes::batch::LastRows;
use arrow_pipes::batch::limit::Limit;
use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, SignedCount, Take, Tool, option, store,
    suffixes,
};
use arrow_pipes::io::Output;
use arrow_pipes::stream::hint::Rows;
use arrow_pipes::stream::{Reader, Writer, pass_on};
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(tail);

fn tail(options: Options, common: Common) -> Result<()> {
    let mut reader = Reader::open(&common.input)?.passing_on();
    let output = Output::create(&common.output, &common.input.operands)?;
    let mut writer = Writer::create(output, reader.schema())?;
    pass_on(&mut reader, &mut writer, &[], Rows::Counted)?;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    match options.rows.unwrap_or(DEFAULT_ROWS) {
        SignedCount::Plain(rows) | SignedCount::Minus(rows) => {
            let mut last_rows = LastRows::new(rows);
            while let Some(message) = reader.next_message()? {
                progress.add(message.num_rows());
                last_rows.push_and_drop(message);
            }
            last_rows.into_batches().try_for_each(|message| writer.write_message(&message))?;
        }
        SignedCount::Plus(first_row) => {
            // Rows are counted from 1, as tail counts lines.
            let mut limit = Limit::new(first_row.saturating_sub(1), None);
            while let Some(message) = reader.next_message()? {
                progress.add(message.num_rows());
                writer.write_message(&limit.apply_to_message(message))?;
            }
        }
    }
    writer.finish()?;
    progress.finish();
    Ok(())
}

const DEFAULT_ROWS: SignedCount = SignedCount::Plain(10);

#[derive(Default)]
struct Options {
    rows: Option<SignedCount>,
}

const COMMAND: Command<Options> = Command {
    name: "stream-tail",
    role: Role::Transform,
    summary: "write the last rows of an Arrow stream",
    operands: "[FILE...]",
    description: "Reads Arrow IPC streams from files or standard input and writes their last rows \
                  (10 by default) once the input has ended. With +ROW, it writes everything from \
                  that row on, as it arrives; the first row is 1.

                  Several inputs, and several streams in one input, are read one after another as \
                  one stream; their schemas must be equal. A record batch that is written whole \
                  keeps its metadata.",
    options: &[&[option("limit", "write the last ROWS rows (default 10); +ROW: from that row on")
        .short('n')
        .details("-ROWS means the same as ROWS.")
        .value("ROWS", |options, value| store(&mut options.rows, value.signed_count()))]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::STREAMS)],
    memory: "The batches that hold the last ROWS rows, and one more; with +ROW, one batch.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "the last five rows of a file",
            line: "parquet-to-stream data.parquet | stream-tail -n 5 | stream-to-parquet -o \
                   five.parquet",
        },
        Example {
            purpose: "everything but the first row",
            line: "stream-tail -n +2 data.arrows -o most.arrows",
        },
    ],
};
