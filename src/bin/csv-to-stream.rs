//! csv-to-stream: read delimited text as an Arrow stream.

use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, Take, Tool, names, option, store, suffixes,
};
use arrow_pipes::io::Output;
use arrow_pipes::options::{
    BinaryText, Destination, Dialect, GivenColumns, Operand, OutputOptions, TextEncoding,
};
use arrow_pipes::stream::{Writer, given_columns};
use arrow_pipes::text_format::TemporalFormat;
use arrow_pipes::text_format::csv::{Forms, LineOptions, LongRows, ReadOptions, Reader, ShortRows};
use arrow_pipes::{Error, Result};
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(csv_to_stream);

fn csv_to_stream(
    options: Options,
    columns: GivenColumns,
    dialect: Dialect,
    binary: BinaryText,
    common: Common<OutputOptions, Vec<Operand>>,
) -> Result<()> {
    let (schema, types) = given_columns(&columns)?;
    let options = ReadOptions {
        dialect,
        encoding: options.encoding,
        lines: options.lines,
        forms: options.forms,
        binary,
        nulls: options.nulls,
        schema,
        types,
        infer_rows: columns.infer_rows,
        rejects: options.rejects.map(|file| OutputOptions {
            destination: file,
            no_sync: common.output.no_sync,
            ..OutputOptions::default()
        }),
    };
    let mut reader = Reader::open(&common.input, options)?;
    reader.take_notes().iter().for_each(|note| COMMAND.tell(note));
    let output = Output::create(&common.output, &common.input)?;
    let mut writer = Writer::create(output, reader.schema())?;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    while let Some(batch) = reader.next_batch()? {
        writer.write(&batch)?;
        progress.add(batch.num_rows());
    }
    // The end marker signals success, so the file of rejected records is finished first.
    let notes = reader.finish()?;
    writer.finish()?;
    notes.iter().for_each(|note| COMMAND.tell(note));
    progress.finish();
    Ok(())
}

fn comment(text: &str) -> Result<String> {
    if text.is_empty() || text.contains(['\r', '\n']) {
        return Err(Error::usage(
            "the start of a comment must not be empty or contain a line break",
        ));
    }
    Ok(text.to_owned())
}

#[derive(Default)]
struct Options {
    nulls: Vec<String>,
    encoding: TextEncoding,
    lines: LineOptions,
    forms: Forms,
    rejects: Option<Destination>,
}

