//! csv-to-stream: read delimited text as an Arrow stream.

use arrow_pipes::Result;
use arrow_pipes::command::{
    BINARY_TEXT, Command, Common, DIALECT, Example, Flag, OUTPUT, PROGRESS, Progress, Set,
    TEXT_COLUMNS, Take,
};
use arrow_pipes::io::Output;
use arrow_pipes::stream::{Writer, given_columns};
use arrow_pipes::text_format::csv::{ReadOptions, Reader};
use std::process::ExitCode;

fn main() -> ExitCode {
    COMMAND.main(csv_to_stream)
}

fn csv_to_stream(options: Options, common: Common) -> Result<()> {
    let (schema, types) = given_columns(&common.given_columns)?;
    let (dialect, binary) = (common.dialect, common.binary_text);
    let options = ReadOptions { dialect, binary, nulls: options.nulls, schema, types };
    let mut reader = Reader::open(&common.input.operands, options)?;
    reader.take_notes().iter().for_each(|note| COMMAND.tell(note));
    let output = Output::create(&common.output, &common.input.operands)?;
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
    nulls: Vec<String>,
}

const COMMAND: Command<Options> = Command {
    name: "csv-to-stream",
    summary: "read delimited text as an Arrow stream",
    operands: "[FILE...]",
    description: "Reads delimited text in UTF-8 (RFC 4180) from the files, or from standard input, and writes \
                  its records as an Arrow IPC stream. Several files are read one after another as one \
                  stream; each has the same header. Input that is compressed with gzip, zstd, bzip2 or xz is decompressed.

                  The types are those of --schema. Without it they are concluded from the first 2 MiB or \
                  65,536 records of the first input, whichever is less: bool, int64 (uint64 where it takes \
                  that), float64, date32, time64, timestamp (in UTC where values have an offset), \
                  else utf8. Numbers in a form that would not come back, such as 007 or +1, are text. In a column that was \
                  inferred to hold numbers, a later 007 is an error; a column to which --types or --schema gives \
                  a number type reads it as 7. A value \
                  that does not fit its column is an error that names the line in which its record \
                  begins, the column and the value; it is never changed, rounded (but to the nearest float64) or left out.

                  A field may stand in double quotes, and must if it holds a delimiter, a quote (which is doubled then) \
                  or a line end. Lines end with LF or CRLF, or all of them with CR alone; a CR \
                  elsewhere has to be quoted. Each has as many fields as the header; empty \
                  lines are passed over, unless there is but one column: there each is an empty \
                  field. A name that the header repeats becomes unique: the second a is a_2, \
                  which is reported on standard error. The header has to name the columns of --schema, in any order; without one \
                  (--no-header) they are those of --schema in their order, else column_1, column_2 and so on. A field without quotes that is empty is null; in quotes it is an empty text, \
                  or null in a column that is not text. Blanks around a number or a time are no part of it.

                  Dates, times, durations and intervals are those of ISO 8601, and what stream-to-csv \
                  writes of any column comes back exactly with its --schema. A timestamp without an \
                  offset is local time in the zone of its column. Lists, \
                  structs and maps are JSON, and are never concluded: --schema or --types names them.

                  A slow producer's lines are passed on when they are whole and no others wait. Without \
                  --schema the first ones wait until there are enough to conclude from.",
    options: &[
        Flag {
            short: None,
            long: "null",
            summary: "take an unquoted TEXT for null, instead of an empty field",
            details: "May be given several times; --null '' adds the empty field again. With another \
                      TEXT an empty field is an empty text.",
            set: Set::Each("TEXT", |options, value| {
                options.nulls.push(value.text()?);
                Ok(())
            }),
        },
    ],
    shared: &[TEXT_COLUMNS, DIALECT, BINARY_TEXT, OUTPUT, PROGRESS],
    take: Take::Inputs,
    memory: "2 MiB of text, the places of its fields (8 bytes each) and one batch of at most 65,536 rows. \
             A longer record takes twice its size; one beyond 256 MiB is an error.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "delimited text as a Parquet file",
            line: "stream-to-csv data.arrows | csv-to-stream | stream-to-parquet -o from-text.parquet",
        },
        Example {
            purpose: "an exact type, another delimiter, and a word for null",
            line: "printf 'id;price\\n1;9.90\\n2;NA\\n' | csv-to-stream -d ';' --null NA --types 'price decimal(9, 2)' >p.arrows",
        },
    ],
};
