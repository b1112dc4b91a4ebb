//! file-inspect: show what is in Parquet files, Arrow files and Arrow streams.

use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, ProgressOptions, Role, Take, Tool,
    max_message_bytes, names, option, store, suffixes,
};
use arrow_pipes::dataset;
use arrow_pipes::inspect::{Answers, Counted, Depth, InspectOptions, Probe, Show, Verdicts};
use arrow_pipes::io::refuse_to_spool;
use arrow_pipes::options::{Operand, OutputOptions};
use arrow_pipes::parquet_file::KeyFile;
use arrow_pipes::threads::Threads;
use arrow_pipes::{Error, Result};
use std::path::Path;
use std::process::ExitCode;

#[path = "file-inspect/description.rs"]
mod description;
#[path = "file-inspect/sink.rs"]
mod sink;
#[path = "file-inspect/view.rs"]
mod view;

use sink::Sink;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(inspect);

fn inspect(
    options: Options,
    common: Common<OutputOptions, Vec<Operand>>,
    threads: Threads,
) -> Result<()> {
    let Common { output, input: inputs, progress, .. } = common;
    if let Some(depth) = options.verify {
        return verify(&options, depth, output, &inputs, progress, &threads);
    }
    if progress.is_shown() {
        return Err(Error::usage("--progress requires --verify"));
    }
    let view = options.view(terminal_width())?;
    options.warn();
    let mut failure = None;
    let mut note = |error| {
        // main reports the last failure and sets the exit status accordingly.
        if let Some(earlier) = failure.replace(error) {
            COMMAND.report(&earlier);
        }
    };
    let mut operands = Vec::new();
    for operand in &inputs {
        dataset::files(operand).map_or_else(&mut note, |files| operands.extend(files));
    }
    let mut sink = Sink::create(view.schema(), output, &operands)?;
    for answer in Answers::new(view, &operands, &options.read) {
        match answer {
            Ok(answer) => sink.put(answer)?,
            Err(error) => note(error),
        }
    }
    match failure {
        // Text already written stays, but no stream gets an end marker and no file appears.
        Some(error) => Err(error),
        None => sink.finish(),
    }
}

