//! file-to-stream: read Arrow IPC files as an Arrow stream.

use arrow_pipes::Result;
use arrow_pipes::batch::bytes_text::Text;
use arrow_pipes::batch::filter::Filter;
use arrow_pipes::batch::limit::Limit;
use arrow_pipes::batch::{BatchMessage, Merger};
use arrow_pipes::command::{
    Command, Common, Complete, Example, NumberList, Progress, Role, Take, Tool, option, store,
    suffixes,
};
use arrow_pipes::explain::{Amounts, Cause, Explanation, NamedHint, Tally, Unit};
use arrow_pipes::expression::Predicate;
use arrow_pipes::io::{Output, have_bytes, refuse_to_spool, transferred};
use arrow_pipes::options::{InputOptions, OutputOptions, Pushdown, Selection};
use arrow_pipes::schema::Projection;
use arrow_pipes::stream::hint::{Hint, Until};
use arrow_pipes::stream::{GivenHint, Reader, WholeFiles, Writer};
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(file_to_stream);

fn file_to_stream(
    options: Options,
    selection: Selection,
    pushdown: Pushdown,
    common: Common,
) -> Result<()> {
    let no_hints = pushdown.is_off;
    let mut work = Work {
        input: InputOptions { record_batches: options.batches, no_hints, ..common.input },
        output: common.output,
        selection,
        reads_all: pushdown.is_off,
        progress: Progress::start(COMMAND.name, common.progress, None),
        tally: Tally::default(),
        written_rows: 0,
        needed: NamedHint::default(),
    };
    work.run()?;
    work.progress.finish();
    if let Some(form) = pushdown.explain {
        let explanation = Explanation {
            tool: COMMAND.name,
            units: &[Unit::Batches, Unit::Rows],
            causes: &[Cause::Limit, Cause::Late],
            tally: work.tally,
            written_rows: work.written_rows,
            reader: work.needed,
            writer: None,
            transferred: transferred(),
        };
        COMMAND.explain(form, &explanation);
    }
    Ok(())
}

/// An input on its way to the output.
struct Work {
    input: InputOptions,
    output: OutputOptions,
    selection: Selection,
    reads_all: bool,
    progress: Progress,
    tally: Tally,
    written_rows: u64,
    /// The needs of the reader of the output.
    needed: NamedHint,
}

impl Work {
    /// Moves bytes if the result does not depend on values; else decodes them.
    fn run(&mut self) -> Result<()> {
        let may_move = self.selection == Selection::default() && !self.reads_all;
        let files = if may_move { WholeFiles::open(&self.input) } else { None };
        let Some(files) = files else { return self.decode(None) };
        let schema = files.schema().clone();
        let writer = files.begin(Output::create(&self.output, &self.input.operands)?)?;
        let given = writer.hint(|| are_large(&self.input).unwrap_or(true));
        let projection = Projection::try_new(&schema, None)?;
        if !given.hint.used(&self.selection, None, &projection, &schema).hint.is_empty() {
            return self.decode(Some((writer, given)));
        }
        self.needed = given.hint.named(&schema);
        files.move_to(writer, |batches, rows| {
            self.progress.add(rows);
            self.tally.total += amounts(batches, rows);
            self.written_rows += rows as u64;
        })
    }

    /// Writes what was selected and what the reader of the output needs. The schema may be written
    /// already.
    fn decode(&mut self, begun: Option<(Writer, GivenHint)>) -> Result<()> {
        let mut reader = Reader::open(&self.input)?;
        let schema = reader.schema().clone();
        let projection = Projection::try_new(&schema, self.selection.columns.as_deref())?;
        let bind = |text: &String| Predicate::bind(text, &schema);
        let own = self.selection.predicate.as_ref().map(bind).transpose()?;
        let (mut writer, given) = match begun {
            Some(begun) => begun,
            None => self.begin(&reader, &projection)?,
        };
        self.needed = given.hint.named(projection.schema());
        let used = given.hint.used(&self.selection, own.as_ref(), &projection, &schema);
        let predicate = used.predicate.as_ref().map(bind).transpose()?;
        let projection = projection.narrowed(&schema, &used.columns);
        if !used.hint.is_empty() {
            writer.agree(&given, &used.columns, projection.schema())?;
        }
        let merger = predicate.as_ref().map(|_| Merger::new(projection.schema().clone()));
        let rows = Filter::new(predicate, &schema, projection, false)?;
        let until = if used.limit.is_some() { Until::Enough } else { Until::End };
        // The schema is written, so the types of columns are settled.
        let columns = Some(rows.needed().to_vec());
        reader.promise(Hint { columns, ..Hint::default() }, until);
        if !self.reads_all {
            reader.project(rows.needed().to_vec())?;
        }
        let limit = Limit::new(self.selection.skip, used.limit);
        self.pass(reader, rows, limit, merger, writer)
    }

