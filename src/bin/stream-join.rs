//! stream-join: join an Arrow stream with a table.

use arrow_pipes::any_file::AnyReader;
use arrow_pipes::batch::Merger;
use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, SpillOptions, Spills, Take, Tool, names,
    option, store, suffixes,
};
use arrow_pipes::io::Output;
use arrow_pipes::join::{
    AsOfNames, Expect, How, JoinOptions, JoinPlan, Joiner, KeyNames, Resources, TableBuilder,
};
use arrow_pipes::options::{Destination, InputOptions, Operand, OutputOptions};
use arrow_pipes::stream::hint::{Encodings, Hint, Until};
use arrow_pipes::stream::{Reader, Writer};
use arrow_pipes::threads::Threads;
use arrow_pipes::{Error, Result};
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(join);

fn join(mut options: Options, spill: SpillOptions<Options>, common: Common) -> Result<()> {
    let table = options.table(&common.input)?;
    let mut reader = Reader::open(&common.input)?;
    let mut table_reader = AnyReader::open_table(&table, &Threads::per_core())?;
    let whole = JoinPlan::bind(&options.join, reader.schema(), table_reader.schema())?;

    let operands = [&table.operands[..], &common.input.operands].concat();
    let output = Output::create(&common.output, &operands)?;
    let mut writer = Writer::create(output, whole.schema())?;
    let given = writer.hint(|| reader.is_worth_waiting());
    let all = || (0..whole.schema().fields().len()).collect();
    let columns = given.hint.columns.clone().unwrap_or_else(all);
    let narrowed = whole.narrowed(&columns);
    let encodings = if narrowed.may_be_encoded() { given.hint.encodings } else { Encodings::None };
    let (stream_columns, table_columns) = (narrowed.stream_columns(), narrowed.table_columns());
    let is_part = stream_columns.len() < reader.schema().fields().len();
    let hint =
        Hint { columns: is_part.then(|| stream_columns.clone()), encodings, ..Hint::default() };
    reader.promise(hint, Until::End);
    table_reader.promise(Hint::of_columns(&table_columns), Until::End);
    reader.settle()?;
    table_reader.settle()?;
    reader.project(stream_columns)?;
    table_reader.project(table_columns)?;
    let plan = narrowed.projected(reader.schema(), table_reader.schema())?;
    if !given.is_empty() {
        writer.agree(&given, &columns, plan.schema())?;
    }

    let aside = options.unmatched.as_ref().map(|file| {
        let output = OutputOptions { destination: file.clone(), ..common.output.clone() };
        Writer::create(Output::create(&output, &operands)?, reader.schema())
    });
    let aside = aside.transpose()?;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    progress.phase("reading the table", None);
    let resources = Resources {
        memory_bytes: spill.memory_bytes(),
        temporary_directory: spill.temporary_directory,
        any_order: options.any_order,
    };
    let joiner = read_table(plan.clone(), table_reader, resources)?;
    progress.phase("joining", None);
    let merger = Merger::new(plan.schema().clone());
    Work { reader, joiner, merger, writer, aside, progress }.finish()
}

/// The join with the table, which is read now unless it is sorted.
fn read_table(plan: JoinPlan, mut reader: AnyReader, resources: Resources) -> Result<Joiner> {
    if plan.is_sorted() {
        let next = move || Ok(reader.next_message()?.map(|message| message.batch));
        return Joiner::of_sorted(plan, Box::new(next));
    }
    let mut builder = TableBuilder::try_new(plan, resources)?;
    while let Some(message) = reader.next_message()? {
        builder.push(&message.batch)?;
    }
    builder.finish()
}

/// A join with its input and its outputs.
struct Work {
    reader: Reader,
    joiner: Joiner,
    merger: Merger,
    writer: Writer,
    aside: Option<Writer>,
    progress: Progress,
}

impl Work {
    /// # Errors
    /// Those of the input, the join and the outputs.
    fn finish(self) -> Result<()> {
        let Self { mut reader, mut joiner, mut merger, mut writer, mut aside, mut progress } = self;
        while let Some(batch) = reader.next_batch()? {
            progress.add(batch.num_rows());
            joiner.push(
                &batch,
                &mut |alone| aside.as_mut().map_or(Ok(()), |aside| aside.write(&alone)),
                &mut |joined| writer.write_compacted(&merger.push(joined, || reader.is_ready())),
            )?;
        }
        writer.write_compacted(&merger.finish())?;
        progress.phase("writing", None);
        joiner.finish(
            &mut |alone| aside.as_mut().map_or(Ok(()), |aside| aside.write(&alone)),
            &mut |rest| writer.write(&rest),
        )?;
        aside.map_or(Ok(()), Writer::finish)?;
        writer.finish()?;
        progress.finish();
        Ok(())
    }
}

