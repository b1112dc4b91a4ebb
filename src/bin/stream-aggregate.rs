//! stream-aggregate: sums, means, quantiles and more, of a stream or of each group.

use arrow_pipes::aggregate::{AggregateOptions, Aggregator};
use arrow_pipes::any_file::{AnyReader, Encoded};
use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, SpillOptions, Spills, Take, Tool, Value,
    expression_text, option, show, store, suffixes,
};
use arrow_pipes::expression::{AggregateList, aggregate_signatures};
use arrow_pipes::io::Output;
use arrow_pipes::stream::Writer;
use arrow_pipes::stream::hint::{Hint, Until};
use arrow_pipes::text::escaped;
use arrow_pipes::threads::Threads;
use arrow_pipes::{Error, Result};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(aggregate);

fn aggregate(
    options: Options,
    spill: SpillOptions<Options>,
    threads: Threads,
    common: Common,
) -> Result<()> {
    if options.functions {
        return show(&aggregate_signatures());
    }
    options.check()?;
    let list = options.list()?;
    let mut reader = AnyReader::open(&common.input, Encoded::Kept)?;
    let schema = reader.schema().clone();
    let mut bound = options.bind(list.as_deref(), &reader)?;
    if list.is_some() {
        reader.promise(Hint::of_columns(&bound.columns()), Until::End);
        reader.settle()?;
        if *reader.schema() != schema {
            // Some columns are encoded in transit.
            bound = options.bind(list.as_deref(), &reader)?;
        }
        reader.project(bound.columns())?;
    }
    let settings = AggregateOptions {
        memory_bytes: spill.memory_bytes(),
        temporary_directory: spill.temporary_directory,
        is_sorted: options.is_sorted,
        is_input_sorted: options.is_input_sorted,
        is_partial: options.is_partial,
        threads,
    };
    let mut aggregator = Aggregator::try_new(bound, settings)?;

    let output = Output::create(&common.output, &common.input.operands)?;
    let mut writer = Writer::create(output, aggregator.schema())?;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    while let Some(message) = reader.next_message()? {
        let ready = match list {
            Some(_) => aggregator.push(&message.batch)?,
            None => aggregator.push_partial(&message.batch)?,
        };
        ready.iter().try_for_each(|batch| writer.write(batch))?;
        progress.add(message.num_rows());
    }
    // Free the reader's memory while groups are read back from temporary files.
    drop(reader);
    progress.phase("writing", None);
    let mut groups = aggregator.finish()?;
    while let Some(batch) = groups.next_batch()? {
        progress.add(batch.num_rows());
        writer.write(&batch)?;
    }
    writer.finish()?;
    progress.finish();
    Ok(())
}

#[derive(Default)]
struct Options {
    list: Option<String>,
    by: Option<String>,
    having: Option<String>,
    is_sorted: bool,
    is_input_sorted: bool,
    is_partial: bool,
    is_merged: bool,
    functions: bool,
}

impl Options {
    fn check(&self) -> Result<()> {
        if self.is_input_sorted && self.by.is_none() {
            return Err(Error::usage("--input-sorted requires --by"));
        }
        if self.is_merged && (self.by.is_some() || self.having.is_some() || self.is_input_sorted) {
            let message =
                "--merge takes LIST, --by and --having from the partial results; omit them";
            return Err(Error::usage(message));
        }
        if self.is_partial && (self.is_sorted || self.is_input_sorted) {
            let message = "--partial writes states in any order; give --sorted with --merge";
            return Err(Error::usage(message));
        }
        Ok(())
    }

    /// The list; none if it comes with partial results.
    fn list(&self) -> Result<Option<String>> {
        if self.is_merged {
            return Ok(None);
        }
        let Some(list) = &self.list else {
            return Err(Error::usage("missing LIST (try 'count(*), avg(price) AS mean')"));
        };
        // A file may have the same name as a column; with a dot or a slash, the file was meant.
        if list.contains(['.', '/']) && Path::new(list).is_file() {
            let name = escaped(list);
            return Err(Error::usage(format!("\"{name}\" is a file; the list must come first")));
        }
        expression_text(list.clone()).map(Some)
    }

    fn bind(&self, list: Option<&str>, reader: &AnyReader) -> Result<AggregateList> {
        let (by, having) = (self.by.as_deref(), self.having.as_deref());
        let bound = match list {
            Some(list) => AggregateList::bind(list, by, having, reader.schema())?,
            None => AggregateList::of_partial(reader.schema())?,
        };
        bound.results().warnings().iter().for_each(|warning| COMMAND.tell(warning));
        Ok(bound)
    }
}

impl Spills for Options {
    const REST: &str = "Groups that do not fit are written to a temporary file and merged.";
}

fn text(value: Value) -> Result<String> {
    expression_text(value.text()?)
}