    fn begin(&self, reader: &Reader, projection: &Projection) -> Result<(Writer, GivenHint)> {
        let output = Output::create(&self.output, &self.input.operands)?;
        let writer = Writer::create(output, projection.schema())?;
        let is_worth = || are_large(&self.input).unwrap_or_else(|| reader.is_worth_waiting());
        let given = if self.reads_all { GivenHint::default() } else { writer.hint(is_worth) };
        Ok((writer, given))
    }

    fn pass(
        &mut self,
        mut reader: Reader,
        mut rows: Filter,
        mut limit: Limit,
        mut merger: Option<Merger>,
        mut writer: Writer,
    ) -> Result<()> {
        let skip = self.selection.skip;
        if merger.is_none() && !self.reads_all {
            // Without a predicate, skipped rows need not be decoded.
            reader.skip_rows(limit.skip_next(skip));
        }
        let all: Vec<usize> = (0..reader.schema().fields().len()).collect();
        let is_late = rows.decodes_late() && !self.reads_all;
        let is_whole = self.selection.columns.is_none();
        // Batches of a file are written as they are, unless rows are filtered out of them.
        while !limit.is_done()
            && let Some(batch) = reader.next_undecoded()?
        {
            self.progress.add(batch.num_rows());
            if self.reads_all {
                batch.columns(&all, Text::Checked)?;
            }
            let decode = |columns: &[usize], text| batch.columns(columns, text);
            let found = rows.apply(batch.num_rows(), decode)?;
            self.tally.total += amounts(1, batch.num_rows());
            if is_late && found.num_rows() == 0 {
                self.tally[Cause::Late] += amounts(1, batch.num_rows());
            }
            let kept = limit.apply(found);
            self.written_rows += kept.num_rows() as u64;
            match &mut merger {
                None if is_whole && kept.num_rows() == batch.num_rows() => {
                    let metadata = batch.metadata()?;
                    writer.write_message(&BatchMessage { batch: kept, metadata })?
                }
                None => writer.write(&kept)?,
                Some(merger) => writer.write_compacted(&merger.push(kept, || reader.is_ready()))?,
            }
        }
        let skipped = amounts(0, skip.saturating_sub(reader.rows_to_skip()) as usize);
        if merger.is_none() && !self.reads_all {
            self.tally.total += skipped;
            self.tally[Cause::Limit] += skipped;
        }
        if let Some(mut merger) = merger {
            writer.write_compacted(&merger.finish())?;
        }
        writer.finish()
    }
}

fn amounts(batches: usize, rows: usize) -> Amounts {
    Amounts { parts: batches as u64, rows: rows as u64, ..Amounts::default() }
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
                  first copied to a temporary file without a name, in $TMPDIR or else in /var/tmp. \
                  Of a file by URL, the footer and the record batches that are needed are fetched, \
                  the next ones ahead.

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
    options: &[&[
        option("batches", "read only these record batches of each file: 0,3-5,-1")
        .details(
            "Numbers start at 0, ranges are inclusive, negative numbers count from the end. The \
             batches of a file are read in the order given. Those of a stream must ascend, and may \
             count from the end only if it is a regular file.",
        )
        .value("LIST", |options, value| store(&mut options.batches, value.number_list())),
        option("no-spool", "fail instead of copying an input to a temporary file")
            .details(
                "A file that is read from its end is copied if it comes from a pipe, or from a \
                 server that sends only whole objects.",
            )
            .switch(|_| refuse_to_spool()),
    ]],
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
