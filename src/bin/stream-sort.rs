//! stream-sort: sort an Arrow stream, also one larger than memory.

use arrow_pipes::command::{
    Command, Common, Example, Flag, INPUT, OUTPUT, PROGRESS, Progress, Set, Take, spill,
};
use arrow_pipes::io::Output;
use arrow_pipes::schema::Order;
use arrow_pipes::sort::{SortOptions, Sorter};
use arrow_pipes::stream::{Reader, Writer};
use arrow_pipes::{Error, Result};
use std::process::ExitCode;

fn main() -> ExitCode {
    COMMAND.main(sort)
}

fn sort(options: Options, common: Common) -> Result<()> {
    let options = options.checked(&common)?;
    let mut reader = Reader::open(&common.input)?;
    let mut sorter = Sorter::try_new(reader.schema(), &options)?;

    let output = Output::create(&common.output, &common.input.operands)?;
    let mut writer = Writer::create(output, reader.schema())?;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    // Ask for no batch that is not needed: the producer may be slow, or endless.
    while !sorter.is_done()
        && let Some(batch) = reader.next_batch()?
    {
        sorter.push(&batch)?;
        progress.add(batch.num_rows());
    }
    // What the reader remembers is not needed while rows come back from temporary files.
    drop(reader);
    let all = if options.unique.is_empty() { Some(progress.rows()) } else { None };
    progress.phase("sorting", None);
    let mut sorted = sorter.finish()?;
    progress.phase("writing", all.map(|all| options.limit.map_or(all, |limit| limit.min(all))));
    while let Some(batch) = sorted.next_batch()? {
        progress.add(batch.num_rows());
        writer.write(&batch)?;
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
    fn checked(self, common: &Common) -> Result<SortOptions> {
        let Some(by) = self.by else {
            return Err(Error::usage("in which order? give --by 'COLUMN [DESC], ...'"));
        };
        Ok(SortOptions {
            by,
            unique: self.unique,
            limit: self.limit,
            memory_bytes: common.spill.memory_bytes(),
            temporary_directory: common.spill.temporary_directory.clone(),
        })
    }
}

const COMMAND: Command<Options> = Command {
    name: "stream-sort",
    summary: "sort an Arrow stream by columns, also one larger than memory",
    operands: "--by ORDER [FILE...]",
    description: "Reads Arrow IPC streams from the files, or from standard input, and writes all \
                  their rows in the order of some columns. Rows that are equal in those stay in the \
                  order in which they came.

                  Several inputs, and several streams in one input, are read one after another as \
                  one stream; their schemas must be equal. The metadata of single record batches are \
                  dropped.

                  Values are ordered as in expressions: NaN is larger than all numbers and equal to \
                  NaN, -0 equals 0, text and binary go by their bytes, false comes before true, \
                  lists and structs go by their first parts that differ, values in dictionaries and \
                  runs stand where the same values elsewhere do. Intervals go by months, then days, \
                  then nanoseconds. Nulls are last, in ascending and in descending order, unless \
                  NULLS FIRST is said.

                  What does not fit into --memory is written to a temporary file, sorted, and merged \
                  from there. The file has no name, so that nothing is left behind however the \
                  program ends; it takes as much disk as the rows do in a stream, twice as much \
                  where there are more than about 64 times --memory of them. Nothing goes out before \
                  all has come in.

                  Sorted rows make smaller Parquet files, of which readers skip more: equal values \
                  lie together, and a row group spans few of them. The last two examples write the \
                  same 200,000 rows in ten row groups. As they came they take 358 kB, and any city \
                  may stand in any row group; sorted they take 90 kB, and city v7 can stand in one \
                  only, which is all that parquet-to-stream -w \"city = 'v7'\" then reads. \
                  stream-to-parquet --sorted-by checks the order and declares it in the file.",
    options: &[
        Flag {
            short: None,
            long: "by",
            summary: "the order: 'a DESC NULLS LAST, b'",
            details: "Columns, the most important first; each may be followed by ASC (the default) or \
                      DESC, and by NULLS FIRST or NULLS LAST (the default). A name in double quotes \
                      is meant exactly, and must be quoted if it holds a space, a comma or a quote; \
                      one without is also found if it differs in case only. a.b is the column b of \
                      the struct a, unless a column is called so.",
            set: Set::Value("ORDER", |options, value| {
                options.by = Some(value.try_map(Order::parse)?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "unique",
            summary: "of rows equal in these columns keep the first that came",
            details: "The first in the input, not in the order of --by, in which those that are kept \
                      then come. Nulls are equal here. Where the columns are not the first ones of \
                      --by, this takes two sorts, one after another, each with half of the memory. A \
                      name that holds a comma stands in double quotes.",
            set: Set::Value("COLUMNS", |options, value| {
                options.unique = value.names()?;
                Ok(())
            }),
        },
        Flag {
            short: Some('n'),
            long: "limit",
            summary: "write only the first ROWS rows of the result",
            details: "Rows that cannot be among them are dropped as they come, so that nothing is \
                      written to temporary files as long as ROWS rows fit into half of --memory.",
            set: Set::Value("ROWS", |options, value| {
                options.limit = Some(value.count()?);
                Ok(())
            }),
        },
    ],
    shared: &[&spill("What is more goes to a temporary file."), OUTPUT, INPUT, PROGRESS],
    take: Take::Inputs,
    memory: "What --memory says (512 MiB without it) and up to a fifth more, but no less than a few \
             batches of the input; beside that each distinct value of dictionaries, and 24 bytes for \
             every MiB in temporary files. With --limit about twice that many rows and 65,536 more, \
             if that is less.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "a Parquet file sorted by two columns, which it then declares",
            line: "parquet-to-stream data.parquet | stream-sort --by 'row DESC, id' | stream-to-parquet --sorted-by 'row DESC, id' -o by-row.parquet",
        },
        Example {
            purpose: "the ten rows with the largest ids",
            line: "parquet-to-stream data.parquet | stream-sort --by 'id DESC' -n 10 -o largest.arrows",
        },
        Example {
            purpose: "the first row of each id, ordered by group",
            line: "parquet-to-stream data.parquet | stream-sort --by 'group, id' --unique id -o firsts.arrows",
        },
        Example {
            purpose: "rows as they come",
            line: "stream-generate --rows 200000 'city=random(choice 999),n=random(choice 9)' | stream-to-parquet --row-group-rows 20000 -o came.parquet",
        },
        Example {
            purpose: "the same rows in order: a smaller file, and one row group for each city",
            line: "parquet-to-stream came.parquet | stream-sort --by city | stream-to-parquet --sorted-by city --row-group-rows 20000 -o city.parquet",
        },
    ],
};
