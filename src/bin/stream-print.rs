//! stream-print: show an Arrow stream as a table for people.

use arrow_pipes::any_file::{AnyReader, Encoded};
use arrow_pipes::batch::limit::Limit;
use arrow_pipes::command::{
    Command, Common, Example, Flag, INPUT, PROGRESS, Progress, Set, TEXT_OUTPUT, Take,
};
use arrow_pipes::io::Output;
use arrow_pipes::text_format::print::{Printer, Screen, Shape};
use arrow_pipes::{Error, Result};
use std::process::ExitCode;

fn main() -> ExitCode {
    COMMAND.main(print)
}

fn print(options: Options, common: Common) -> Result<()> {
    if options.wide && options.expanded {
        return Err(Error::usage(
            "--wide is for tables: --expanded shows every value whole anyway",
        ));
    }
    let mut reader = AnyReader::open(&common.input, Encoded::Plain)?;
    let output = Output::create_text(&common.output, &common.input.operands)?;
    let is_terminal = output.is_terminal();
    let width = environment("COLUMNS").and_then(|text| text.parse().ok());
    let width = width.or_else(|| output.terminal_columns());
    let shape = match options.expanded {
        true => Shape::Records,
        false => Shape::Table { width: width.filter(|_| !options.wide) },
    };
    let colour = is_terminal
        && environment("NO_COLOR").is_none()
        && environment("TERM").is_none_or(|terminal| terminal != "dumb");
    let screen = Screen { colour, footer: is_terminal };
    let mut printer = Printer::new(output, reader.schema(), shape, screen);
    let mut limit = Limit::new(0, options.limit);
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    // Ask for no batch that is not needed: the producer may be slow, or endless.
    while !limit.is_done()
        && let Some(message) = reader.next_message()?
    {
        progress.add(message.num_rows());
        printer.write(&limit.apply(message.batch))?;
    }
    printer.finish()?;
    progress.finish();
    Ok(())
}

/// A variable that is set and says something.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

#[derive(Default)]
struct Options {
    limit: Option<u64>,
    wide: bool,
    expanded: bool,
}

const COMMAND: Command<Options> = Command {
    name: "stream-print",
    summary: "show an Arrow stream as a table for people",
    operands: "[FILE...]",
    description: "Reads Arrow IPC streams from standard input, or files, and shows names, types \
                  and rows as an aligned table. The columns are as wide as the first batch needs \
                  (its first 1000 rows), so that rows appear as they come; a longer cell in a later \
                  row pushes the rest of its line to the right.

                  For a quick look, FILE may also be a Parquet file, delimited text or JSON, told by its content. \
                  parquet-to-stream(1), csv-to-stream(1) and json-to-stream(1) have the options for those formats.

                  A null is shown as NULL, dimmed on a terminal. Text stands as it is, but in double quotes \
                  where it would be mistaken: empty text (\"\"), the text \"NULL\", text with blanks at \
                  an end, text that starts with a quote. Bytes are hexadecimal (0x00ff), structs, \
                  lists and maps as in JSON, dates, times and spans as stream-to-json(1) writes them. Control \
                  and bidirectional characters are shown as escapes.

                  On a terminal, lines are as long as it is wide: long text is cut (…), and where \
                  that is not enough, columns in the middle are left out, their number standing in \
                  the head (+5). Numbers are never cut. COLUMNS in the environment \
                  sets the width, also for output that goes elsewhere, which is otherwise not cut. \
                  A last line tells the number of rows, on a terminal only. NO_COLOR in the environment turns dimming off.",
    options: &[
        Flag {
            short: Some('n'),
            long: "limit",
            summary: "stop after ROWS rows",
            details: "The programs before it in the pipe end then, too.",
            set: Set::Value("ROWS", |options, value| {
                options.limit = Some(value.count()?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "wide",
            summary: "cut nothing, however long the lines become",
            details: "For less -S, or a window as wide as a wall.",
            set: Set::Switch(|options| options.wide = true),
        },
        Flag {
            short: None,
            long: "expanded",
            summary: "show a record at a time, a line per value",
            details: "Values are whole, as long as they are.",
            set: Set::Switch(|options| options.expanded = true),
        },
    ],
    shared: &[TEXT_OUTPUT, INPUT, PROGRESS],
    take: Take::Inputs,
    memory: "A batch of the input.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "the first rows of a Parquet file",
            line: "parquet-to-stream data.parquet | stream-print -n 10",
        },
        Example {
            purpose: "a quick look at a file",
            line: "stream-print -n 3 data.parquet",
        },
        Example {
            purpose: "one row, with all its columns",
            line: "stream-print -n 1 --expanded data.arrows",
        },
    ],
};
