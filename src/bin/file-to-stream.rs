//! file-to-stream: Arrow IPC files as an Arrow stream.

use arrow_pipes::Result;
use arrow_pipes::batch::filter::Filter;
use arrow_pipes::batch::limit::Limit;
use arrow_pipes::batch::{BatchMessage, Merger};
use arrow_pipes::command::{
    Command, Common, Example, Flag, INPUT, NumberList, OUTPUT, PROGRESS, Progress, SELECTION, Set,
    Take,
};
use arrow_pipes::endpoint::{InputOptions, Selection};
use arrow_pipes::io::Output;
use arrow_pipes::schema::Projection;
use arrow_pipes::stream::{Reader, WholeFiles, Writer};
use std::process::ExitCode;

fn main() -> ExitCode {
    COMMAND.main(file_to_stream)
}

fn file_to_stream(options: Options, common: Common) -> Result<()> {
    let input = InputOptions { record_batches: options.batches, ..common.input };
    let selection = common.selection;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    // Where no value decides anything, bytes are moved.
    if selection == Selection::default()
        && let Some(files) = WholeFiles::open(&input)
    {
        let output = Output::create(&common.output, &input.operands)?;
        files.move_to(output, |rows| progress.add(rows))?;
        progress.finish();
        return Ok(());
    }
    let mut reader = Reader::open(&input)?;
    let projection = Projection::try_new(reader.schema(), selection.columns.as_deref())?;
    let output_schema = projection.schema().clone();
    let mut rows = match &selection.predicate {
        Some(expression) => Filter::bind(expression, reader.schema(), projection, false)?,
        None => Filter::all(reader.schema(), projection)?,
    };
    let is_whole = selection.columns.is_none();
    reader.project(rows.needed().to_vec())?;
    let mut limit = Limit::new(selection.skip, selection.limit);
    if selection.predicate.is_none() {
        // Nothing decides about single rows, so those left out need not be looked at.
        reader.skip_rows(selection.skip);
        limit = Limit::new(0, selection.limit);
    }

    let output = Output::create(&common.output, &input.operands)?;
    let mut writer = Writer::create(output, &output_schema)?;
    // The batches of a file come out as they are, unless only some of their rows do.
    let mut merger = selection.predicate.map(|_| Merger::new(output_schema));
    while !limit.is_done()
        && let Some(batch) = reader.next_arrived()?
    {
        progress.add(batch.num_rows());
        let decode = |columns: &[usize], text| batch.columns(columns, text);
        let kept = limit.apply(rows.apply(batch.num_rows(), decode)?);
        match &mut merger {
            None if is_whole && kept.num_rows() == batch.num_rows() => {
                writer.write_message(&BatchMessage { batch: kept, metadata: batch.metadata()? })?
            }
            None => writer.write(&kept)?,
            Some(merger) => writer.write_all(&merger.push(kept, || reader.is_ready())?)?,
        }
    }
    if let Some(mut merger) = merger {
        writer.write_all(&merger.finish()?)?;
    }
    writer.finish()?;
    progress.finish();
    Ok(())
}

#[derive(Default)]
struct Options {
    batches: Option<NumberList>,
}

const COMMAND: Command<Options> = Command {
    name: "file-to-stream",
    summary: "read Arrow IPC files as an Arrow stream",
    operands: "[FILE...]",
    description: "Reads Arrow IPC files (.arrow, .feather of version 2), or one from standard input, \
                  and writes their record batches as an Arrow IPC stream. Several files are read one \
                  after another as one stream; their schemas must be equal. Streams are read, too.

                  Files are mapped into memory, and only what is asked for is touched: of the record \
                  batches those of --batches, found by the file's footer, of their columns those of \
                  --columns, and the dictionaries that these use. Without --where, batches that --skip \
                  leaves out are passed over unread. The footer comes last, so a file \
                  that comes through a pipe is first kept in a temporary file without a name, in \
                  $TMPDIR or else in /var/tmp.

                  Batches come out as they are in the file; those without rows are left out. Metadata \
                  of the schema are kept, and those of single record batches if all their columns and \
                  rows pass; those of the footer have no place in a stream.

                  Without options that look at values or rows (--batches does not) a regular file's \
                  bytes are moved, on Linux within the system, at the speed of cat: the headers of \
                  messages are checked against the footer, values are not, since whoever reads the \
                  stream checks them, and buffers that are compressed stay so. Files that grow a \
                  dictionary or repeat one, those from before version 0.15 of Arrow, and several of \
                  which one has dictionaries, are decoded and written anew.",
    options: &[
        Flag {
            short: None,
            long: "batches",
            summary: "read only these record batches of each file: 0,3-5,-1",
            details: "Numbers begin with 0, ranges are inclusive, negative numbers count from the \
                      end. Those of a file are read in the order written. Those of a stream must \
                      ascend, and may count from the end only if it is a regular file.",
            set: Set::Value("LIST", |options, value| {
                options.batches = Some(value.number_list()?);
                Ok(())
            }),
        },
    ],
    shared: &[SELECTION, OUTPUT, INPUT, PROGRESS],
    take: Take::Inputs,
    memory: "Next to nothing where bytes are moved. Else a batch if its buffers are compressed, and \
             little if not: they are written from the file's own pages, which are given back. With \
             --where one or two batches, and up to 2 MiB of rows that are being merged. The dictionaries that are used are held, and 40 bytes for \
             each record batch.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "the last record batch of a file",
            line: "stream-to-file data.arrows | file-to-stream --batches -1 >last.arrows",
        },
        Example {
            purpose: "one column of the rows that match",
            line: "file-to-stream -c row -w 'id = 3' data.arrows | stream-filter -v 'row = 5' >few.arrows",
        },
    ],
};
