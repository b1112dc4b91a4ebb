//! stream-count: count the rows of an Arrow stream, in total or for each value.

use arrow_pipes::aggregate::RowCounts;
use arrow_pipes::any_file::{AnyReader, Encoded};
use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, SpillOptions, Spills, Take, Tool, option,
    store, suffixes,
};
use arrow_pipes::io::Output;
use arrow_pipes::stream::Writer;
use arrow_pipes::stream::hint::{Hint, Until};
use arrow_pipes::text_format::print::MeasuredTable;
use arrow_pipes::{Error, Result, schema};
use std::io::IoSlice;
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(count);

fn count(options: Options, spill: SpillOptions<Options>, common: Common) -> Result<()> {
    let Some(names) = &options.by else {
        if options.stream {
            return Err(Error::usage("--stream requires --by"));
        }
        return count_all(&common);
    };
    let mut reader = AnyReader::open(&common.input, Encoded::Kept)?;
    let columns = schema::locate_columns(reader.schema(), names).map_err(|e| e.with("--by"))?;
    reader.promise(Hint::of_columns(&columns), Until::End);
    reader.project(columns)?;
    reader.settle()?;
    if options.stream && names.iter().any(|name| name == RowCounts::ROWS) {
        return Err(Error::usage(
            "--by: column \"rows\" has the same name as the column of counts; rename it",
        ));
    }
    let memory_bytes = spill.memory_bytes();
    let mut counts = RowCounts::try_new(reader.schema(), memory_bytes, spill.temporary_directory)?;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    while let Some(message) = reader.next_message()? {
        counts.add(&message.batch)?;
        progress.add(message.num_rows());
    }
    // Free the reader's memory while groups are read back from temporary files.
    drop(reader);
    if options.stream {
        write_stream(counts, &common)?
    } else {
        write_table(counts, &common)?
    }
    progress.finish();
    Ok(())
}

/// Counts all rows from the headers alone.
fn count_all(common: &Common) -> Result<()> {
    let mut reader = AnyReader::open(&common.input, Encoded::Kept)?;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    reader.promise(Hint::of_columns(&[]), Until::End);
    let mut total = 0_u64;
    while let Some(rows) = reader.next_row_count()? {
        total = total
            .checked_add(rows)
            .ok_or_else(|| Error::failed("the inputs have more than 18446744073709551615 rows"))?;
        progress.add(rows as usize);
    }
    progress.finish();
    write_text(&format!("{total}\n"), common)
}

fn write_stream(counts: RowCounts, common: &Common) -> Result<()> {
    let output = Output::create(&common.output, &common.input.operands)?;
    let mut writer = Writer::create(output, counts.schema())?;
    let mut groups = counts.finish(&mut |_| Ok(()))?;
    while let Some(batch) = groups.next_batch()? {
        writer.write(&batch)?;
    }
    writer.finish()
}

fn write_table(counts: RowCounts, common: &Common) -> Result<()> {
    let mut table = MeasuredTable::new(counts.schema());
    let mut groups = counts.finish(&mut |batch| table.measure(batch))?;
    let mut output = Output::create_text(&common.output, &common.input.operands)?;
    output.write_gathered(&mut [IoSlice::new(table.head().as_bytes())])?;
    while let Some(batch) = groups.next_batch()? {
        let mut lines = String::new();
        table.append(&batch, &mut lines)?;
        output.write_gathered(&mut [IoSlice::new(lines.as_bytes())])?;
    }
    output.commit()
}

fn write_text(text: &str, common: &Common) -> Result<()> {
    let mut output = Output::create_text(&common.output, &common.input.operands)?;
    output.write_gathered(&mut [IoSlice::new(text.as_bytes())])?;
    output.commit()
}

#[derive(Default)]
struct Options {
    by: Option<Vec<String>>,
    stream: bool,
}

impl Spills for Options {
    const REST: &str = "With --by: values that do not fit are written to a temporary file.";
}

const COMMAND: Command<Options> = Command {
    name: "stream-count",
    role: Role::Inspect,
    summary: "count the rows of an Arrow stream, or the rows of each value",
    operands: "[FILE...]",
    description: "Reads Arrow IPC streams from standard input or files and prints how many rows \
                  they have in total. Only the headers of their messages are read, and of a file \
                  only the pages that hold them.

                  For a quick look, FILE may also be a Parquet file, whose footer has the number \
                  of rows, delimited text or JSON, recognized by its content. \
                  parquet-to-stream(1), csv-to-stream(1) and json-to-stream(1) have the options \
                  for those formats.

                  With --by COLUMNS, it prints a table of the distinct values of these columns and \
                  their numbers of rows, the largest first; values with equal numbers are in order \
                  of first appearance. Only these columns are decoded. They may be of any type. \
                  Nulls are values, NaN equals NaN, -0 equals 0, and dictionary-encoded and \
                  run-end encoded values equal the same plain values. Values are shown as in the \
                  tables of stream-print(1): a null is NULL, and text that could be mistaken for \
                  one is in double quotes.

                  An input that stops early or is damaged is an error, and nothing is printed.",
    options: &[&[
        option("by", "count the rows of each distinct value of COLUMNS")
            .details("Enclose a name that contains a comma in double quotes.")
            .completes(Complete::Columns(&[]))
            .value("COLUMNS", |options, value| store(&mut options.by, value.names())),
        option("stream", "with --by: write the table as an Arrow stream")
            .details(
                "It has the columns followed by rows, of type int64. Dictionary-encoded and \
                 run-end encoded values become plain.",
            )
            .switch(|options| options.stream = true),
    ]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::TABLES)],
    memory: "With --by, --memory (default 512 MiB) and a batch of the input: about 50 bytes plus \
             the length of its columns for each distinct value, and as much to sort them. Without \
             --by, memory does not depend on the input.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "how many rows pass?",
            line: "parquet-to-stream data.parquet | stream-filter 'id < 3' | stream-count",
        },
        Example { purpose: "how many rows does a file have?", line: "stream-count data.parquet" },
        Example {
            purpose: "the ids with the most rows",
            line: "parquet-to-stream data.parquet -c id | stream-count --by id | head -n 5",
        },
        Example {
            purpose: "the groups with fewer than a thousand rows",
            line: "stream-count --by group --stream data.arrows | stream-filter 'rows < 1000' -o \
                   small.arrows",
        },
    ],
};
