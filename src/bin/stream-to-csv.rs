//! stream-to-csv: write an Arrow stream as delimited text.

use arrow_pipes::Result;
use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, Take, TextOutput, Tool, option, store,
    suffixes,
};
use arrow_pipes::io::Output;
use arrow_pipes::options::{BinaryText, Dialect};
use arrow_pipes::stream::Reader;
use arrow_pipes::stream::hint::{Hint, Until};
use arrow_pipes::text_format::csv::{WriteOptions, Writer};
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(stream_to_csv);

fn stream_to_csv(
    options: Options,
    dialect: Dialect,
    binary: BinaryText,
    common: Common<TextOutput>,
) -> Result<()> {
    let options = WriteOptions { dialect, null: options.null, binary };
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

#[derive(Default)]
struct Options {
    null: String,
}

const COMMAND: Command<Options> = Command {
    name: "stream-to-csv",
    role: Role::Output,
    summary: "write an Arrow stream as delimited text",
    operands: "[FILE...]",
    description:
        "Reads Arrow IPC streams from files or standard input and writes a header and one \
                  line per row, as described in RFC 4180 except that lines end with LF. Several \
                  inputs are read one after another as one stream; their schemas must be equal.

                  A field is quoted only if it contains a delimiter, a quote (which is then \
                  doubled) or a line break, or if it is text that would be read as null. A null is \
                  an empty field without quotes, or the TEXT of --null. Empty text is \"\" or, \
                  with --null, an empty field. With --null '\\N', most other programs can tell the \
                  two apart as well.

                  Every value is exact, and csv-to-stream reads it back with the same --schema and \
                  --null: integers and decimals have all their digits, floats as many as \
                  distinguish them from others (and NaN, inf, -inf). Dates (2024-02-29), times \
                  (12:30:00.5) and timestamps (2024-02-29T12:30:00.5Z, with the offset of their \
                  time zone, or without one if they have none) are written as in ISO 8601, and so \
                  are durations (PT1.5S) and intervals (P1M-2DT0.5S). Dictionary-encoded and \
                  run-end encoded values are written as plain values; lists, structs and maps as \
                  JSON. A union is an error.

                  Text has no end marker: only the exit status shows whether it is complete. A \
                  file named by -o appears only when it is complete.",
    options: &[&[option("null", "write TEXT for null instead of nothing")
        .details("Text that is equal to it is quoted.")
        .value("TEXT", |options, value| store(&mut options.null, value.text()))]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::STREAMS)],
    memory: "A batch of the input, and 1 MiB of text or the text of one row.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "a few rows of a Parquet file, to look at",
            line: "parquet-to-stream -n 3 data.parquet | stream-to-csv",
        },
        Example {
            purpose: "tab-separated, with nulls that cannot be confused with text",
            line: "stream-to-csv -d '\\t' --null '\\N' -o data.tsv data.arrows",
        },
    ],
};