const COMMAND: Command<Options> = Command {
    name: "stream-aggregate",
    role: Role::Transform,
    summary: "sums, means, quantiles and more, of an Arrow stream or of each group",
    operands: "LIST [FILE...]",
    description:
        "Reads Arrow IPC streams from files or standard input and writes one row for each \
                  group of rows with the same keys: the keys, and what LIST computes of the group. \
                  Without --by, all rows are one group, also if there are none.

                  LIST is what you would write after SELECT in SQL, with functions of many rows: \
                  'count(*), sum(price * pieces) / sum(pieces) AS mean'. Their arguments and what \
                  is computed of their results are expressions; see arrow-expressions(7). A column \
                  outside such a function must be a key. Keys that LIST does not have come first. \
                  @FILE reads LIST from a file.

                  A function may take only some rows, each value once, or the rows in an order: \
                  'count(*) FILTER (WHERE price > 9)', 'count(DISTINCT city)', \"string_agg(name, \
                  ', ' ORDER BY name DESC)\". arrow-expressions(7) has all \
                  functions, and --functions lists them.

                  Groups come out in the order in which they were seen first. Keys are equal as in \
                  stream-count(1): nulls are values, NaN equals NaN, -0 equals 0, and \
                  dictionary-encoded and run-end encoded values equal the same plain values.

                  Results and their types are those of DuckDB: sums of integers are exact, of type \
                  decimal(38, 0), where DuckDB has HUGEINT; sums of decimals have 38 digits and \
                  are exact; means are doubles. Sums of floating-point numbers are better than \
                  DuckDB's sum: what rounding loses is added at the end, as in its fsum. Nulls \
                  do not count, except in first, last and list.

                  For a quick look, FILE may also be a Parquet file, delimited text or JSON, \
                  recognized by its content.",
    options: &[&[
        option("by", "make a group of the rows that are equal in COLUMNS")
            .details(
                "Columns and expressions, which may have names: \"city, date_trunc('month', ts) AS \
                 month\".",
            )
            .completes(Complete::Expression)
            .value("COLUMNS", |options, value| store(&mut options.by, text(value))),
        option("having", "write only the groups for which EXPRESSION is true")
            .details(
                "It may use keys, functions of many rows and the names in LIST: 'total > 100 AND \
                 count(*) > 2'.",
            )
            .completes(Complete::Expression)
            .value("EXPRESSION", |options, value| store(&mut options.having, text(value))),
        option("sorted", "write the groups in the order of their keys")
            .details("As stream-sort(1) does: ascending, nulls last.")
            .switch(|options| options.is_sorted = true),
        option("input-sorted", "write each group as soon as the next one begins")
            .details(
                "The rows must be in the order of their keys, ascending, nulls last, which is \
                 checked. Only one group at a time is in memory, and a slow stream stays live.",
            )
            .switch(|options| options.is_input_sorted = true),
        option("partial", "write the states of groups, to be merged later")
            .details(
                "For parts of a table that are aggregated side by side: a stream with the keys and \
                 a struct for each function. A key may occur several times.",
            )
            .switch(|options| options.is_partial = true),
        option("merge", "read streams that --partial wrote, and complete their groups")
            .details(
                "All operands are inputs; LIST, --by and --having are those of the partial results. \
                 With --partial, write their states again.",
            )
            .switch(|options| options.is_merged = true),
        option("functions", "list the functions of many rows")
            .switch(|options| options.functions = true),
    ]],
    take: Take::FirstThenInputs(|options, operand| {
        if options.is_merged {
            return Ok(Some(operand));
        }
        let text = operand.into_string().map_err(|_| Error::usage("the list is not UTF-8"))?;
        options.list = Some(text);
        Ok(None)
    }),
    completes: &[Complete::Expression, Complete::Files(suffixes::TABLES)],
    memory: "--memory (default 512 MiB) and up to a fifth more, for the keys and the state of each \
             group: about 50 bytes for a key, and 8 to 32 for a number. median, quantiles, mode, \
             list, DISTINCT and ORDER BY keep the values of a group, and one group must fit; \
             approx_quantile keeps up to 8192 of them, and approx_count_distinct 4 KiB; min and max \
             of N values keep N. \
             Without --by, and with --input-sorted, there is one group at a time.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "rows, sums and means of each group",
            line: "parquet-to-stream data.parquet | stream-aggregate --by 'id % 3 AS rest' \
                   'count(*), sum(id), avg(id)' | stream-print",
        },
        Example {
            purpose: "the largest groups",
            line: "stream-aggregate --by '\"group\"' 'count(*) AS n' data.arrows | stream-sort --by \
                   'n DESC' -n 3 | stream-print",
        },
        Example {
            purpose: "one row for a whole file",
            line: "stream-aggregate 'min(id), median(id), max(id)' data.parquet | stream-to-csv",
        },
        Example {
            purpose: "files side by side, two at a time",
            line: "ls january.parquet february.parquet | xargs -P 2 -I{} stream-aggregate --partial \
                   'avg(id)' {} -o {}.part",
        },
        Example {
            purpose: "their common result",
            line: "stream-aggregate --merge january.parquet.part february.parquet.part | \
                   stream-print",
        },
    ],
};
