//! stream-select: choose, rename, cast and compute columns with a SQL select list.

use arrow_pipes::command::{
    Command, Common, Example, Flag, INPUT, OUTPUT, PROGRESS, Progress, Set, Take, expression_text,
    show,
};
use arrow_pipes::expression::{SelectList, function_signatures};
use arrow_pipes::io::Output;
use arrow_pipes::schema::unique_names;
use arrow_pipes::stream::{Reader, Writer};
use arrow_pipes::text::escaped;
use arrow_pipes::{Error, Result};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    COMMAND.main(select)
}

fn select(options: Options, common: Common) -> Result<()> {
    if options.functions {
        return show(&function_signatures());
    }
    let Some(list) = &options.list else {
        return Err(Error::usage("missing LIST (try 'id, price * 2 AS twice')"));
    };
    // A file may well be called as a column is; with a dot or a slash it was meant.
    if list.contains(['.', '/']) && Path::new(list).is_file() {
        let name = escaped(list);
        return Err(Error::usage(format!("\"{name}\" is a file, and the list comes first")));
    }
    let mut reader = Reader::open(&common.input)?;
    let schema = match options.unique_names {
        true => unique_names(reader.schema()),
        false => reader.schema().clone(),
    };
    let list = SelectList::bind(&expression_text(list.clone())?, &schema, options.truncate)?;
    list.warnings().iter().for_each(|warning| COMMAND.tell(warning));
    reader.project(list.columns().to_vec())?;

    let output = Output::create(&common.output, &common.input.operands)?;
    let mut writer = Writer::create(output, list.schema())?;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    let mut passed_rows = 0;
    while let Some(batch) = reader.next_batch()? {
        writer.write(&list.evaluate_from(&batch, passed_rows)?)?;
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
    summary: "choose, rename, cast and compute the columns of an Arrow stream",
    operands: "LIST [FILE...]",
    description: "Reads Arrow IPC streams from the files, or from standard input, and writes for each \
                  row what LIST says: columns as they are, under other names, cast to other types, \
                  or computed from others.

                  The list is what stands behind SELECT in SQL; arrow-expressions(7) describes it. \
                  Names that are words of SQL, such as \"group\", stand in double quotes. @FILE reads \
                  the list from a file.

                  Columns that only pass keep their type, their encoding and their metadata; columns \
                  that are not named are not decoded.

                  Several inputs, and several streams in one input, are read one after another as \
                  one stream; their schemas must be equal. The metadata of single record batches are \
                  dropped.",
    options: &[
        Flag {
            short: None,
            long: "functions",
            summary: "list the functions of expressions",
            details: "",
            set: Set::Switch(|options| options.functions = true),
        },
        Flag {
            short: None,
            long: "unique-names",
            summary: "number columns of one name before LIST names them: x, x_2",
            details: "The first column of a name keeps it, the others get _1, _2 and so on; a number \
                      that would make the name of another column is left out. Fields of structs keep \
                      their names.",
            set: Set::Switch(|options| options.unique_names = true),
        },
        Flag {
        short: None,
        long: "truncate",
        summary: "let casts cut off time that a coarser unit cannot hold",
        details: "Without it such a cast is an error that names the row. The earlier point in time \
                  is taken, also before 1970. TRY_CAST cuts off, too.",
        set: Set::Switch(|options| options.truncate = true),
    },
    ],
    shared: &[OUTPUT, INPUT, PROGRESS],
    take: Take::FirstThenInputs(|options, operand| {
        let text = operand.into_string().map_err(|_| Error::usage("the list is not UTF-8"))?;
        options.list = Some(text);
        Ok(None)
    }),
    memory: "A few batches of the input and what is computed from one of them: what one batch needs does \
             not depend on how many there are.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "some columns, one renamed, one computed",
            line: "parquet-to-stream data.parquet | stream-select 'id, \"row\" AS number, id * 2 AS twice' | stream-to-parquet -o narrow.parquet",
        },
        Example {
            purpose: "all columns, one without the digits it does not need",
            line: "parquet-to-stream data.parquet | stream-select '* REPLACE (CAST(id AS INTEGER) AS id)' >smaller.arrows",
        },
    ],
};
