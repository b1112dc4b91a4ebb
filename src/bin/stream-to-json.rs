//! stream-to-json: write an Arrow stream as JSON text.

use arrow_pipes::Result;
use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, Take, TextOutput, Tool, names, option,
    store, suffixes,
};
use arrow_pipes::io::Output;
use arrow_pipes::options::BinaryText;
use arrow_pipes::stream::Reader;
use arrow_pipes::stream::hint::{Hint, Until};
use arrow_pipes::text_format::json::{NotFinite, WriteOptions, Writer};
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(to_json);

fn to_json(options: WriteOptions, binary: BinaryText, common: Common<TextOutput>) -> Result<()> {
    let options = WriteOptions { binary, ..options };
    let mut reader = Reader::open_values(&common.input)?;
    reader.promise(Hint::of_plain_values(), Until::End);
    let output = Output::create_text(&common.output.0, &common.input.operands)?;
    let mut writer = Writer::create(output, reader.schema(), &options)?;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    while let Some(batch) = reader.next_batch()? {
        writer.write(&batch)?;
        progress.add(batch.num_rows());
    }
    writer.finish()?;
    progress.finish();
    Ok(())
}

const COMMAND: Command<WriteOptions> = Command {
    name: "stream-to-json",
    role: Role::Output,
    summary: "write an Arrow stream as JSON, one object per line",
    operands: "[FILE...]",
    description: "Reads Arrow IPC streams from files or standard input and writes each row as a \
                  JSON object on its own line, with keys in the order of the columns. A null is \
                  written as null, never left out. Several inputs are read one after another as \
                  one stream; their schemas must be equal.

                  Every value is exact, and json-to-stream --schema reads it back: integers and \
                  decimals are numbers with all their digits, floats have as many as distinguish \
                  them from others of their width. Text is a string. Dates (2024-02-29), times \
                  (12:30:00.5) and timestamps (2024-02-29T12:30:00.5Z, with the offset of their \
                  time zone, or without one if they have none) are written as in ISO 8601, and so \
                  are durations (PT1.5S, always in seconds) and intervals (P1M-2DT0.5S: months, \
                  days, seconds, each with its own sign). Structs and maps are objects, lists are \
                  arrays; a map whose keys are not text is an array of {\"key\": ..., \"value\": \
                  ...}. Dictionaries, views and run-end encoded values are written as plain \
                  values.

                  Duplicate column names and unions are errors.

                  Readers that store numbers as 64-bit floats (JavaScript, jq) lose digits of \
                  integers beyond 2^53 and of decimals: cast such columns to text with \
                  stream-select.

                  JSON has no end marker: only the exit status shows whether it is complete. A \
                  file named by -o appears only when it is complete.",
    options: &[&[
        option("array", "write one array of all objects")
            .details("It is written row by row, and is not closed after a failure.")
            .switch(|options| options.array = true),
        option("nan", "write NaN and infinities as null or string")
            .details(
                "JSON has no such numbers: by default they are an error that names the column and \
                 the row. string writes \"NaN\", \"Infinity\" and \"-Infinity\", which \
                 json-to-stream accepts for float columns.",
            )
            .completes(Complete::Choices(|| names(NotFinite::WORDS)))
            .value("HOW", |options, value| {
                store(&mut options.not_finite, value.one_of(NotFinite::WORDS))
            }),
    ]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::STREAMS)],
    memory: "A batch of the input, and 1 MiB of text or the text of one row.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "a few rows of a Parquet file, to look at",
            line: "parquet-to-stream -n 3 data.parquet | stream-to-json",
        },
        Example {
            purpose: "one array in a file",
            line: "stream-to-json --array -o data.json data.arrows",
        },
    ],
};
