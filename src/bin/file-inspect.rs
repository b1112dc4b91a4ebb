//! file-inspect: what is in these Parquet files, Arrow files, streams?

use arrow_pipes::command::{Command, Common, Example, Flag, Set, Take};
use arrow_pipes::inspect::tables::{self, Show};
use arrow_pipes::inspect::{self, Counted, FileReport, Summary, json};
use arrow_pipes::io::Output;
use arrow_pipes::text::escaped;
use arrow_pipes::{Error, Result};
use std::io::IoSlice;
use std::process::ExitCode;

fn main() -> ExitCode {
    COMMAND.main(inspect)
}

fn inspect(options: Options, common: Common) -> Result<()> {
    let view = options.view()?;
    let operands = common.input.operands;
    let is_single = operands.len() == 1;
    let mut output = Output::create_text(&common.output, &[])?;
    let width = terminal_width();
    let mut summary = Summary::default();
    let mut failure = None;
    let mut is_first = true;
    for operand in &operands {
        let shown = inspect::report(operand).and_then(|report| match view {
            View::Summary => {
                summary.add(&report);
                Ok(Vec::new())
            }
            View::Details(show) if is_single => Ok(tables::details(&report, show, width)),
            View::Details(show) => Ok(under_heading(&report, show, width, is_first)),
            View::Count(counted) => Ok(vec![counted_line(&report, counted, is_single)?]),
            View::Json => Ok(vec![json::line(&report)]),
        });
        match shown {
            Ok(lines) => print(&mut output, &lines)?,
            // The last failure is told by main, which sets the exit status after it.
            Err(error) => {
                if let Some(earlier) = failure.replace(error) {
                    COMMAND.report(&earlier);
                }
                continue;
            }
        }
        is_first = false;
    }
    print(&mut output, &summary.lines(width))?;
    failure.map_or(Ok(()), Err)
}

fn under_heading(
    report: &FileReport,
    show: Show,
    width: Option<usize>,
    is_first: bool,
) -> Vec<String> {
    let mut lines = if is_first { Vec::new() } else { vec![String::new()] };
    lines.push(tables::heading(report));
    lines.extend(tables::details(report, show, width));
    lines
}

fn counted_line(report: &FileReport, counted: Counted, is_single: bool) -> Result<String> {
    let number = report.count(counted)?;
    Ok(if is_single { number.to_string() } else { format!("{}: {number}", escaped(&report.path)) })
}

fn print(output: &mut Output, lines: &[String]) -> Result<()> {
    let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
    // Writing nothing would look like an output that takes nothing.
    if text.is_empty() {
        Ok(())
    } else {
        output.write_gathered(&mut [IoSlice::new(text.as_bytes())])
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
    json: bool,
}

#[derive(Clone, Copy)]
enum View {
    Summary,
    Details(Show),
    Count(Counted),
    Json,
}

impl Options {
    fn view(&self) -> Result<View> {
        match (self.show, self.count, self.json) {
            (None, None, false) => Ok(View::Summary),
            (Some(show), None, false) => Ok(View::Details(show)),
            (None, Some(counted), false) => Ok(View::Count(counted)),
            (None, None, true) => Ok(View::Json),
            _ => Err(Error::usage("only one of --show, --count and --json can be answered")),
        }
    }
}

const COMMAND: Command<Options> = Command {
    name: "file-inspect",
    summary: "show what is in Parquet files, Arrow files and Arrow streams",
    operands: "[FILE...]",
    description: "Tells the three formats apart by content and shows a line per file: path, format, rows, \
                  row groups (or record batches), columns, bytes, codec. A ! at the end marks a file that \
                  somebody should look at, and a line below the table says why: row groups so small that \
                  they are slow to read (under 10,000 rows on average, unless a column has 1 MiB in each \
                  of them), or a stream without an end marker.

                  Of a Parquet or Arrow file only the footer and the headers it points to are read, of \
                  a stream only the message headers. Statistics are those of the footer, over all row \
                  groups; - stands for what is not known or cannot be trusted. Bytes are what a column \
                  takes in the file, ratio is how many times smaller compression makes it.

                  A file that cannot be read is told on standard error, the others are still shown, and \
                  the exit status is 1. A Parquet or Arrow file that comes through a pipe is first kept in a \
                  temporary file, since its footer comes last. On a terminal long cells are shortened to its width.",
    options: &[
        Flag {
            short: None,
            long: "show",
            summary: "show row-groups, columns, schema or metadata of each file",
            details: "row-groups: a line per row group or record batch, with a bar for its share of the \
                      largest. columns: type, encodings, codec, sizes, nulls, minimum and maximum, nested \
                      columns by dotted path. schema: all fields, nested ones indented. metadata: what the \
                      writer left, after what the format says of itself in parentheses.",
            set: Set::Value("WHAT", |options, value| {
                options.show = Some(value.one_of(&[
                    ("row-groups", Show::RowGroups),
                    ("columns", Show::Columns),
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
                      top of the schema; bytes are the size of the file. A stream without its end marker \
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
            long: "json",
            summary: "print all of it as a JSON object per file, one per line",
            details: "Integers keep all their digits. Decimals, dates and times are strings, bytes are \
                      strings in hexadecimal (0x...), what is not known is null.",
            set: Set::Switch(|options| options.json = true),
        },
    ],
    shared: &[],
    take: Take::Inputs,
    memory: "What a footer says of each row group and column of one file at a time; of a stream, a few \
             bytes per record batch.",
    statuses: &[],
    examples: &[
        Example { purpose: "what is in these files?", line: "file-inspect january.parquet data.arrows" },
        Example {
            purpose: "the range of each column",
            line: "file-inspect --show columns data.parquet",
        },
        Example {
            purpose: "the number of rows, for a script",
            line: "file-inspect --count rows data.parquet",
        },
    ],
};
