//! file-inspect: what is in these Parquet files, Arrow files, streams?

use arrow_pipes::command::{Command, Common, Example, Flag, OUTPUT, Set, Take};
use arrow_pipes::dataset;
use arrow_pipes::endpoint::{Operand, OutputOptions};
use arrow_pipes::inspect::tables::Show;
use arrow_pipes::inspect::{Answer, Answers, Counted, Form, Probe, View, batches};
use arrow_pipes::io::Output;
use arrow_pipes::parquet_file::KeyFile;
use arrow_pipes::stream::Writer;
use arrow_pipes::{Error, Result};
use std::io::IoSlice;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    COMMAND.main(inspect)
}

fn inspect(options: Options, common: Common) -> Result<()> {
    let view = options.view(terminal_width())?;
    let warning = options.keys.as_ref().and_then(KeyFile::warning);
    warning.into_iter().for_each(|warning| COMMAND.tell(warning));
    let mut failure = None;
    let mut note = |error| {
        // The last failure is told by main, which sets the exit status after it.
        if let Some(earlier) = failure.replace(error) {
            COMMAND.report(&earlier);
        }
    };
    let mut operands = Vec::new();
    for operand in &common.input.operands {
        dataset::files(operand).map_or_else(&mut note, |files| operands.extend(files));
    }
    let mut sink = Sink::create(&view, common.output, &operands)?;
    for answer in Answers::new(view, &operands, options.keys.as_ref()) {
        match answer {
            Ok(answer) => sink.put(answer)?,
            Err(error) => note(error),
        }
    }
    match failure {
        // What was shown stays shown, but neither a stream nor a file is made whole.
        Some(error) => Err(error),
        None => sink.finish(),
    }
}

#[expect(clippy::large_enum_variant, reason = "a process has one")]
enum Sink {
    Lines(Output),
    Batches(Writer),
}

impl Sink {
    fn create(view: &View, options: OutputOptions, operands: &[Operand]) -> Result<Self> {
        let schema = match view {
            View::Rows(show, Form::Stream) => batches::schema(*show),
            View::Probe(_, Form::Stream) => batches::probe_schema(),
            _ => return Output::create_text(&options, operands).map(Self::Lines),
        };
        let output = Output::create(&options, operands)?;
        Writer::create(output, &schema).map(Self::Batches)
    }

    fn put(&mut self, answer: Answer) -> Result<()> {
        match (self, answer) {
            (Self::Batches(writer), Answer::Batch(batch)) => writer.write(&batch),
            (Self::Lines(output), Answer::Lines(lines)) => {
                let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
                // Writing nothing would look like an output that takes nothing.
                match text.is_empty() {
                    true => Ok(()),
                    false => output.write_gathered(&mut [IoSlice::new(text.as_bytes())]),
                }
            }
            _ => Ok(()),
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Lines(output) => output.commit(),
            Self::Batches(writer) => writer.finish(),
        }
    }
}

/// Tables are cut to fit a terminal, and only there.
fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

#[derive(Default)]
struct Options {
    show: Option<Show>,
    count: Option<Counted>,
    total: bool,
    probe: Option<Probe>,
    json: bool,
    stream: bool,
    keys: Option<KeyFile>,
}

impl Options {
    fn view(&self, width: Option<usize>) -> Result<View> {
        let show = self.show.unwrap_or(Show::Files);
        if self.total && self.count.is_none() {
            return Err(Error::usage("--total goes with --count"));
        }
        if let Some(probe) = &self.probe {
            return match (self.show, self.count) {
                (None, None) => self.form(width).map(|form| View::Probe(probe.clone(), form)),
                _ => Err(Error::usage("--bloom-probe cannot be combined with --show or --count")),
            };
        }
        match (self.count, self.json, self.stream) {
            (Some(counted), false, false) if self.show.is_none() => {
                Ok(View::Count { counted, total: self.total })
            }
            (Some(_), _, _) => Err(Error::usage(
                "--count prints a number: it goes with none of --show, --json and --stream",
            )),
            (None, true, false) if self.show.is_none() => Ok(View::Everything),
            (None, _, _) => self.form(width).map(|form| View::Rows(show, form)),
        }
    }

    fn form(&self, width: Option<usize>) -> Result<Form> {
        match (self.json, self.stream) {
            (true, true) => {
                Err(Error::usage("--json and --stream are two forms of the same: choose one"))
            }
            (true, false) => Ok(Form::Json),
            (false, true) => Ok(Form::Stream),
            (false, false) => Ok(Form::Text { width }),
        }
    }
}

