//! stream-generate: make up a table, the same one for the same arguments.

use arrow_pipes::batch::generate::Generator;
use arrow_pipes::command::{Command, Common, Example, Flag, OUTPUT, PROGRESS, Progress, Set, Take};
use arrow_pipes::io::Output;
use arrow_pipes::stream::Writer;
use arrow_pipes::{Error, Result};
use std::process::ExitCode;

fn main() -> ExitCode {
    COMMAND.main(generate)
}

fn generate(options: Options, common: Common) -> Result<()> {
    let Some(specification) = &options.specification else {
        return Err(Error::usage("no specification: which columns? (try 'a = 0..10')"));
    };
    let batch_rows = options.batch_rows.unwrap_or(DEFAULT_BATCH_ROWS);
    let mut generator = Generator::parse(specification, options.rows, options.seed, batch_rows)?;

    let output = Output::create(&common.output, &[])?;
    let mut writer = Writer::create(output, &generator.schema())?;
    let total_rows = Some(generator.total_rows());
    let mut progress = Progress::start(COMMAND.name, common.progress, total_rows);
    while let Some(batch) = generator.next_batch()? {
        writer.write(&batch)?;
        progress.add(batch.num_rows());
    }
    writer.finish()?;
    progress.finish();
    Ok(())
}

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
    summary: "make up a table and write it as an Arrow stream",
    operands: "SPECIFICATION",
    description: "Writes an Arrow IPC stream of rows that SPECIFICATION describes: columns parted by \
                  commas, each a name, an equals sign and what the column holds. Names that are not \
                  letters, digits and _ stand in double quotes.

                  name = A..B is a range of integers, B excluded. Several ranges are crossed in the \
                  order written, the last varying fastest, so that 'a = 0..2, b = 0..3' has six rows.

                  name = random(int64 A..B) holds integers of the range, B excluded. \
                  name = random(float64) holds numbers from 0 up to but not including 1. \
                  name = random(text MIN..MAX) holds texts of MIN to MAX characters, both included, \
                  of a-z and 2-7. name = random(choice N) holds one of the N texts v0, v1 and so on.

                  random(normal MEAN DEVIATION) holds float64 numbers of the normal distribution, of mean \
                  0 and deviation 1 without the two. random(bool) holds true and false alike often. \
                  random(uuid) holds UUIDs of version 4. random(date A..B) holds days and \
                  random(timestamp A..B) microseconds, as in date 2020-01-01..2021-01-01 and \
                  timestamp 2020-01-01..2020-01-31T12:30:00.5, B excluded; with Z at both ends the \
                  timestamps are in UTC. random(decimal(P, S) A..B) holds decimals of P digits, S of them \
                  behind the point (P up to 38), B excluded.

                  random(list(KIND) MIN..MAX) holds lists of MIN to MAX elements, both included, and \
                  random(struct(NAME KIND, NAME KIND)) structs; their KINDs are written as within \
                  random(...), lists and structs among them.

                  The word nulls and a number from 0 to 1 after the parenthesis make that part of \
                  the values null, as in 'x = random(float64) nulls 0.1'; within lists and structs it follows \
                  the kind, as in 'x = random(list(int64 0..9 nulls 0.5) 0..3)'.

                  The same arguments give the same rows on every machine, whatever --batch-rows \
                  says. A column's random values depend on the seed and on its place among the \
                  columns, not on the other columns nor on nulls.",
    options: &[
        Flag {
            short: None,
            long: "rows",
            summary: "make N rows; for tables without ranges",
            details: "Where there are ranges, they say how many rows there are.",
            set: Set::Value("N", |options, value| {
                options.rows = Some(value.count()?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "seed",
            summary: "begin the random values elsewhere (0 by default)",
            details: "",
            set: Set::Value("N", |options, value| {
                options.seed = value.count()?;
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "batch-rows",
            summary: "write record batches of ROWS rows (65,536 by default)",
            details: "",
            set: Set::Value("ROWS", |options, value| {
                options.batch_rows = Some(value.positive()?);
                Ok(())
            }),
        },
    ],
    shared: &[OUTPUT, PROGRESS],
    take: Take::NoInputs(|options, operand| {
        if options.specification.is_some() {
            return Err(Error::usage("more than one specification: put it in single quotes"));
        }
        let text = operand.into_string();
        options.specification =
            Some(text.map_err(|_| Error::usage("the specification is not UTF-8"))?);
        Ok(())
    }),
    memory: "A few batches, whatever the number of rows.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "twenty groups of thirty ids with ten rows each",
            line: "stream-generate 'group = 0..20, id = 0..30, row = 0..10' | stream-to-parquet -o groups.parquet",
        },
        Example {
            purpose: "lists of zero to three texts",
            line: "stream-generate --rows 9 'x = random(list(choice 9) 0..3)' >lists.arrows",
        },
        Example {
            purpose: "a thousand rows of random values",
            line: "stream-generate --rows 1000 --seed 7 'price = random(float64) nulls 0.1' | stream-to-parquet -o prices.parquet",
        },
    ],
};
