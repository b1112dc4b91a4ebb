//! stream-print: show an Arrow stream as a human-readable table.

use arrow_pipes::any_file::{AnyReader, Encoded};
use arrow_pipes::batch::limit::Limit;
use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, Take, TextOutput, Tool, limit, option,
    store, suffixes,
};
use arrow_pipes::io::Output;
use arrow_pipes::stream::hint::{Hint, Until};
use arrow_pipes::text_format::print::{Printer, RowLayout, Screen};
use arrow_pipes::{Error, Result};
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(print);

fn print(options: Options, common: Common<TextOutput>) -> Result<()> {
    if options.wide && options.expanded {
        return Err(Error::usage(
            "--wide cannot be combined with --expanded, which never cuts values",
        ));
    }
    let mut reader = AnyReader::open(&common.input, Encoded::Plain)?;
    let until = if options.limit.is_some() { Until::Enough } else { Until::End };
    reader.promise(Hint { limit: options.limit, ..Hint::of_plain_values() }, until);
    let output = Output::create_text(&common.output.0, &common.input.operands)?;
    let is_terminal = output.is_terminal();
    let width = environment("COLUMNS").and_then(|text| text.parse().ok());
    let width = width.or_else(|| output.terminal_columns());
    let shape = if options.expanded {
        RowLayout::Records
    } else {
        RowLayout::Table { width: width.filter(|_| !options.wide) }
    };
    let colour = is_terminal
        && environment("NO_COLOR").is_none()
        && environment("TERM").is_none_or(|terminal| terminal != "dumb");
    let screen = Screen { colour, footer: is_terminal };
    let mut printer = Printer::new(output, reader.schema(), shape, screen);
    let mut limit = Limit::new(0, options.limit);
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    // Do not read a batch that is not needed: the producer may be slow, or endless.
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

/// An environment variable that is set and not empty.
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
    role: Role::Inspect,
    summary: "show an Arrow stream as a human-readable table",
    operands: "[FILE...]",
    description: "Reads Arrow IPC streams from standard input or files and shows names, types and \
                  rows as an aligned table. Columns are as wide as the first batch needs (its \
                  first 1000 rows), so that rows appear as they arrive; a longer cell in a later \
                  row shifts the rest of its line to the right.

                  For a quick look, FILE may also be a Parquet file, delimited text or JSON, \
                  recognized by its content. parquet-to-stream(1), csv-to-stream(1) and \
                  json-to-stream(1) have the options for those formats.

                  A null is shown as NULL, dimmed on a terminal. Text is shown as it is, but in \
                  double quotes where it would be ambiguous: empty text (\"\"), the text \"NULL\", \
                  text with leading or trailing blanks, text that starts with a quote. Bytes are \
                  hexadecimal (0x00ff); structs, lists and maps are shown as in JSON; dates, times \
                  and durations as stream-to-json(1) writes them. Control and bidirectional \
                  characters are escaped.

                  On a terminal, lines are cut to its width: long text is shortened (…), and if \
                  that is not enough, columns in the middle are left out and counted in the header \
                  (+5). Numbers are never cut. COLUMNS in the environment sets the width, even for \
                  output that does not go to a terminal, which is otherwise not cut. On a \
                  terminal, a last line shows the number of rows. NO_COLOR in the environment \
                  turns dimming off.",
    options: &[&[
        limit("Upstream programs then end as well.", |options, value| {
            store(&mut options.limit, value.count())
        }),
        option("wide", "do not cut lines, however long they are")
            .details("Useful with less -S, or in a very wide window.")
            .switch(|options| options.wide = true),
        option("expanded", "show one record at a time, one value per line")
            .details("Values are never cut.")
            .switch(|options| options.expanded = true),
    ]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::TABLES)],
    memory: "One batch of the input.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "the first rows of a Parquet file",
            line: "parquet-to-stream data.parquet | stream-print -n 10",
        },
        Example { purpose: "a quick look at a file", line: "stream-print -n 3 data.parquet" },
        Example {
            purpose: "one row, with all its columns",
            line: "stream-print -n 1 --expanded data.arrows",
        },
    ],
};