#[derive(Default)]
struct Options {
    join: JoinOptions,
    table: Option<Operand>,
    unmatched: Option<Destination>,
    any_order: bool,
}

impl Options {
    /// The table as an input, read like the stream.
    fn table(&mut self, stream: &InputOptions) -> Result<InputOptions> {
        let missing = || Error::usage("missing TABLE (try: stream-join TABLE --on COLUMNS)");
        let table = self.table.take().ok_or_else(missing)?;
        let is_stdin = |operand: &Operand| *operand == Operand::Stdin;
        if is_stdin(&table) && (stream.operands.is_empty() || stream.operands.iter().any(is_stdin))
        {
            return Err(Error::usage("TABLE and the stream cannot both be standard input"));
        }
        self.join.table_name = table.name();
        self.join.unmatched = self.unmatched.is_some();
        Ok(InputOptions { operands: vec![table], single: false, ..stream.clone() })
    }
}

impl Spills for Options {
    const REST: &str = "If TABLE does not fit, both sides are divided by their keys into temporary \
                        files, and no row is written before all input has been read.";
}

const HOW: &[(&str, How)] = &[
    ("inner", How::Inner),
    ("left", How::Left),
    ("semi", How::Semi),
    ("anti", How::Anti),
    ("full", How::Full),
];

const EXPECT: &[(&str, Expect)] = &[
    ("one", Expect::One),
    ("at-most-one", Expect::AtMostOne),
    ("at-least-one", Expect::AtLeastOne),
];

