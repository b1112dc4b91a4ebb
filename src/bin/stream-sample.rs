//! stream-sample: keep the first ids of each group with all their rows, every Nth row, or random
//! rows; or write all rows in random order.

use arrow_pipes::batch::Merger;
use arrow_pipes::batch::sample::{
    EverySampler, FirstSampler, FractionSampler, ReservoirSampler, Sampler,
};
use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, SpillOptions, Spills, Take, Tool, option,
    store, suffixes,
};
use arrow_pipes::io::Output;
use arrow_pipes::sort::Shuffler;
use arrow_pipes::stream::hint::Rows;
use arrow_pipes::stream::{Reader, Writer, pass_on};
use arrow_pipes::threads::Threads;
use arrow_pipes::{Result, schema};
use std::process::ExitCode;

#[path = "stream-sample/kept.rs"]
mod kept;
use kept::Kept;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(sample);

fn sample(
    options: Options,
    spill: SpillOptions<Options>,
    threads: Threads,
    common: Common,
) -> Result<()> {
    let kept = options.kept()?;
    let mut reader = Reader::open(&common.input)?;
    let of = schema::locate_columns(reader.schema(), &options.of).map_err(|e| e.with("--of"))?;
    let per = schema::locate_columns(reader.schema(), &options.per).map_err(|e| e.with("--per"))?;
    let seed = options.seed_for(&kept);
    if let Kept::Shuffled = kept {
        return shuffle(reader, seed, spill, threads, common);
    }
    if matches!(kept, Kept::Every(_) | Kept::Fraction(_)) {
        reader = reader.passing_on();
    }
    sampler(&kept, &reader, &of, &per, seed)?;

    let output = Output::create(&common.output, &common.input.operands)?;
    let mut writer = Writer::create(output, reader.schema())?;
    let keys = [of.as_slice(), &per].concat();
    let rows = match kept {
        Kept::First(rows) if keys.is_empty() => Rows::First(rows),
        _ => Rows::Counted,
    };
    let passed = pass_on(&mut reader, &mut writer, &keys, rows)?;
    let (of, per) = (passed.places(&of), passed.places(&per));
    let mut sampler = sampler(&kept, &reader, &of, &per, seed)?;
    let mut merger = Merger::new(reader.schema().clone());
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    // Do not read a batch that is not needed: the producer may be slow, or endless.
    while !sampler.is_done()
        && let Some(batch) = reader.next_batch()?
    {
        progress.add(batch.num_rows());
        writer.write_compacted(&merger.push(sampler.apply(&batch)?, || reader.is_ready()))?;
    }
    writer.write_compacted(&merger.finish())?;
    sampler.finish()?.iter().try_for_each(|batch| writer.write(batch))?;
    writer.finish()?;
    progress.finish();
    Ok(())
}

/// The sampler for the rows to keep, unless they are shuffled.
fn sampler(
    kept: &Kept,
    reader: &Reader,
    of: &[usize],
    per: &[usize],
    seed: u64,
) -> Result<Sampler> {
    let schema = reader.schema();
    Ok(match *kept {
        Kept::First(count) => Sampler::First(FirstSampler::try_new(schema, count, of, per)?),
        Kept::Every(step) => Sampler::Every(EverySampler::try_new(step)?),
        Kept::Fraction(fraction) => Sampler::Fraction(FractionSampler::new(fraction, seed)),
        Kept::Rows(rows) => {
            Sampler::Reservoir(ReservoirSampler::try_new(schema.clone(), rows, per, seed)?)
        }
        // Every row is kept; `shuffle` finds their order.
        Kept::Shuffled => Sampler::Every(EverySampler::try_new(1)?),
    })
}

/// Writes all rows in random order.
fn shuffle(
    mut reader: Reader,
    seed: u64,
    spill: SpillOptions<Options>,
    threads: Threads,
    common: Common,
) -> Result<()> {
    let output = Output::create(&common.output, &common.input.operands)?;
    let mut writer = Writer::create(output, reader.schema())?;
    pass_on(&mut reader, &mut writer, &[], Rows::Counted)?;
    let (memory, directory) = (spill.memory_bytes(), spill.temporary_directory);
    let mut shuffler = Shuffler::try_new(reader.schema(), seed, memory, directory, threads)?;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    while let Some(batch) = reader.next_batch()? {
        shuffler.push(&batch)?;
        progress.add(batch.num_rows());
    }
    // Free the reader's memory while rows are read back from temporary files.
    drop(reader);
    let all = progress.rows();
    progress.phase("sorting", None);
    let mut shuffled = shuffler.finish()?;
    progress.phase("writing", Some(all));
    while let Some(batch) = shuffled.next_batch()? {
        progress.add(batch.num_rows());
        writer.write(&batch)?;
    }
    writer.finish()?;
    progress.finish();
    Ok(())
}

#[derive(Default)]
struct Options {
    first: Option<u64>,
    of: Vec<String>,
    per: Vec<String>,
    every: Option<u64>,
    fraction: Option<f64>,
    rows: Option<u64>,
    shuffle: bool,
    seed: Option<u64>,
    verbose: bool,
}

