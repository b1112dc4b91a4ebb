//! csv-to-stream: read delimited text as an Arrow stream.

use arrow_pipes::command::{Command, Common, Example, Flag, OUTPUT, PROGRESS, Progress, Set, Take};
use arrow_pipes::io::Output;
use arrow_pipes::schema::parse_schema;
use arrow_pipes::stream::{Writer, given_schema};
use arrow_pipes::text_format::BinaryText;
use arrow_pipes::text_format::csv::{Dialect, ReadOptions, Reader};
use arrow_pipes::{Error, Result};
use std::process::ExitCode;

fn main() -> ExitCode {
    COMMAND.main(csv_to_stream)
}

fn csv_to_stream(options: ReadOptions, common: Common) -> Result<()> {
    if options.schema.is_some() && options.types.is_some() {
        return Err(Error::usage("--types adds to what is inferred, and --schema leaves nothing"));
    }
    let mut reader = Reader::open(&common.input.operands, options)?;
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

const COMMAND: Command<ReadOptions> = Command {
    name: "csv-to-stream",
    summary: "read delimited text as an Arrow stream",
    operands: "[FILE...]",
    description: "Reads delimited text in UTF-8 (RFC 4180) from the files, or from standard input, and writes \
                  its records as an Arrow IPC stream. Several files are read one after another as one \
                  stream; each has the same header.

                  The types are those of --schema. Without it they are concluded from the first 2 MiB or \
                  65,536 records of the first input, whichever is less: bool, int64 (uint64 where it takes \
                  that), float64, date32, time64, timestamp (in UTC where values have an offset), \
                  else utf8. Numbers in a form that would not come back, such as 007, are text. A value \
                  that does not fit its column is an error that names the line in which its record \
                  begins, the column and the value; it is never changed, rounded (but to the nearest float64) or left out.

                  A field may stand in double quotes, and must if it holds a delimiter, a quote (which is doubled then) \
                  or a line end. Lines end with LF or CRLF. Each has as many fields as the header; empty \
                  lines are passed over, unless there is but one column: there each is an empty \
                  field. A field without quotes that is empty is null; in quotes it is an empty text, \
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
            long: "schema",
            summary: "all columns: FILE, or 'id int64, name utf8'",
            details: "Columns are parted by commas or line ends; -- begins a comment; not null \
                      refuses nulls. Types are as Arrow writes them: timestamp[us, UTC], decimal128(12, 2), \
                      dictionary<int32, utf8>; SQL's names go too. A name that is no plain word stands in \
                      double quotes. The header has to name the same columns, in any order. FILE holds \
                      such a text, or is an Arrow stream or file, whose schema it is then.",
            set: Set::Value("SCHEMA", |options, value| {
                options.schema = Some(value.try_map(given_schema)?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "types",
            summary: "the types of some columns: 'zip utf8, price decimal(9, 2)'",
            details: "The others are concluded. Written as in --schema.",
            set: Set::Value("COLUMNS", |options, value| {
                options.types = Some(value.try_map(parse_schema)?);
                Ok(())
            }),
        },
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
        Flag {
            short: Some('d'),
            long: "delimiter",
            summary: "what parts the fields: one character, or \\t; the comma by default",
            details: "",
            set: Set::Value("CHARACTER", |options, value| {
                options.dialect.delimiter = value.try_map(Dialect::parse_delimiter)?;
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "quote",
            summary: "what quotes a field: one character, or none",
            details: "With none a double quote is a character like others.",
            set: Set::Value("CHARACTER", |options, value| {
                options.dialect.quote = value.try_map(Dialect::parse_quote)?;
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "no-header",
            summary: "the first line is data; columns are column_1, column_2, ...",
            details: "Or as --schema names them, in their order.",
            set: Set::Switch(|options| options.dialect.header = false),
        },
        Flag {
            short: None,
            long: "binary",
            summary: "read bytes as base64 (the default) or hex",
            details: "",
            set: Set::Value("HOW", |options, value| {
                options.dialect.binary = value.one_of(BinaryText::WORDS)?;
                Ok(())
            }),
        },
    ],
    shared: &[OUTPUT, PROGRESS],
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