const COMMAND: Command<Options> = Command {
    name: "csv-to-stream",
    role: Role::Input,
    summary: "read delimited text as an Arrow stream",
    operands: "[FILE...]",
    description: "Reads delimited text (RFC 4180) from files or standard input and writes its \
                  records as an Arrow IPC stream. Several files are read one after another as one \
                  stream; each has the same header. Input compressed with gzip, zstd, bzip2 or xz \
                  is decompressed.

                  Types are those of --schema. Without it, they are inferred from the first 2 MiB \
                  or 65,536 records of the first input, whichever is less (see --infer-rows): \
                  bool, int64 (uint64 if necessary), float64, date32, time64, timestamp (in UTC if \
                  values have an offset), or else utf8. Numbers that would not be written back the \
                  same way, such as 007 or +1, are text. In a column that was inferred as a \
                  number, a later 007 is an error; a column to which --types or --schema gives a \
                  number type reads it as 7. A value that does not fit its column is an error that \
                  names the line where its record begins, the column and the value; it is never \
                  changed, left out, or rounded (except that a number with a fraction or an \
                  exponent becomes the nearest float64).

                  A field may be in double quotes, and must be if it contains a delimiter, a quote \
                  (which is then doubled) or a line break. Lines end with LF or CRLF, or all of \
                  them with CR alone; a CR anywhere else must be quoted. Each line has as many \
                  fields as the header (see --short-rows, --long-rows). Empty lines are skipped, \
                  unless there is only one column: then each is an empty field. Duplicate names in \
                  the header are made unique: the second a becomes a_2, which is reported on \
                  standard error. The header must have the columns of --schema, in any order. \
                  Without a header (--no-header), they are those of --schema in its order, or else \
                  column_1, column_2 and so on. A field without quotes that is empty is null; in \
                  quotes it is empty text, or null in a column that is not text. Blanks around a \
                  number or a time are ignored.

                  Dates, times, durations and intervals are those of ISO 8601, and everything that \
                  stream-to-csv writes is read back exactly with its --schema. A timestamp without \
                  an offset is local time in the time zone of its column. Lists, structs and maps \
                  are JSON, and are never inferred: declare them with --schema or --types.

                  Lines from a slow producer are passed on as soon as they are complete and no \
                  others are waiting. Without --schema, the first ones are held until there are \
                  enough for inference.",
    options: &[&[
        option("null", "read unquoted TEXT as null (default: empty fields)")
            .details(
                "May be repeated; --null '' adds the empty field again. With another TEXT, an \
                 empty field is empty text.",
            )
            .each("TEXT", |options, value| {
                options.nulls.push(value.text()?);
                Ok(())
            }),
        option("skip-lines", "ignore the first N lines of each input")
            .details("Whatever they contain: a title, an address, an empty line.")
            .value("N", |options, value| store(&mut options.lines.skip, value.count())),
        option("comment", "ignore lines that begin with TEXT, such as '#'")
            .details("A line inside a quoted field is not a comment.")
            .value("TEXT", |options, value| {
                store(&mut options.lines.comment, value.try_map(comment))
            }),
        option("short-rows", "if fields are missing: error (default) or null")
            .details("null sets the missing fields to null.")
            .completes(Complete::Choices(|| names(ShortRows::WORDS)))
            .value("HOW", |options, value| {
                store(&mut options.lines.short_rows, value.one_of(ShortRows::WORDS))
            }),
        option("long-rows", "if there are extra fields: error (default) or drop")
            .details(
                "drop ignores the extra fields, and reports the number of such records on standard \
                 error.",
            )
            .completes(Complete::Choices(|| names(LongRows::WORDS)))
            .value("HOW", |options, value| {
                store(&mut options.lines.long_rows, value.one_of(LongRows::WORDS))
            }),
        option("rejects", "write unreadable records to FILE and continue")
            .details(
                "FILE is CSV with the columns input, line, reason and record, where record is the \
                 original text. The number of such records is reported on standard error, and the \
                 exit status is 0. Types are inferred as usual: text in the sample makes its \
                 column utf8, so declare the types of columns that matter.",
            )
            .completes(Complete::Files(suffixes::ANY))
            .value("FILE", |options, value| {
                let file = value.destination()?;
                if file == Destination::Stdout {
                    return Err(Error::usage(
                        "--rejects cannot be standard output, which carries the stream \
                         (try /dev/stderr)",
                    ));
                }
                options.rejects = Some(file);
                Ok(())
            }),
        option("encoding", "decode input as utf-8 (default), latin1, windows-1252 or utf-16")
            .details(
                "utf-16 takes the byte order from the byte order mark; utf-16le and utf-16be need \
                 none. UTF-16 with a byte order mark is recognized without this option.",
            )
            .completes(Complete::Choices(|| names(TextEncoding::WORDS)))
            .value("NAME", |options, value| {
                store(&mut options.encoding, value.one_of(TextEncoding::WORDS))
            }),
        option("decimal-comma", "read 1.234,5 as 1234.5")
            .details(
                "Numbers have a comma before the fraction, and may have points between groups of \
                 three digits. A number with one point and no comma, such as 1.234, is ambiguous \
                 and is not accepted.",
            )
            .switch(|options| options.forms.decimal_comma = true),
        option("date-format", "parse dates with PATTERN, such as '%d.%m.%Y' (default ISO 8601)")
            .details(
                "A strftime pattern for all date columns. %Y is a year of four digits, %y of two, \
                 %b the English name of a month.",
            )
            .value("PATTERN", |options, value| {
                store(&mut options.forms.date, value.try_map(TemporalFormat::parse))
            }),
        option(
            "timestamp-format",
            "parse timestamps with PATTERN, such as '%m/%d/%Y %H:%M' (default ISO 8601)",
        )
        .details("A strftime pattern for all timestamp columns. %z is an offset from UTC.")
        .value("PATTERN", |options, value| {
            store(&mut options.forms.timestamp, value.try_map(TemporalFormat::parse))
        }),
    ]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::DELIMITED)],
    memory: "2 MiB of text, the positions of its fields (8 bytes each) and one batch of at most \
             65,536 rows. A longer record takes twice its size; one beyond 256 MiB is an error.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "delimited text as a Parquet file",
            line: "stream-to-csv data.arrows | csv-to-stream | stream-to-parquet -o \
                   from-text.parquet",
        },
        Example {
            purpose: "an exact type, another delimiter, and a word for null",
            line: "printf 'id;price\\n1;9.90\\n2;NA\\n' | csv-to-stream -d ';' --null NA --types \
                   'price decimal(9, 2)' >p.arrows",
        },
        Example {
            purpose: "a bank's export: a title, semicolons, decimal commas, Latin-1",
            line: "printf 'Konto 4711\\nText;Betrag\\nGeb\\374hr;-1.234,50\\n' | csv-to-stream \
                   --skip-lines 1 -d ';' --decimal-comma --encoding latin1 | stream-print",
        },
        Example {
            purpose: "dates in a format other than ISO 8601, and comments",
            line: "printf '# as of today\\nday\\n29.02.2024\\n' | csv-to-stream --comment '#' \
                   --date-format %d.%m.%Y | stream-print",
        },
        Example {
            purpose: "continue after records that cannot be read, and look at them later",
            line: "printf 'id,price\\n1,9.90\\n2,n/a\\n' | csv-to-stream --types 'price float64' \
                   --rejects bad.csv -o good.arrows",
        },
    ],
};
