//! stream-select: choose, rename, cast and compute columns with a SQL select list.

use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, Take, Tool, expression_text, functions,
    option, show, suffixes,
};
use arrow_pipes::expression::{SelectList, function_manual, function_signatures};
use arrow_pipes::io::Output;
use arrow_pipes::schema::unique_names;
use arrow_pipes::stream::hint::Until;
use arrow_pipes::stream::{Reader, Writer};
use arrow_pipes::text::escaped;
use arrow_pipes::{Error, Result};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(select);

fn select(options: Options, common: Common) -> Result<()> {
    if options.functions {
        // For scripts/update-generated.
        let is_manual = std::env::var_os("ARROW_PIPES_MANUAL").is_some();
        return show(&if is_manual { function_manual() } else { function_signatures() });
    }
    let Some(list) = &options.list else {
        return Err(Error::usage("missing LIST (try 'id, price * 2 AS twice')"));
    };
    // A file may have the same name as a column; with a dot or a slash, the file was meant.
    if list.contains(['.', '/']) && Path::new(list).is_file() {
        let name = escaped(list);
        return Err(Error::usage(format!("\"{name}\" is a file; the list must come first")));
    }
    let mut reader = Reader::open(&common.input)?;
    let input = reader.schema().clone();
    let named = |reader: &Reader| {
        let schema = reader.schema();
        if options.unique_names { unique_names(schema) } else { schema.clone() }
    };
    let text = expression_text(list.clone())?;
    let bind = |reader: &Reader| SelectList::bind(&text, &named(reader), options.truncate);
    let (schema, list) = (named(&reader), bind(&reader)?);
    list.warnings().iter().for_each(|warning| COMMAND.tell(warning));

    let output = Output::create(&common.output, &common.input.operands)?;
    let mut writer = Writer::create(output, list.schema())?;
    let given = writer.hint(|| reader.is_worth_waiting());
    let all = (0..list.schema().fields().len()).collect();
    let kept = list.kept(given.hint.columns.as_ref().unwrap_or(&all));
    let mut narrowed = list.only(&kept)?;
    reader.promise(given.hint.through_select(&list, &narrowed, &schema), Until::End);
    reader.settle()?;
    if *reader.schema() != input {
        // Some columns are encoded in transit.
        narrowed = bind(&reader)?.only(&kept)?;
    }
    if !given.is_empty() {
        writer.agree(&given, &kept, narrowed.schema())?;
    }
    let list = narrowed;
    reader.project(list.columns().to_vec())?;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    let mut passed_rows = 0;
    while let Some(batch) = reader.next_batch()? {
        for part in list.select_from(&batch, passed_rows)? {
            writer.write(&part?)?;
        }
        passed_rows += batch.num_rows() as u64;
        progress.add(batch.num_rows());
    }
    writer.finish()?;
    progress.finish();
    Ok(())
}

#[derive(Default)]
struct Options {
    list: Option<String>,
    truncate: bool,
    unique_names: bool,
    functions: bool,
}

const COMMAND: Command<Options> = Command {
    name: "stream-select",
    role: Role::Transform,
    summary: "choose, rename, cast and compute the columns of an Arrow stream",
    operands: "LIST [FILE...]",
    description: "Reads Arrow IPC streams from files or standard input and writes the columns of \
                  LIST for each row: unchanged, renamed, cast to other types, or computed from \
                  other columns. With unnest(list) in LIST, a row becomes a row for each element \
                  of the list.

                  LIST is what you would write after SELECT in SQL; see arrow-expressions(7). \
                  Quote column names that are SQL keywords: \"group\". @FILE reads LIST from a \
                  file.

                  Unchanged columns keep their type, encoding and metadata. Columns that LIST does \
                  not use are not decoded.

                  Several inputs, and several streams in one input, are read one after another as \
                  one stream; their schemas must be equal. Metadata of individual record batches \
                  is dropped.",
    options: &[&[
        functions(|options| options.functions = true),
        option("unique-names", "number columns with the same name before LIST is applied: x, x_2")
            .details(
                "The first column of a name keeps it; the others get _2, _3 and so on. A number \
                 that would produce the name of another column is skipped. Fields of structs keep \
                 their names.",
            )
            .switch(|options| options.unique_names = true),
        option("truncate", "let casts to a coarser time unit truncate")
            .details(
                "By default, such a cast is an error that names the row. Values are truncated to \
                 the earlier point in time, also before 1970. TRY_CAST truncates, too.",
            )
            .switch(|options| options.truncate = true),
    ]],
    take: Take::FirstThenInputs(|options, operand| {
        let text = operand.into_string().map_err(|_| Error::usage("the list is not UTF-8"))?;
        options.list = Some(text);
        Ok(None)
    }),
    completes: &[Complete::Expression, Complete::Files(suffixes::STREAMS)],
    memory: "A few batches of the input and what is computed from one of them, however many there \
             are.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "some columns, one renamed, one computed",
            line: "parquet-to-stream data.parquet | stream-select 'id, \"row\" AS number, id * 2 \
                   AS twice' | stream-to-parquet -o narrow.parquet",
        },
        Example {
            purpose: "all columns, one of them cast to a narrower type",
            line: "parquet-to-stream data.parquet | stream-select '* REPLACE (CAST(id AS INTEGER) \
                   AS id)' >smaller.arrows",
        },
    ],
};
