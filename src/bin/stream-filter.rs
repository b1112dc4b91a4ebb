//! stream-filter: keep the rows for which a SQL expression is true.

use arrow_pipes::batch::Merger;
use arrow_pipes::batch::filter::Filter;
use arrow_pipes::batch::limit::Limit;
use arrow_pipes::command::{
    Command, Common, Example, Flag, INPUT, OUTPUT, PROGRESS, Progress, Set, Take,
};
use arrow_pipes::io::Output;
use arrow_pipes::schema::Projection;
use arrow_pipes::stream::{Reader, Writer};
use arrow_pipes::text::escaped;
use arrow_pipes::{Error, Result};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    COMMAND.main(filter)
}

fn filter(options: Options, common: Common) -> Result<()> {
    let Some(expression) = &options.expression else {
        return Err(Error::usage("no expression: what shall be true of the rows to keep?"));
    };
    if Path::new(expression).is_file() {
        let name = escaped(expression);
        return Err(Error::usage(format!("\"{name}\" is a file, and the expression comes first")));
    }
    let mut reader = Reader::open(&common.input)?;
    let projection = Projection::try_new(reader.schema(), options.columns.as_deref())?;
    let output_schema = projection.schema().clone();
    let mut filter = Filter::bind(expression, reader.schema(), projection, options.invert)?;
    reader.project(filter.needed().to_vec())?;

    let output = Output::create(&common.output, &common.input.operands)?;
    let mut writer = Writer::create(output, &output_schema)?;
    let mut merger = Merger::new(output_schema);
    let mut limit = Limit::new(0, options.limit);
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    let mut kept_rows = 0;
    // Ask for no batch that is not needed: the producer may be slow, or endless.
    while !limit.is_done()
        && let Some(batch) = reader.next_arrived()?
    {
        let decode = |columns: &[usize], text| batch.columns(columns, text);
        let kept = limit.apply(filter.apply(batch.num_rows(), decode)?);
        kept_rows += kept.num_rows();
        progress.add(batch.num_rows());
        writer.write_all(&merger.push(kept, || reader.is_ready())?)?;
    }
    writer.write_all(&merger.finish()?)?;
    writer.finish()?;
    progress.finish();
    if options.exit_status && kept_rows == 0 { Err(Error::no_match()) } else { Ok(()) }
}

#[derive(Default)]
struct Options {
    expression: Option<String>,
    invert: bool,
    columns: Option<Vec<String>>,
    limit: Option<u64>,
    exit_status: bool,
}

const COMMAND: Command<Options> = Command {
    name: "stream-filter",
    summary: "keep the rows of an Arrow stream for which a SQL expression is true",
    operands: "EXPRESSION [FILE...]",
    description: "Reads Arrow IPC streams from the files, or from standard input, and writes the rows \
                  for which EXPRESSION is true. A row for which it is false or unknown (a comparison \
                  with null) is left out; with --invert those are kept and the others left out, so \
                  that both halves add up to the whole.

                  The expression is what stands behind WHERE in SQL; arrow-expressions(7) describes \
                  it. Names that are words of SQL, such as \"group\", stand in double quotes.

                  Columns that the expression does not use are only looked at where it keeps a row: \
                  damage in rows that are left out may go unseen.

                  Small batches that are left are merged, up to 2 MiB, as long as more input is there \
                  to be read; rows are never held back while waiting for more.

                  Several inputs, and several streams in one input, are read one after another as \
                  one stream; their schemas must be equal.",
    options: &[
        Flag {
            short: Some('v'),
            long: "invert",
            summary: "keep the rows for which the expression is not true",
            details: "Those for which it is false, and those for which it is unknown.",
            set: Set::Switch(|options| options.invert = true),
        },
        Flag {
            short: Some('c'),
            long: "columns",
            summary: "write only these columns, in this order",
            details: "The expression may use others. a.b gives the struct a holding only b, unless a \
                      column is called so. A name that holds a comma stands in double quotes.",
            set: Set::Value("NAMES", |options, value| {
                options.columns = Some(value.names()?);
                Ok(())
            }),
        },
        Flag {
            short: Some('n'),
            long: "limit",
            summary: "stop after ROWS rows",
            details: "The programs before it in the pipe end then, too.",
            set: Set::Value("ROWS", |options, value| {
                options.limit = Some(value.count()?);
                Ok(())
            }),
        },
        Flag {
            short: Some('e'),
            long: "exit-status",
            summary: "exit with status 3 if no row was kept",
            details: "",
            set: Set::Switch(|options| options.exit_status = true),
        },
    ],
    shared: &[OUTPUT, INPUT, PROGRESS],
    take: Take::FirstThenInputs(|options, operand| {
        let text = operand.into_string().map_err(|_| Error::usage("the expression is not UTF-8"))?;
        options.expression = Some(text);
        Ok(())
    }),
    memory: "A few batches of the input, and up to 2 MiB of rows that are being merged: what one batch \
             needs does not depend on how many there are.",
    statuses: &[(3, "with --exit-status: no row was kept")],
    examples: &[
        Example {
            purpose: "keep some rows of a Parquet file",
            line: "parquet-to-stream data.parquet | stream-filter 'id < 3 AND row % 7 = 0' | stream-to-parquet -o few.parquet",
        },
        Example {
            purpose: "is there any such row?",
            line: "parquet-to-stream data.parquet | stream-filter -e -n 1 '\"group\" = 2' >/dev/null",
        },
    ],
};
