//! file-to-stream: read Arrow IPC files as an Arrow stream.

use arrow_pipes::Result;
use arrow_pipes::batch::filter::Filter;
use arrow_pipes::batch::limit::Limit;
use arrow_pipes::batch::{BatchMessage, Merger};
use arrow_pipes::command::{
    Command, Common, Complete, Example, NumberList, Progress, Role, Take, Tool, option, store,
    suffixes,
};
use arrow_pipes::expression::Predicate;
use arrow_pipes::io::{Output, have_bytes};
use arrow_pipes::options::{InputOptions, Selection};
use arrow_pipes::schema::Projection;
use arrow_pipes::stream::hint::{Hint, Until};
use arrow_pipes::stream::{Reader, WholeFiles, Writer};
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(file_to_stream);

fn file_to_stream(options: Options, selection: Selection, common: Common) -> Result<()> {
    let input = InputOptions { record_batches: options.batches, ..common.input };
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    // If the result does not depend on values, bytes are copied.
    let files = if selection == Selection::default() { WholeFiles::open(&input) } else { None };
    let mut begun = None;
    if let Some(files) = files {
        let writer = files.begin(Output::create(&common.output, &input.operands)?)?;
        let given = writer.hint(|| are_large(&input).unwrap_or(true));
        let projection = Projection::try_new(files.schema(), None)?;
        let used = given.hint.used(&selection, None, &projection, files.schema());
        if used.hint.is_empty() {
            files.move_to(writer, |rows| progress.add(rows))?;
            progress.finish();
            return Ok(());
        }
        begun = Some((writer, given));
    }

    let mut reader = Reader::open(&input)?;
    let schema = reader.schema().clone();
    let projection = Projection::try_new(&schema, selection.columns.as_deref())?;
    let bind = |text: &String| Predicate::bind(text, &schema);
    let own = selection.predicate.as_ref().map(bind).transpose()?;
    let (mut writer, given) = match begun {
        Some(begun) => begun,
        None => {
            let output = Output::create(&common.output, &input.operands)?;
            let writer = Writer::create(output, projection.schema())?;
            let is_worth = || are_large(&input).unwrap_or_else(|| reader.is_worth_waiting());
            let given = writer.hint(is_worth);
            (writer, given)
        }
    };
    let used = given.hint.used(&selection, own.as_ref(), &projection, &schema);
    let projection = projection.narrowed(&schema, &used.columns);
    if !used.hint.is_empty() {
        writer.agree(&given, &used.columns, projection.schema())?;
    }
    let output_schema = projection.schema().clone();
    let predicate = used.predicate.as_ref().map(bind).transpose()?;
    let selects = predicate.is_some();
    let mut rows = Filter::new(predicate, &schema, projection, false)?;
    let until = if used.limit.is_some() { Until::Enough } else { Until::End };
    // The schema is written, so the types of columns are settled.
    let columns = Some(rows.needed().to_vec());
    reader.promise(Hint { columns, ..Hint::default() }, until);
    reader.project(rows.needed().to_vec())?;
    let mut limit = Limit::new(selection.skip, used.limit);
    if !selects {
        // Without a predicate, skipped rows need not be decoded.
        reader.skip_rows(selection.skip);
        limit = Limit::new(0, used.limit);
    }
    let is_whole = selection.columns.is_none();

    // Batches of a file are written as they are, unless rows are filtered out of them.
    let mut merger = selects.then(|| Merger::new(output_schema));
    while !limit.is_done()
        && let Some(batch) = reader.next_undecoded()?
    {
        progress.add(batch.num_rows());
        let decode = |columns: &[usize], text| batch.columns(columns, text);
        let kept = limit.apply(rows.apply(batch.num_rows(), decode)?);
        match &mut merger {
            None if is_whole && kept.num_rows() == batch.num_rows() => {
                writer.write_message(&BatchMessage { batch: kept, metadata: batch.metadata()? })?
            }
            None => writer.write(&kept)?,
            Some(merger) => writer.write_compacted(&merger.push(kept, || reader.is_ready()))?,
        }
    }
    if let Some(mut merger) = merger {
        writer.write_compacted(&merger.finish())?;
    }
    writer.finish()?;
    progress.finish();
    Ok(())
}

/// Whether the files are so large that it is worth waiting for what the reader will need; `None` if
/// an input is not a regular file.
fn are_large(input: &InputOptions) -> Option<bool> {
    /// Less is written in less time than a hint takes.
    const LEAST_BYTES: u64 = 4 << 20;
    have_bytes(&input.operands, LEAST_BYTES)
}

#[derive(Default)]
struct Options {
    batches: Option<NumberList>,
}

const COMMAND: Command<Options> = Command {
    name: "file-to-stream",
    role: Role::Input,
    summary: "read Arrow IPC files as an Arrow stream",
    operands: "[FILE...]",
    description: "Reads Arrow IPC files (.arrow, .feather of version 2), or one from standard \
                  input, and writes their record batches as an Arrow IPC stream. Several files are \
                  read one after another as one stream; their schemas must be equal. Streams are \
                  accepted, too.

                  Files are mapped into memory, and only what is needed is touched: the record \
                  batches of --batches, found through the file's footer, in them the columns of \
                  --columns, and the dictionaries that these use. Without --where, batches that \
                  --skip leaves out are not read. The footer comes last, so a file from a pipe is \
                  first copied to a temporary file without a name, in $TMPDIR or else in /var/tmp.

                  Batches are written as they are in the file; those without rows are left out. \
                  Metadata of the schema is kept, and that of a record batch if all its columns \
                  and rows are written. Metadata of the footer has no place in a stream.

                  Without options that concern values or rows (--batches does not), the bytes of a \
                  regular file are copied, on Linux within the kernel, at the speed of cat. The \
                  headers of messages are checked against the footer. Values are not checked, \
                  because the reader of the stream does that, and compressed buffers stay \
                  compressed. Files that extend or repeat a dictionary, files written by Arrow \
                  before version 0.15, and several files of which one has dictionaries are decoded \
                  and written anew.",
    options: &[&[option("batches", "read only these record batches of each file: 0,3-5,-1")
        .details(
            "Numbers start at 0, ranges are inclusive, negative numbers count from the end. The \
             batches of a file are read in the order given. Those of a stream must ascend, and may \
             count from the end only if it is a regular file.",
        )
        .value("LIST", |options, value| store(&mut options.batches, value.number_list()))]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::ARROW_FILES)],
    memory: "Next to nothing if bytes are copied. Otherwise one batch if its buffers are \
             compressed, and little if they are not, because they are written from the file's own \
             pages, which are then released. With --where, one or two batches, and up to 2 MiB of \
             rows being merged. In addition, the dictionaries in use and 40 bytes per record \
             batch.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "the last record batch of a file",
            line: "stream-to-file data.arrows | file-to-stream --batches -1 >last.arrows",
        },
        Example {
            purpose: "one column of the matching rows",
            line: "file-to-stream -c row -w 'id = 3' data.arrows | stream-filter -v 'row = 5' \
                   >few.arrows",
        },
    ],
};
