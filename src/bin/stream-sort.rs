//! stream-sort: sort an Arrow stream, even one larger than memory.

use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, SpillOptions, Spills, Take, Tool, option,
    store, suffixes,
};
use arrow_pipes::io::Output;
use arrow_pipes::schema::Order;
use arrow_pipes::sort::{SortOptions, Sorter};
use arrow_pipes::stream::hint::Rows;
use arrow_pipes::stream::{Reader, Writer, pass_on_without_keys};
use arrow_pipes::threads::Threads;
use arrow_pipes::{Error, Result};
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(sort);

fn sort(
    options: Options,
    spill: SpillOptions<Options>,
    threads: Threads,
    common: Common,
) -> Result<()> {
    let mut options = options.checked(spill, threads)?;
    let mut reader = Reader::open(&common.input)?;
    Sorter::try_new(reader.schema(), &options)?;
    let keys = options.columns(reader.schema())?;

    let output = Output::create(&common.output, &common.input.operands)?;
    let mut writer = Writer::create(output, reader.schema())?;
    let rows = match options.limit {
        Some(0) => Rows::First(0),
        None if options.unique.is_empty() => Rows::Reordered,
        // Which of equal rows is written depends on rows that could be left out.
        _ => Rows::Counted,
    };
    let only_counts = options.only_counts(reader.schema())?;
    let passed = pass_on_without_keys(&mut reader, &mut writer, &keys, rows, only_counts)?;
    options.limit = passed.limit.into_iter().chain(options.limit).min();
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    if only_counts && passed.output.is_empty() {
        return count(reader, writer, options.limit, progress);
    }
    let mut sorter = Sorter::try_new(reader.schema(), &options)?;
    // Do not read a batch that is not needed: the producer may be slow, or endless.
    while !sorter.is_done()
        && let Some(batch) = reader.next_batch()?
    {
        sorter.push(&batch)?;
        progress.add(batch.num_rows());
    }
    // Free the reader's memory while rows are read back from temporary files.
    drop(reader);
    let all = if options.unique.is_empty() { Some(progress.rows()) } else { None };
    progress.phase("sorting", None);
    let mut sorted = sorter.finish(&passed.output)?;
    progress.phase("writing", all.map(|all| options.limit.map_or(all, |limit| limit.min(all))));
    while let Some(batch) = sorted.next_batch()? {
        progress.add(batch.num_rows());
        writer.write(&batch)?;
    }
    writer.finish()?;
    progress.finish();
    Ok(())
}

/// Writes as many rows as the sort would, for a reader that needs no column: it cannot see their
/// order. The input is read to its end, as for a sort, so that an error in it is found.
fn count(
    mut reader: Reader,
    mut writer: Writer,
    limit: Option<u64>,
    mut progress: Progress,
) -> Result<()> {
    let mut left = limit.unwrap_or(u64::MAX);
    while limit != Some(0)
        && let Some(batch) = reader.next_batch()?
    {
        let rows = (batch.num_rows() as u64).min(left);
        writer.write(&batch.slice(0, rows as usize))?;
        left -= rows;
        progress.add(batch.num_rows());
    }
    writer.finish()?;
    progress.finish();
    Ok(())
}

#[derive(Default)]
struct Options {
    by: Option<Order>,
    unique: Vec<String>,
    limit: Option<u64>,
}

impl Options {
    fn checked(self, spill: SpillOptions<Self>, threads: Threads) -> Result<SortOptions> {
        let Some(by) = self.by else {
            return Err(Error::usage("missing --by ORDER (try --by 'COLUMN DESC, ...')"));
        };
        Ok(SortOptions {
            by,
            unique: self.unique,
            limit: self.limit,
            memory_bytes: spill.memory_bytes(),
            temporary_directory: spill.temporary_directory,
            threads,
        })
    }
}

impl Spills for Options {
    const REST: &str = "Rows that do not fit are written to a temporary file.";
}