/// Writes the faults of all files. The output is complete even if there are some.
fn verify(
    options: &Options,
    depth: Depth,
    output: OutputOptions,
    inputs: &[Operand],
    progress: ProgressOptions,
    threads: &Threads,
) -> Result<()> {
    let form = options.verify_form()?;
    options.warn();
    let (mut operands, mut failure) = (Vec::new(), None);
    for operand in inputs {
        match dataset::files(operand) {
            Ok(files) => operands.extend(files),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    let mut sink = Sink::create(Verdicts::schema(form), output, &operands)?;
    let mut progress = Progress::start(COMMAND.name, progress.of_files(&operands), None);
    let mut verdicts = Verdicts::new(operands, options.read.clone(), depth, form, threads);
    let mut rows = 0;
    while let Some(answer) = verdicts.next() {
        sink.put(answer?)?;
        progress.add((verdicts.rows() - rows) as usize);
        rows = verdicts.rows();
    }
    if let Some(error) = failure {
        return Err(error);
    }
    sink.finish()?;
    progress.finish();
    if verdicts.has_faults() { Err(Error::reported()) } else { Ok(()) }
}

/// The width of the terminal on standard output, to which tables are cut; none elsewhere.
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
    read: InspectOptions,
    verify: Option<Depth>,
}

const COMMAND: Command<Options> = Command {
    name: "file-inspect",
    role: Role::Inspect,
    summary: "show what is in Parquet files, Arrow files and Arrow streams",
    operands: "[FILE|DIRECTORY|PATTERN...]",
    description: description::DESCRIPTION,
    options: &[&[
        option(
            "show",
            "choose the view: files, row-groups, columns, pages, dictionary, schema or \
                      metadata",
        )
        .details(
            "files (default): one line per file. row-groups: one line per row group or record \
             batch, with a bar for its size relative to the largest. columns: type, encodings, \
             codec, sizes, nulls, minimum and maximum; nested columns by dotted path; index is \
             the size of the page index, bloom that of the bloom filters. pages: the pages of \
             Parquet files, from their headers and the page index, without decompressing any. \
             dictionary: the dictionary pages of Parquet files, with entries, bytes, share of \
             the column chunk, longest entry, number of values that refer to an entry, and the \
             first entries (all entries with --json or --stream). schema: all fields, nested \
             ones indented. metadata: the writer's metadata, after the format's own properties \
             in parentheses.",
        )
        .completes(Complete::Choices(|| names(Show::WORDS)))
        .value("WHAT", |options, value| {
            options.show = Some(value.one_of(Show::WORDS)?);
            Ok(())
        }),
        option("count", "count row-groups, rows, batches, columns or bytes")
            .details(
                "Prints only the number for one file, \"path: number\" for several. Columns are \
                 the top-level columns of the schema; bytes are the file size. The footer of a \
                 Parquet file is only scanned. Its structure is checked to the last byte, and each \
                 row group must have its columns, rows and sizes, but names, encodings and \
                 statistics are not checked, because no count needs them. A stream without its end \
                 marker has no count and is an error.",
            )
            .completes(Complete::Choices(|| names(Counted::WORDS)))
            .value("WHAT", |options, value| {
                options.count = Some(value.one_of(Counted::WORDS)?);
                Ok(())
            }),
        option("total", "with --count: print the total of all files on a last line")
            .details("Printed as \"total: number\". A file that cannot be read is not included.")
            .switch(|options| options.total = true),
        option("bloom-probe", "show which row groups may contain a value, using bloom filters")
            .details(
                "COLUMN is a stored column by dotted path, as in --show columns. VALUE is written \
                 the way its type is shown: 2024-02-29, 1.50, 0x00ff for bytes. The answer no \
                 means that the value is certainly not in the row group, yes that it may be; - \
                 marks a row group without a filter. A file in which no row group has a filter for \
                 the column is an error.",
            )
            .completes(Complete::Pair(Vec::new))
            .value("COLUMN=VALUE", |options, value| {
                store(&mut options.probe, Probe::parse(&value.text()?))
            }),
        option("verify", "check files for faults: quick, or full (default)")
            .details(
                "Prints one line per fault, \"path: place: fault\", or \"path: ok\". The exit status \
                 is 1 if any file has a fault. quick reads footers, headers and indexes. full also \
                 reads and decodes all values. The description lists what is checked. With --json \
                 or --stream, there is one object or row per fault, and none for a file without \
                 faults.",
            )
            .completes(Complete::Choices(|| names(Depth::WORDS)))
            .optional("HOW", |options, value| {
                let depth = value.map_or(Ok(Depth::Full), |value| value.one_of(Depth::WORDS));
                store(&mut options.verify, depth)
            }),
        option("json", "print everything as JSON, one object per file and line")
            .details(
                "Integers keep all their digits. Decimals, dates and times are strings, bytes are \
                 hexadecimal strings (0x...), unknown values are null. With --show, one object is \
                 printed for each line of that view, with the names used by --stream.",
            )
            .switch(|options| options.json = true),
        option("stream", "write the --show view as an Arrow stream")
            .details(
                "One row per line, for all files in sequence; the columns are listed above. After \
                 a file that cannot be read, the others still follow, but the stream has no end \
                 marker.",
            )
            .switch(|options| options.stream = true),
        option("key-file", "read the keys of encrypted Parquet files from FILE")
            .details(
                "The format is that of parquet-to-stream --key-file. A column whose key is missing \
                 is shown without its numbers, with a warning.",
            )
            .completes(Complete::Files(suffixes::ANY))
            .value("FILE", |options, value| {
                store(&mut options.read.keys, KeyFile::read(Path::new(&value.raw())))
            }),
        max_message_bytes(|options, value| {
            store(&mut options.read.max_message_bytes, value.size_bytes())
        }),
        option("no-spool", "fail instead of copying an input to a temporary file")
            .details(
                "A Parquet or Arrow file is copied if it comes from a pipe, or from a server that \
                 sends only whole objects.",
            )
            .switch(|_| refuse_to_spool()),
    ]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::ARROW_OR_PARQUET)],
    memory: "The footer entries of each row group and column, for one file at a time; for a \
             stream, a few bytes per record batch; for pages, the page index of one column chunk \
             and 4096 pages; for dictionaries, the largest of them. The table of files keeps one \
             line per file. --verify needs, for each thread, one page of a column chunk \
             decompressed and its dictionary, or one record batch.",
    statuses: &[(1, "with --verify: a file has a fault; the output is complete")],
    examples: &[
        Example {
            purpose: "what is in these files?",
            line: "file-inspect january.parquet data.arrows",
        },
        Example {
            purpose: "the range of each column",
            line: "file-inspect --show columns data.parquet",
        },
        Example {
            purpose: "which row groups are small, in any number of files?",
            line: "file-inspect --show row-groups --stream *.parquet | stream-filter 'rows < \
                   10000' >small.arrows",
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
            purpose: "is anything in these files damaged?",
            line: "file-inspect --verify *.parquet data.arrows",
        },
        Example {
            purpose: "the number of rows, for a script",
            line: "file-inspect --count rows data.parquet",
        },
    ],
};
