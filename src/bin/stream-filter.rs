//! stream-filter: keep the rows for which a SQL expression is true.

use arrow_pipes::batch::Merger;
use arrow_pipes::batch::bytes_text::Text;
use arrow_pipes::batch::filter::Filter;
use arrow_pipes::batch::limit::Limit;
use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, Take, Tool, expression_text, functions,
    limit, option, show, store, suffixes,
};
use arrow_pipes::explain::{Amounts, Cause, Explanation, NamedHint, Tally, Unit};
use arrow_pipes::expression::{Predicate, function_signatures};
use arrow_pipes::io::{Output, transferred};
use arrow_pipes::options::{Operand, Pushdown};
use arrow_pipes::schema::Projection;
use arrow_pipes::stream::hint::{Rows, Until};
use arrow_pipes::stream::{GivenHint, Reader, Writer};
use arrow_pipes::text::escaped;
use arrow_pipes::{Error, Result};
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

#[path = "stream-filter/keys.rs"]
mod keys;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(filter);

fn filter(options: Options, pushdown: Pushdown, mut common: Common) -> Result<()> {
    if options.functions {
        return show(&function_signatures());
    }
    let condition = condition(&options, &common.input.operands)?;
    common.input.no_hints = pushdown.is_off;
    let mut reader = Reader::open(&common.input)?;
    let projection = Projection::try_new(reader.schema(), options.columns.as_deref())?;
    let schema = reader.schema().clone();
    let (predicate, text, invert) = match condition {
        Condition::Expression(text) => {
            (Predicate::bind(&text, &schema)?, Some(text), options.invert)
        }
        Condition::Keys { file, column, are_left_out } => {
            let predicate = keys::read(&file, &column, &reader, &common.input)?;
            (predicate, None, options.invert != are_left_out)
        }
    };

    let output = Output::create(&common.output, &common.input.operands)?;
    let mut writer = Writer::create(output, projection.schema())?;
    let mut given = GivenHint::default();
    if !pushdown.is_off {
        given = writer.hint(|| reader.is_worth_waiting());
    }
    let needed = given.hint.named(projection.schema());
    let all = projection.schema().fields().len();
    let columns = given.hint.columns.clone().unwrap_or_else(|| (0..all).collect());
    let mut narrowed = projection.narrowed(&schema, &columns);
    let mut filter = Filter::new(Some(predicate.clone()), &schema, narrowed.clone(), invert)?;
    // With a limit or --exit-status, rows that the reader does not need count, too.
    let counts = options.limit.is_some() || options.exit_status;
    let rows = if counts { Rows::Counted } else { Rows::Same };
    let hint =
        given.hint.through_filter(text.as_deref(), invert, &filter, &projection, &schema, rows);
    let told = if reader.has_writers() { hint.named(&schema) } else { NamedHint::default() };
    reader.promise(hint, if options.limit.is_some() { Until::Enough } else { Until::End });
    reader.settle()?;
    if *reader.schema() != schema {
        // Some columns are encoded in transit: an expression is evaluated once for each value.
        let schema = reader.schema();
        let bind = |text: String| Predicate::bind(&text, schema);
        let predicate = text.map_or(Ok(predicate), bind)?;
        narrowed =
            Projection::try_new(schema, options.columns.as_deref())?.narrowed(schema, &columns);
        filter = Filter::new(Some(predicate), schema, narrowed.clone(), invert)?;
    }
    if !given.is_empty() {
        writer.agree(&given, &columns, narrowed.schema())?;
    }
    if !pushdown.is_off {
        reader.project(filter.needed().to_vec())?;
    }
    let merger = Merger::new(narrowed.schema().clone());
    let progress = Progress::start(COMMAND.name, common.progress, None);
    let limit = Limit::new(0, options.limit);
    let work = Work { reader, filter, limit, merger, writer, progress };
    let (tally, kept_rows) = work.finish(pushdown.is_off)?;
    if let Some(form) = pushdown.explain {
        let explanation = Explanation {
            tool: COMMAND.name,
            units: &[Unit::Batches, Unit::Rows],
            causes: &[Cause::Late],
            tally,
            written_rows: kept_rows as u64,
            reader: needed,
            writer: Some(told),
            transferred: transferred(),
        };
        COMMAND.explain(form, &explanation);
    }
    if options.exit_status && kept_rows == 0 { Err(Error::no_match()) } else { Ok(()) }
}