const COMMAND: Command<Options> = Command {
    name: "file-inspect",
    summary: "show what is in Parquet files, Arrow files and Arrow streams",
    operands: "[FILE|DIRECTORY|PATTERN...]",
    description: "Tells the three formats apart by content and shows a line per file: path, format, rows, \
                  row groups (or record batches), columns, bytes, codec; of several files, their totals in a \
                  last line. A ! at the end marks a file that \
                  somebody should look at, and a line below the table says why: row groups so small that \
                  they are slow to read (under 10,000 rows on average, unless a column has 1 MiB in each \
                  of them), or a stream without an end marker.

                  Of a Parquet or Arrow file only the footer and the headers it points to are read, of \
                  a stream only the message headers. Statistics are those of the footer, over all row \
                  groups; - stands for what is not known or cannot be trusted. A line below the table \
                  names the columns whose statistics are ignored although the file states them: a \
                  minimum above its maximum, a bound of a wrong length, a known bug of the writer. \
                  A > before a minimum or a < before a maximum marks a bound that the writer shortened. \
                  Bytes are what a column takes in the file, ratio is how many times smaller \
                  compression makes it.

                  Types have the names that the format gives them, and the heading says which: Parquet's, such \
                  as string and decimal(7, 2), or Arrow's, such as utf8 and decimal128(7, 2).

                  A directory stands for all files below it, a pattern for those that it means, as with \
                  parquet-to-stream. \
                  A file that cannot be read is told on standard error, the others are still shown, and \
                  the exit status is 1. A Parquet or Arrow file that comes through a pipe is first kept in a \
                  temporary file, since its footer comes last. On a terminal long cells are shortened to its width; on a narrow one the columns that tell \
                  least are left out and named below.

                  With --stream each view has these columns, whatever the files are: null where a format \
                  does not say, all numbers int64, the others text but for end_marker, checksum, \
                  is_min_value_exact, is_max_value_exact and may_contain, which are true or false. Bytes \
                  are those in the file.

                  files: path, format, rows, row_groups, record_batches, columns, bytes, codec, \
                  footer_bytes, bloom_filters and page_indexes (how many column chunks have one), \
                  bloom_filter_bytes, page_index_bytes, dictionaries, end_marker, created_by, warnings.

                  row-groups: path, row_group (or record batch, counted from 0), rows, bytes, \
                  uncompressed_bytes, codec, bloom_filter_bytes, page_index_bytes, file_path (of the \
                  other file that holds the row group, as in a _metadata file).

                  columns: path, column_name, type, encodings, codec, values, nulls, bytes, \
                  uncompressed_bytes, min, max, bloom_filters, bloom_filter_bytes, page_indexes, \
                  page_index_bytes, is_min_value_exact, is_max_value_exact (false if the writer shortened \
                  the bound, null if the file does not say), bounds_ignored, nulls_ignored (why a stated \
                  statistic is null here: order, inverted, length, count, index, or where the bug of the \
                  writer is described).

                  pages: path, row_group, column_name, page (counted from 0 in its column chunk), kind \
                  (dictionary, data, data-v2, index, unknown), encoding, codec, rows, values, nulls, file_offset (of \
                  the header in the file), header_bytes, bytes, uncompressed_bytes, checksum, min, max, \
                  is_min_value_exact, is_max_value_exact, bounds_ignored, nulls_ignored, trailing_bytes \
                  (after the last page of a column chunk, if they are no page).

                  dictionary: path, row_group, column_name, type, entries, values (that refer to it), bytes, \
                  uncompressed_bytes, chunk_bytes (of the whole column chunk), entry (counted from 0), \
                  entry_bytes, value. A row for each entry.

                  --bloom-probe: path, row_group, column_name, value, rows, filter_bytes, may_contain.

                  schema: path, field (by dotted path), type, occurs, metadata (a JSON object).

                  metadata: path, key, value; without what stands in parentheses.",
    options: &[
        Flag {
            short: None,
            long: "show",
            summary: "files, row-groups, columns, pages, dictionary, schema or metadata",
            details: "files, the default: a line per file. row-groups: a line per row group or record batch, \
                      with a bar for its share of the largest. columns: type, encodings, codec, sizes, nulls, \
                      minimum and maximum, nested columns by dotted path; index is what the page index \
                      takes, bloom what bloom filters take. pages: the pages of Parquet files, from their \
                      headers and the page index, without decompressing any. dictionary: the dictionary \
                      pages of Parquet files: entries, bytes, their share of the column chunk, the longest \
                      entry, how many values refer to an entry, the first entries; all entries with --json \
                      or --stream. schema: all fields, nested ones \
                      indented. metadata: what the writer left, after what the format says of itself in \
                      parentheses.",
            set: Set::Value("WHAT", |options, value| {
                options.show = Some(value.one_of(&[
                    ("files", Show::Files),
                    ("row-groups", Show::RowGroups),
                    ("columns", Show::Columns),
                    ("pages", Show::Pages),
                    ("dictionary", Show::Dictionary),
                    ("schema", Show::Schema),
                    ("metadata", Show::Metadata),
                ])?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "count",
            summary: "print only how many row-groups, rows, batches, columns or bytes",
            details: "The number alone for one file, \"path: number\" for several. Columns are those at the \
                      top of the schema; bytes are the size of the file. The footer of a Parquet file is \
                      then only walked through: its structure is checked to the last byte, and that each \
                      row group has its columns, rows and sizes, but not names, encodings and statistics, \
                      which no count needs. A stream without its end marker \
                      has no number and is an error.",
            set: Set::Value("WHAT", |options, value| {
                options.count = Some(value.one_of(&[
                    ("row-groups", Counted::RowGroups),
                    ("rows", Counted::Rows),
                    ("batches", Counted::Batches),
                    ("columns", Counted::Columns),
                    ("bytes", Counted::Bytes),
                ])?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "total",
            summary: "with --count: print the sum of all files in a last line",
            details: "As \"total: number\". A file that cannot be read is no part of it.",
            set: Set::Switch(|options| options.total = true),
        },
        Flag {
            short: None,
            long: "bloom-probe",
            summary: "show which row groups may contain a value, by their bloom filters",
            details: "The column is a stored column by dotted path, as in --show columns; the value is \
                      written as its type is shown: 2024-02-29, 1.50, 0x00ff for bytes. No means that the \
                      value is certainly not in the row group, yes that it may be; - stands for a row \
                      group without a filter. A file in which no row group has a filter of the column is \
                      an error.",
            set: Set::Value("COLUMN=VALUE", |options, value| {
                options.probe = Some(Probe::parse(&value.text()?)?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "json",
            summary: "print all of it as a JSON object per file, one per line",
            details: "Integers keep all their digits. Decimals, dates and times are strings, bytes are \
                      strings in hexadecimal (0x...), what is not known is null. With --show there is an \
                      object for each line of that view instead, with the names of --stream.",
            set: Set::Switch(|options| options.json = true),
        },
        Flag {
            short: None,
            long: "stream",
            summary: "write what --show shows as an Arrow stream",
            details: "A row for each line, of all files one after another; the columns are those listed \
                      above. After a file that cannot be read the others still come, but the stream has \
                      no end marker.",
            set: Set::Switch(|options| options.stream = true),
        },
        Flag {
            short: None,
            long: "key-file",
            summary: "read the keys of encrypted Parquet files from FILE",
            details: "In the form that parquet-to-stream --key-file takes. A column whose key is missing \
                      is shown without its numbers, with a warning.",
            set: Set::Value("FILE", |options, value| {
                options.keys = Some(KeyFile::read(Path::new(&value.raw()))?);
                Ok(())
            }),
        },
    ],
    shared: &[OUTPUT],
    take: Take::Inputs,
    memory: "What a footer says of each row group and column of one file at a time; of a stream, a few \
             bytes per record batch; of pages, the page index of one column chunk and 4096 pages; of \
             dictionaries, the largest of them. The \
             table of files keeps a line for each.",
    statuses: &[],
    examples: &[
        Example { purpose: "what is in these files?", line: "file-inspect january.parquet data.arrows" },
        Example {
            purpose: "the range of each column",
            line: "file-inspect --show columns data.parquet",
        },
        Example {
            purpose: "which row groups are small, in any number of files?",
            line: "file-inspect --show row-groups --stream *.parquet | stream-filter 'rows < 10000' >small.arrows",
        },
        Example {
            purpose: "what makes a column large?",
            line: "file-inspect --show dictionary data.parquet",
        },
        Example {
            purpose: "how many rows do all these files have?",
            line: "file-inspect --count rows --total *.parquet",
        },
        Example {
            purpose: "the number of rows, for a script",
            line: "file-inspect --count rows data.parquet",
        },
    ],
};