impl Spills for Options {
    const REST: &str = "For --shuffle: the rows that do not fit are written to a temporary file.";
}

const COMMAND: Command<Options> = Command {
    name: "stream-sample",
    role: Role::Transform,
    summary: "sample or shuffle the rows of an Arrow stream",
    operands: "[FILE...]",
    description: "Reads Arrow IPC streams from files or standard input and writes some of their \
                  rows, in input order, in one pass.

                  --first N --of COLUMNS --per COLUMNS groups rows that have equal values in the \
                  --per columns. In each group, it takes the first N distinct values of the --of \
                  columns, and keeps all rows of the group that have one of those values, even if \
                  the rows come much later. Without --of, it keeps the first N rows of each group; \
                  without --per, the stream is one group.

                  Columns may be of any type. Nulls are values, NaN equals NaN, -0 equals 0, and \
                  dictionary-encoded and run-end encoded values equal the same plain values.

                  --every N keeps rows 0, N, 2N and so on, counted over all inputs.

                  --fraction P keeps each row with probability P. --rows N keeps N random rows \
                  (every set of N rows is equally likely), or all rows if there are fewer. With \
                  --rows N --per COLUMNS, N rows of each group are kept, so that rare groups are \
                  as well represented as frequent ones. The same seed and the same rows give the \
                  same sample, regardless of batch boundaries.

                  --shuffle writes all rows in random order, as needed for training sets. Rows \
                  that do not fit into --memory are written to a temporary file. The same seed and \
                  the same rows give the same order, regardless of memory.

                  Small result batches are merged, up to 2 MiB, as long as more input is ready; \
                  rows are never held back to wait for more.

                  Several inputs, and several streams in one input, are read one after another as \
                  one stream; their schemas must be equal. Metadata of individual record batches \
                  is dropped.",
    options: &[&[
        option("first", "keep the first N of each group")
            .details(
                "Counts values of --of, or else rows. If neither --of nor --per is given, upstream \
                 programs end after N rows.",
            )
            .value("N", |options, value| store(&mut options.first, value.count())),
        option("of", "count values of COLUMNS, keep all their rows")
            .details(
                "The N of --first then counts distinct values. Enclose a name that contains a \
                 comma in double quotes.",
            )
            .completes(Complete::Columns(&[]))
            .value("COLUMNS", |options, value| store(&mut options.of, value.names())),
        option("per", "with --first and --rows: group rows by COLUMNS")
            .details("N applies to each group. Rows of a group need not be adjacent.")
            .completes(Complete::Columns(&[]))
            .value("COLUMNS", |options, value| store(&mut options.per, value.names())),
        option("every", "keep every Nth row, starting with the first")
            .value("N", |options, value| store(&mut options.every, value.positive::<u64>())),
        option("fraction", "keep each row with probability P, from 0 to 1")
            .value("P", |options, value| store(&mut options.fraction, value.fraction())),
        option("rows", "keep N random rows; with --per, N of each group")
            .details("They are written at the end of the input, in input order.")
            .value("N", |options, value| store(&mut options.rows, value.positive::<u64>())),
        option("shuffle", "write all rows in random order")
            .details("They are written once all input has been read.")
            .switch(|options| options.shuffle = true),
        option("seed", "set the random seed")
            .details(
                "The same seed chooses the same rows, or the same order, each time. The default is \
                 a random seed.",
            )
            .value("N", |options, value| store(&mut options.seed, value.count())),
        option("verbose", "report the random seed on standard error")
            .short('v')
            .switch(|options| options.verbose = true),
    ]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::STREAMS)],
    memory: "A few batches of the input, and up to 2 MiB of rows being merged. With --first, about \
             40 bytes plus the length of its columns for each group, and for each value kept of a \
             group. Rows that are not kept add nothing. Sorted input is fast: a repeated value is \
             looked up once per batch. With --rows, twice the rows that are kept; with --per, also \
             each group. With --shuffle, the SIZE given by --memory (default 512 MiB), as for \
             stream-sort(1).",
    statuses: &[],
    examples: &[
        Example {
            purpose: "ten ids of each group, with all their rows",
            line: "parquet-to-stream data.parquet | stream-sample --first 10 --of id --per group | \
                   stream-to-parquet -o ids.parquet",
        },
        Example {
            purpose: "the first row of each group and id",
            line: "parquet-to-stream data.parquet | stream-sample --first 1 --per group,id | \
                   stream-to-parquet -o firsts.parquet",
        },
        Example {
            purpose: "one row in a hundred",
            line: "parquet-to-stream data.parquet | stream-sample --every 100 | stream-to-parquet \
                   -o few.parquet",
        },
        Example {
            purpose: "five hundred rows at random, the same ones each time",
            line: "parquet-to-stream data.parquet | stream-sample --rows 500 --seed 1 | \
                   stream-to-parquet -o some.parquet",
        },
        Example {
            purpose: "two hundred random rows of each group, then shuffled",
            line: "stream-sample --rows 200 --per group --seed 1 data.arrows | stream-sample \
                   --shuffle --seed 2 | stream-to-parquet -o training.parquet",
        },
    ],
};
