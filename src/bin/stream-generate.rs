//! stream-generate: generate a table, always the same for the same arguments.

use arrow_pipes::batch::generate::Generator;
use arrow_pipes::command::{
    Command, Complete, Example, Progress, ProgressOptions, Role, Take, Tool, option, store,
};
use arrow_pipes::io::Output;
use arrow_pipes::options::OutputOptions;
use arrow_pipes::stream::Writer;
use arrow_pipes::{Error, Result};
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(generate);

fn generate(options: Options, output: OutputOptions, progress: ProgressOptions) -> Result<()> {
    let Some(specification) = &options.specification else {
        return Err(Error::usage("missing SPECIFICATION (try 'a = 0..10')"));
    };
    let batch_rows = options.batch_rows.unwrap_or(DEFAULT_BATCH_ROWS);
    let mut generator = Generator::parse(specification, options.rows, options.seed, batch_rows)?;

    let output = Output::create(&output, &[])?;
    let mut writer = Writer::create(output, &generator.schema())?;
    let given = writer.hint(|| LEAST_ROWS <= generator.total_rows());
    if !given.is_empty() {
        let all = (0..generator.schema().fields().len()).collect();
        let columns = given.hint.columns.as_ref().unwrap_or(&all);
        generator.keep_columns(columns);
        writer.agree(&given, columns, &generator.schema())?;
    }
    let total_rows = Some(generator.total_rows());
    let mut progress = Progress::start(COMMAND.name, progress, total_rows);
    while let Some(batch) = generator.next_batch()? {
        writer.write(&batch)?;
        progress.add(batch.num_rows());
    }
    writer.finish()?;
    progress.finish();
    Ok(())
}

/// Fewer are generated in less time than a hint takes.
const LEAST_ROWS: u64 = 1 << 20;

/// Half a megabyte for each column of integers.
const DEFAULT_BATCH_ROWS: usize = 64 * 1024;

#[derive(Default)]
struct Options {
    specification: Option<String>,
    rows: Option<u64>,
    seed: u64,
    batch_rows: Option<usize>,
}

const COMMAND: Command<Options> = Command {
    name: "stream-generate",
    role: Role::Input,
    summary: "generate a table and write it as an Arrow stream",
    operands: "SPECIFICATION",
    description: "Writes an Arrow IPC stream of the rows that SPECIFICATION describes: columns \
                  separated by commas, each a name, an equals sign and the kind of values. Enclose \
                  names with characters other than letters, digits and _ in double quotes.

                  name = A..B is a range of integers, B excluded. Several ranges are crossed in \
                  the order given, the last varying fastest, so that 'a = 0..2, b = 0..3' has six \
                  rows.

                  name = random(int64 A..B) is an integer in the range, B excluded. name = \
                  random(float64) is a number from 0 up to but not including 1. name = random(text \
                  MIN..MAX) is a text of MIN to MAX characters, both included, from a-z and 2-7. \
                  name = random(choice N) is one of the N texts v0, v1 and so on.

                  random(normal MEAN DEVIATION) is a float64 from the normal distribution, with \
                  mean 0 and deviation 1 if they are omitted. random(bool) is true or false with \
                  equal probability. random(uuid) is a UUID of version 4. random(date A..B) is a \
                  day and random(timestamp A..B) a time in microseconds, B excluded, as in date \
                  2020-01-01..2021-01-01 and timestamp 2020-01-01..2020-01-31T12:30:00.5; with Z \
                  at both ends, timestamps are in UTC. random(decimal(P, S) A..B) is a decimal of \
                  P digits (up to 38), S of them after the point, B excluded.

                  random(list(KIND) MIN..MAX) is a list of MIN to MAX elements, both included, and \
                  random(struct(NAME KIND, NAME KIND)) a struct. Each KIND is written as inside \
                  random(...), and may be a list or a struct.

                  The word nulls and a number from 0 to 1 after the parenthesis make that fraction \
                  of the values null, as in 'x = random(float64) nulls 0.1'; in lists and structs \
                  they follow the kind, as in 'x = random(list(int64 0..9 nulls 0.5) 0..3)'.

                  The same arguments give the same rows on every machine, regardless of \
                  --batch-rows. The random values of a column depend on the seed and on its \
                  position among the columns, but not on the other columns or on nulls.",
    options: &[&[
        option("rows", "generate N rows, for tables without ranges")
            .details("Ranges determine the number of rows themselves.")
            .value("N", |options, value| store(&mut options.rows, value.count())),
        option("seed", "set the random seed (default 0)")
            .value("N", |options, value| store(&mut options.seed, value.count())),
        option("batch-rows", "write record batches of ROWS rows (default 65,536)")
            .value("ROWS", |options, value| {
                store(&mut options.batch_rows, value.positive::<usize>())
            }),
    ]],
    take: Take::NoInputs(|options, operand| {
        if options.specification.is_some() {
            return Err(Error::usage("more than one specification: put it in single quotes"));
        }
        let text = operand.into_string();
        options.specification =
            Some(text.map_err(|_| Error::usage("the specification is not UTF-8"))?);
        Ok(())
    }),
    completes: &[Complete::Nothing],
    memory: "A few batches, whatever the number of rows.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "twenty groups of thirty ids with ten rows each",
            line: "stream-generate 'group = 0..20, id = 0..30, row = 0..10' | stream-to-parquet -o \
                   groups.parquet",
        },
        Example {
            purpose: "lists of zero to three texts",
            line: "stream-generate --rows 9 'x = random(list(choice 9) 0..3)' >lists.arrows",
        },
        Example {
            purpose: "a thousand rows of random values",
            line: "stream-generate --rows 1000 --seed 7 'price = random(float64) nulls 0.1' | \
                   stream-to-parquet -o prices.parquet",
        },
    ],
};