const COMMAND: Command<Options> = Command {
    name: "stream-join",
    role: Role::Transform,
    summary: "join an Arrow stream with a table",
    operands: "TABLE [FILE...]",
    description: "Reads TABLE into memory, then Arrow IPC streams from files or standard input, and \
                  writes each row with the rows of TABLE that have the same keys: the columns of the \
                  stream, then those of TABLE that are not keys. Rows come out in the order of the \
                  stream, and those with the same partner row in the order of TABLE. A slow stream \
                  stays live, as long as TABLE fits into --memory.

                  TABLE may be a Parquet file, a directory or a pattern of Parquet files, an Arrow \
                  file or stream, delimited text or JSON, recognized by its content; a FIFO must have \
                  an Arrow stream. Of Parquet and Arrow files only the columns that are needed are \
                  read.

                  Keys are compared by value, whatever their types: integers of any width and \
                  decimals, dates and timestamps, text of any layout, dictionary-encoded and run-end \
                  encoded values. Keys that cannot be compared exactly, such as int64 and float64, \
                  are an error. NaN equals NaN, -0 equals 0, and null equals nothing unless \
                  --nulls-equal is given.

                  With --as-of, each row of the stream has at most one partner: the row of TABLE with \
                  the nearest time. Neither side need be sorted; if both are, --sorted needs less memory.

                  Columns of the stream keep their encodings. Run-end encoded columns of TABLE become \
                  plain.",
    options: &[&[
        option("on", "join rows that are equal in COLUMNS: 'id' or 'a = x, b = y'")
            .details(
                "Columns that both sides have, or pairs: that of the stream, then that of TABLE. A \
                 name in double quotes must match exactly, and quotes are required if it contains a \
                 space, a comma or an equals sign. A name without quotes also matches if it differs only in \
                 case.",
            )
            .completes(Complete::Columns(&[]))
            .value("COLUMNS", |options, value| {
                store(&mut options.join.on, value.try_map(KeyNames::parse_list))
            }),
        option("how", "inner (default), left, semi, anti or full")
            .details(
                "inner writes rows with a partner, once for each partner. left also writes rows of \
                 the stream without a partner, with nulls. semi writes rows of the stream with a \
                 partner, once; anti those without one. full also writes rows of TABLE without a \
                 partner, with their keys in the key columns of the stream: after all others, or in \
                 the order of the keys if --sorted is given.",
            )
            .completes(Complete::Choices(|| names(HOW)))
            .value("HOW", |options, value| store(&mut options.join.how, value.one_of(HOW))),
        option("columns", "write only these columns of TABLE: name,city")
            .short('c')
            .details("In this order; default: all that are not keys.")
            .completes(Complete::Columns(&[]))
            .value("COLUMNS", |options, value| store(&mut options.join.columns, value.names())),
        option("prefix", "put TEXT before names of TABLE that the stream has, too")
            .details("Without it and --suffix, equal names are an error.")
            .value("TEXT", |options, value| store(&mut options.join.prefix, value.text())),
        option("suffix", "put TEXT after names of TABLE that the stream has, too")
            .value("TEXT", |options, value| store(&mut options.join.suffix, value.text())),
        option("nulls-equal", "let a null key equal a null key")
            .switch(|options| options.join.nulls_equal = true),
        option("expect", "fail at a row without one, at-most-one or at-least-one partner")
            .details("The message has the number of the row, counted from 0, and its keys.")
            .completes(Complete::Choices(|| names(EXPECT)))
            .value("HOW", |options, value| {
                store(&mut options.join.expect, value.one_of(EXPECT))
            }),
        option("unmatched", "write rows of the stream without a partner to FILE")
            .details("As an Arrow stream with the columns of the input.")
            .completes(Complete::Files(suffixes::ANY))
            .value("FILE", |options, value| store(&mut options.unmatched, value.destination())),
        option("sorted", "join inputs that are both sorted, in little memory")
            .details(
                "Both must be in the order of stream-sort --by COLUMNS, else it is an error: of the \
                 columns of --on, or of the time of --as-of alone. Nulls are last. The result is in the \
                 same order. Of TABLE, 65,536 rows are in memory, or all rows of one key. With --as-of, \
                 they are 65,536 rows, or twice the number of keys if that is more; <= and < require \
                 --tolerance, and twice the rows within it are in memory.",
            )
            .switch(|options| options.join.sorted = true),
        option("any-order", "let rows come in any order if TABLE does not fit into --memory")
            .details("This saves sorting them by their place in the stream.")
            .switch(|options| options.any_order = true),
        option("as-of", "take the row of TABLE with the nearest time: 'ts >= valid_from'")
            .details(
                "A column of the stream, >=, >, <= or <, and one of TABLE: the last row of TABLE at \
                 or before the row of the stream, or before it; the first row at or after it, or \
                 after it. Both are times or numbers. With --on, only among rows with the same \
                 keys. Of rows of TABLE with the same time, the last one is taken with >= and >, the \
                 first one with <= and <. Null has no partner.",
            )
            .value("CONDITION", |options, value| {
                store(&mut options.join.as_of, value.try_map(AsOfNames::parse))
            }),
        option("tolerance", "the largest distance of the times of --as-of: '5 minutes'")
            .details("An interval, or a whole number for columns of integers.")
            .value("DISTANCE", |options, value| store(&mut options.join.tolerance, value.text())),
    ]],
    take: Take::FirstThenInputs(|options, operand| {
        options.table = Some(Operand::from_argument(operand));
        Ok(None)
    }),
    completes: &[Complete::Files(suffixes::TABLES), Complete::Files(suffixes::STREAMS)],
    memory: "TABLE, with the columns that are read: their size as columns, the keys once more, and 12 \
             bytes per row, up to --memory (default 512 MiB) and its largest column once more. Of a \
             larger TABLE that much is in memory at a time; the rows with one key must fit, and with \
             --as-of and no --on the whole TABLE. In addition, a few batches of the stream. With --sorted, \
             only the rows of TABLE that --sorted names, and a few batches of both.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "a table of users",
            line: "stream-generate 'id = 0..20, city = random(choice 3)' >users.arrows",
        },
        Example {
            purpose: "the city of each row's user",
            line: "parquet-to-stream data.parquet | stream-join users.arrows --on id | stream-print",
        },
        Example {
            purpose: "the number of rows whose id is not in the table",
            line: "stream-join users.arrows --on id --how anti data.arrows | stream-count",
        },
        Example {
            purpose: "rows that must have exactly one partner each",
            line: "stream-join users.arrows --on 'row = id' --expect one data.arrows | stream-print",
        },
        Example {
            purpose: "the city of the last id up to the row's number",
            line: "stream-join users.arrows --as-of 'row >= id' -c city data.arrows | \
                   stream-print",
        },
    ],
};
