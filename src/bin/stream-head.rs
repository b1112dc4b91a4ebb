//! stream-head: write the first rows of an Arrow stream.

use arrow_pipes::Result;
use arrow_pipes::any_file::{AnyReader, Encoded};
use arrow_pipes::batch::LastRows;
use arrow_pipes::batch::limit::Limit;
use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, SignedCount, Take, Tool, option, store,
    suffixes,
};
use arrow_pipes::io::Output;
use arrow_pipes::stream::hint::Rows;
use arrow_pipes::stream::{Writer, pass_on};
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(head);

fn head(options: Options, common: Common) -> Result<()> {
    let (limit, held_back) = match options.rows.unwrap_or(DEFAULT_ROWS) {
        SignedCount::Plain(rows) | SignedCount::Plus(rows) => (Some(rows), 0),
        SignedCount::Minus(rows) => (None, rows),
    };
    let mut reader = AnyReader::open(&common.input, Encoded::Kept)?.passing_on();
    let output = Output::create(&common.output, &common.input.operands)?;
    let mut writer = Writer::create(output, reader.schema())?;
    let rows = limit.map_or(Rows::Counted, Rows::First);
    pass_on(&mut reader, &mut writer, &[], rows)?;
    let mut limit = Limit::new(0, limit);
    let mut last_rows = LastRows::new(held_back);
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    // Do not read a batch that is not needed: the producer may be slow, or endless.
    while !limit.is_done()
        && let Some(message) = reader.next_message()?
    {
        progress.add(message.num_rows());
        for message in last_rows.push(limit.apply_to_message(message)) {
            writer.write_message(&message)?;
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
    name: "stream-head",
    role: Role::Transform,
    summary: "write the first rows of an Arrow stream",
    operands: "[FILE...]",
    description:
        "Reads Arrow IPC streams from standard input or files and writes their first rows \
                  (10 by default). It stops reading as soon as it has them, so that upstream \
                  programs end early as well.

                  For a quick look, FILE may also be a Parquet file, delimited text or JSON, \
                  recognized by its content. parquet-to-stream(1), csv-to-stream(1) and \
                  json-to-stream(1) have the options for those formats.

                  Several inputs, and several streams in one input, are read one after another as \
                  one stream; their schemas must be equal. A record batch that is written whole \
                  keeps its metadata.",
    options: &[&[option(
        "limit",
        "write the first ROWS rows (default 10); -ROWS: all but the last",
    )
    .short('n')
    .details("With 0, only the schema is written and no batch is read.")
    .value("ROWS", |options, value| store(&mut options.rows, value.signed_count()))]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::TABLES)],
    memory: "One batch of the input; with -ROWS, the batches that hold the last ROWS rows.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "the first five rows of a file",
            line: "parquet-to-stream data.parquet | stream-head -n 5 | stream-to-parquet -o \
                   five.parquet",
        },
        Example {
            purpose: "the first rows, read from the file directly",
            line: "stream-head -n 5 data.parquet | stream-to-csv",
        },
        Example {
            purpose: "all but the last row",
            line: "stream-head -n -1 data.arrows -o most.arrows",
        },
    ],
};