/// A filter with its input and its output.
struct Work {
    reader: Reader,
    filter: Filter,
    limit: Limit,
    merger: Merger,
    writer: Writer,
    progress: Progress,
}

impl Work {
    /// Filters all batches. Returns what was read, and how many rows were kept.
    ///
    /// # Errors
    /// Those of the input, the expression and the output.
    fn finish(self, decodes_all: bool) -> Result<(Tally, usize)> {
        let Self { mut reader, mut filter, mut limit, mut merger, mut writer, mut progress } = self;
        let (mut kept_rows, mut tally) = (0, Tally::default());
        let is_late = filter.decodes_late() && !decodes_all;
        let all: Vec<usize> = (0..reader.schema().fields().len()).collect();
        // Do not read a batch that is not needed: the producer may be slow, or endless.
        while !limit.is_done()
            && let Some(batch) = reader.next_undecoded()?
        {
            if decodes_all {
                batch.columns(&all, Text::Checked)?;
            }
            let decode = |columns: &[usize], text| batch.columns(columns, text);
            let kept = limit.apply(filter.apply(batch.num_rows(), decode)?);
            kept_rows += kept.num_rows();
            let rows = batch.num_rows() as u64;
            let amounts = Amounts { parts: 1, rows, ..Amounts::default() };
            tally.total += amounts;
            if kept.num_rows() == 0 && is_late {
                tally[Cause::Late] += amounts;
            }
            progress.add(batch.num_rows());
            writer.write_compacted(&merger.push(kept, || reader.is_ready()))?;
        }
        writer.write_compacted(&merger.finish())?;
        writer.finish()?;
        progress.finish();
        Ok((tally, kept_rows))
    }
}

/// The condition for keeping a row.
enum Condition {
    Expression(String),
    Keys { file: Operand, column: String, are_left_out: bool },
}

fn condition(options: &Options, inputs: &[Operand]) -> Result<Condition> {
    let keys = match (&options.keys, &options.other_keys) {
        (Some(_), Some(_)) => return Err(Error::usage("--in cannot be combined with --not-in")),
        (Some(file), None) => Some((file.clone(), false)),
        (None, Some(file)) => Some((file.clone(), true)),
        (None, None) => None,
    };
    match (keys, &options.key_column, &options.expression) {
        (Some((file, are_left_out)), Some(column), _) => {
            if file == Operand::Stdin && inputs.contains(&Operand::Stdin) {
                return Err(Error::usage("standard input cannot be both the keys and the stream"));
            }
            Ok(Condition::Keys { file, column: column.clone(), are_left_out })
        }
        (Some(_), None, _) => Err(Error::usage("--in needs --on COLUMN")),
        (None, Some(_), _) => Err(Error::usage("--on needs --in FILE or --not-in FILE")),
        (None, None, None) => Err(Error::usage("missing EXPRESSION (try 'id < 5')")),
        (None, None, Some(text)) => {
            let text = text.clone().into_string();
            let text = text.map_err(|_| Error::usage("the expression is not UTF-8"))?;
            if Path::new(&text).is_file() {
                let name = escaped(&text);
                let message = format!("\"{name}\" is a file; the expression must come first");
                return Err(Error::usage(message));
            }
            Ok(Condition::Expression(expression_text(text)?))
        }
    }
}

#[derive(Default)]
struct Options {
    expression: Option<OsString>,
    keys: Option<Operand>,
    other_keys: Option<Operand>,
    key_column: Option<String>,
    invert: bool,
    columns: Option<Vec<String>>,
    limit: Option<u64>,
    exit_status: bool,
    functions: bool,
}

