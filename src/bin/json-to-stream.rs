//! json-to-stream: read JSON text into an Arrow stream.

use arrow_pipes::Result;
use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, Take, Tool, option, suffixes,
};
use arrow_pipes::io::Output;
use arrow_pipes::options::{BinaryText, GivenColumns, Operand, OutputOptions};
use arrow_pipes::stream::{Writer, given_columns};
use arrow_pipes::text_format::json::{ReadOptions, Reader};
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(to_stream);

fn to_stream(
    options: Options,
    columns: GivenColumns,
    binary: BinaryText,
    common: Common<OutputOptions, Vec<Operand>>,
) -> Result<()> {
    let (schema, types) = given_columns(&columns)?;
    let options = ReadOptions {
        schema,
        types,
        infer_rows: columns.infer_rows,
        binary,
        ignore_unknown: options.ignore_unknown,
        allow_nan: options.allow_nan,
    };
    let mut reader = Reader::open(&common.input, &options)?;
    let output = Output::create(&common.output, &common.input)?;
    let mut writer = Writer::create(output, reader.schema())?;
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
    ignore_unknown: bool,
    allow_nan: bool,
}

const COMMAND: Command<Options> = Command {
    name: "json-to-stream",
    role: Role::Input,
    summary: "read JSON, one object after another or an array, into an Arrow stream",
    operands: "[FILE...]",
    description: "Reads JSON from files or standard input: one object per line (JSON Lines, \
                  NDJSON), several objects on a line, objects formatted over several lines as by \
                  jq, objects after record separators (RFC 7464), or an array of objects, which is \
                  read element by element. Blank lines are ignored. Several inputs are read one \
                  after another as one. Input compressed with gzip, zstd, bzip2 or xz is \
                  decompressed.

                  Without --schema, the columns and their types are inferred from the first 65,536 \
                  rows or the first 8 MiB of text, whichever is less, which are kept and read \
                  again; --infer-rows all reads the whole input first. Integers become int64 \
                  (uint64 or decimal128(20, 0) if necessary), numbers of which some have a \
                  fraction or an exponent float64 (the nearest to each; an integer that float64 \
                  lacks is an error), true and false bool, \
                  objects structs, arrays lists. Strings become utf8, even if they look like dates \
                  or numbers: --types gives them other types, and adds columns that the sample \
                  lacks. If a column has values of different kinds, or integers beyond 64 bits, it \
                  becomes utf8. A column that is null in all rows has the type null. Objects in a \
                  column that have more than 200 keys together, and less than a tenth of them on \
                  average, become a map. Rows that are such objects are an error: name the columns \
                  with --schema.

                  A key that an object lacks is null there. A key without a column is an error \
                  (see --ignore-unknown), and so is a duplicate key.

                  A value that does not fit its column is an error that names the line, the column \
                  and the value. Integers and decimals are exact: too many digits are an error, \
                  never rounded. Strings are accepted for every type whose text form they contain: \
                  numbers (\"12.5\", \"NaN\"), dates, times and timestamps as in ISO 8601, \
                  durations (PT1.5S, or a number in their unit), intervals (P1M-2DT0.5S), bytes \
                  (see --binary). In a column of an inferred type, a string such as \"007\" is an \
                  error, because the number would not be written back the same way. A text column \
                  accepts every value: values that are not strings are stored as their JSON text. \
                  A map is an object or, if its keys are not text, an array of {\"key\": ..., \
                  \"value\": ...}. With the schema of a stream, everything that stream-to-json(1) \
                  wrote is read back exactly.

                  Objects from a slow producer are passed on as soon as they are complete and no \
                  others are waiting. Without --schema, the first ones are held until there are \
                  enough for inference.

                  JSON has no end marker: a producer that died between two lines looks like one \
                  that finished (set -o pipefail makes the shell report it). An array that is not \
                  closed is an error.",
    options: &[&[
        option("ignore-unknown", "ignore keys that have no column")
            .details("At the top level and in structs.")
            .switch(|options| options.ignore_unknown = true),
        option("allow-nan", "read NaN, Infinity and -Infinity as numbers")
            .details("JSON has no such numbers, but Python's json.dumps and others write them.")
            .switch(|options| options.allow_nan = true),
    ]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::JSON)],
    memory: "One batch (4 MiB of text, or 65,536 rows), the longest object (256 MiB at most), and \
             the sample for type inference.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "JSON lines to Parquet",
            line: "stream-to-json data.arrows | json-to-stream | stream-to-parquet -o back.parquet",
        },
        Example {
            purpose: "with types that JSON does not have",
            line: "echo '{\"at\":\"2024-02-29T12:30:00Z\",\"price\":12.50}' | json-to-stream \
                   --schema 'at timestamp[us, UTC], price decimal128(12, 2)' | stream-print",
        },
    ],
};