const COMMAND: Command<Options> = Command {
    name: "stream-sort",
    role: Role::Transform,
    summary: "sort an Arrow stream by columns, even one larger than memory",
    operands: "--by ORDER [FILE...]",
    description: "Reads Arrow IPC streams from files or standard input and writes all their rows, \
                  sorted by some columns. Rows that are equal in those columns keep their input \
                  order.

                  Several inputs, and several streams in one input, are read one after another as \
                  one stream; their schemas must be equal. Metadata of individual record batches \
                  is dropped.

                  Values are ordered as in expressions: NaN is larger than all numbers and equal \
                  to NaN, -0 equals 0, text and binary are ordered by their bytes, false comes \
                  before true, lists and structs are ordered by the first elements that differ, \
                  dictionary-encoded and run-end encoded values are ordered like plain ones. \
                  Intervals are ordered by months, then days, then nanoseconds. Nulls are last, \
                  both ascending and descending, unless NULLS FIRST is given.

                  Rows that do not fit into --memory are sorted, written to a temporary file, and \
                  merged from there. The file has no name, so nothing is left over however the \
                  program ends. It takes as much disk space as the rows take in a stream, twice as \
                  much if there are more than about 64 times --memory of them. No row is written \
                  before all input has been read. A reader that only counts rows, such as \
                  stream-count(1), cannot see their order: for it, rows by keys of a fixed width \
                  are not sorted.

                  Sorted rows make smaller Parquet files, of which readers can skip more: equal \
                  values are adjacent, and a row group has few distinct values. The last two \
                  examples write the same 200,000 rows in ten row groups. In random order they \
                  take 358 kB, and any city may be in any row group. Sorted they take 90 kB, and \
                  city v7 can be in only one row group, the only one that parquet-to-stream -w \
                  \"city = 'v7'\" then reads. stream-to-parquet --sorted-by checks the order and \
                  declares it in the file.",
    options: &[&[
        option("by", "sort by ORDER: 'a DESC NULLS LAST, b'")
            .details(
                "Columns, the most important first; each may be followed by ASC (default) or DESC, \
                 and by NULLS FIRST or NULLS LAST (default). A name in double quotes must match \
                 exactly, and quotes are required if it contains a space, a comma or a quote. A \
                 name without quotes also matches if it differs only in case. a.b is the column b \
                 of the struct a, unless a column has that name.",
            )
            .completes(Complete::Order)
            .value("ORDER", |options, value| store(&mut options.by, value.try_map(Order::parse))),
        option("unique", "of rows that are equal in COLUMNS, keep the first")
            .details(
                "The first in the input, not in the order of --by, by which the result is then \
                 sorted. Nulls are equal here. If COLUMNS are not the first columns of --by, this \
                 takes two sorts, one after the other, each with half of the memory. Enclose a \
                 name that contains a comma in double quotes.",
            )
            .completes(Complete::Columns(&[]))
            .value("COLUMNS", |options, value| store(&mut options.unique, value.names())),
        option("limit", "write only the first ROWS rows of the result")
            .short('n')
            .details(
                "Rows that cannot be among them are dropped as they arrive, so nothing is written \
                 to temporary files as long as ROWS rows fit into half of --memory.",
            )
            .value("ROWS", |options, value| store(&mut options.limit, value.count())),
    ]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::STREAMS)],
    memory: "--memory (default 512 MiB) and up to a fifth more, but at least a few batches of the \
             input; in addition each distinct value of dictionaries, and 24 bytes per MiB in \
             temporary files. With --limit, about twice that many rows and 65,536 more, if that is \
             less.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "a Parquet file sorted by two columns, with the order declared in it",
            line: "parquet-to-stream data.parquet | stream-sort --by 'row DESC, id' | \
                   stream-to-parquet --sorted-by 'row DESC, id' -o by-row.parquet",
        },
        Example {
            purpose: "the ten rows with the largest ids",
            line: "parquet-to-stream data.parquet | stream-sort --by 'id DESC' -n 10 -o \
                   largest.arrows",
        },
        Example {
            purpose: "the first row of each id, ordered by group",
            line: "parquet-to-stream data.parquet | stream-sort --by 'group, id' --unique id -o \
                   firsts.arrows",
        },
        Example {
            purpose: "rows in random order",
            line: "stream-generate --rows 200000 'city=random(choice 999),n=random(choice 9)' | \
                   stream-to-parquet --row-group-rows 20000 -o came.parquet",
        },
        Example {
            purpose: "the same rows sorted: a smaller file, and one row group per city",
            line: "parquet-to-stream came.parquet | stream-sort --by city | stream-to-parquet \
                   --sorted-by city --row-group-rows 20000 -o city.parquet",
        },
    ],
};