const COMMAND: Command<Options> = Command {
    name: "stream-filter",
    role: Role::Transform,
    summary: "keep the rows of an Arrow stream for which a SQL expression is true",
    operands: "EXPRESSION [FILE...]",
    description: "Reads Arrow IPC streams from files or standard input and writes the rows for \
                  which EXPRESSION is true. Rows for which it is false or unknown (a comparison \
                  with null) are dropped. --invert writes exactly those rows instead, so every \
                  input row is in one of the two results.

                  EXPRESSION is what you would write after WHERE in SQL; see arrow-expressions(7). \
                  Quote column names that are SQL keywords: \"group\". @FILE reads EXPRESSION from \
                  a file.

                  Columns that EXPRESSION does not use are read only where it keeps a row: damage \
                  in dropped rows may go unnoticed.

                  Small result batches are merged, up to 2 MiB, as long as more input is ready; \
                  rows are never held back to wait for more.

                  Several inputs, and several streams in one input, are read one after another as \
                  one stream; their schemas must be equal. Metadata of individual record batches \
                  is dropped.",
    options: &[&[
        option("in", "keep rows whose --on COLUMN is a key in FILE")
            .details(
                "Replaces EXPRESSION. FILE has one key per line, in the text form of the column's \
                 type, or is an Arrow file or stream with a column of the same name or with a \
                 single column. Empty lines are keys only for text columns. Keys are held in \
                 memory.",
            )
            .completes(Complete::Files(suffixes::ANY))
            .value("FILE", |options, value| {
                options.keys = Some(Operand::from_argument(value.raw()));
                Ok(())
            }),
        option("not-in", "drop rows whose --on COLUMN is a key in FILE")
            .details("Rows without a value are kept, too.")
            .completes(Complete::Files(suffixes::ANY))
            .value("FILE", |options, value| {
                options.other_keys = Some(Operand::from_argument(value.raw()));
                Ok(())
            }),
        option("on", "compare COLUMN with the keys of --in or --not-in")
            .details("Any type except lists, structs, maps and unions.")
            .completes(Complete::Column)
            .value("COLUMN", |options, value| store(&mut options.key_column, value.name())),
        option("invert", "keep the rows for which the expression is not true")
            .short('v')
            .details("They are those for which it is false or unknown.")
            .switch(|options| options.invert = true),
        option("columns", "write only these columns, in this order")
            .short('c')
            .details(
                "The expression may use others. a.b is the struct a with only b in it, unless a \
                 column has that name. Enclose a name that contains a comma in double quotes.",
            )
            .completes(Complete::Columns(&[]))
            .value("NAMES", |options, value| store(&mut options.columns, value.names())),
        limit("Upstream programs then end as well.", |options, value| {
            store(&mut options.limit, value.count())
        }),
        option("exit-status", "exit with status 3 if no row was kept")
            .short('e')
            .switch(|options| options.exit_status = true),
        functions(|options| options.functions = true),
    ]],
    take: Take::FirstThenInputs(|options, operand| {
        if options.keys.is_some() || options.other_keys.is_some() {
            return Ok(Some(operand));
        }
        options.expression = Some(operand);
        Ok(None)
    }),
    completes: &[Complete::Expression, Complete::Files(suffixes::STREAMS)],
    memory: "The keys of --in or --not-in; a few batches of the input, however long it is; and up \
             to 2 MiB of rows being merged.",
    statuses: &[(3, "with --exit-status: no row was kept")],
    examples: &[
        Example {
            purpose: "keep some rows of a Parquet file",
            line: "parquet-to-stream data.parquet | stream-filter 'id < 3 AND row % 7 = 0' | \
                   stream-to-parquet -o few.parquet",
        },
        Example {
            purpose: "keep the rows whose ids are listed in a file",
            line: "seq 2 3 >ids.txt; parquet-to-stream data.parquet | stream-filter --in ids.txt \
                   --on id | stream-count",
        },
        Example {
            purpose: "check whether any row matches",
            line: "parquet-to-stream data.parquet | stream-filter -e -n 1 '\"group\" = 2' \
                   >/dev/null",
        },
    ],
};
