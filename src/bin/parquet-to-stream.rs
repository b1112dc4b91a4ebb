//! parquet-to-stream: read Parquet files as an Arrow stream.

use arrow_pipes::Result;
use arrow_pipes::batch::Merger;
use arrow_pipes::command::{
    Command, Common, Complete, Example, NumberList, Progress, Role, Take, Threads, Tool, suffixes,
};
use arrow_pipes::dataset::{Dataset, DatasetFile, since_listed};
use arrow_pipes::explain::{Cause, Explanation, NamedHint, Unit};
use arrow_pipes::io::{Output, have_bytes, open_mapped, transferred};
use arrow_pipes::options::{
    DatasetOptions, ExplainForm, Operand, OutputOptions, Pushdown, Selection,
};
use arrow_pipes::parquet_file::{
    EncodedColumns, KeyFile, ParquetFile, ReadOptions, Scan, ScanFile, ScanHead, ScanOptions,
};
use arrow_pipes::schema::MergeSchema;
use arrow_pipes::stream::hint::Encodings;
use arrow_pipes::stream::{GivenHint, Writer};
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

#[path = "parquet-to-stream/flags.rs"]
mod flags;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(parquet_to_stream);

fn parquet_to_stream(
    options: Options,
    selection: Selection,
    dataset: DatasetOptions,
    threads: Threads,
    pushdown: Pushdown,
    common: Common<OutputOptions, Vec<Operand>>,
) -> Result<()> {
    let dataset = Dataset::list(&common.input, &dataset)?;
    let directory = options.temporary_directory.as_deref().map(Path::new);
    let (read, keys) = (options.read, options.keys.map(Arc::new));
    keys.iter().filter_map(|keys| keys.warning()).for_each(|warning| COMMAND.tell(warning));
    let inputs = dataset.operands();
    let files = dataset.files.iter().map(|file| scan_file(file, directory, read, keys.as_deref()));
    let Selection { columns, predicate, skip, limit } = selection;
    let mut leaves_few = predicate.is_some();
    let mut scan = ScanHead::open(
        files.collect::<Result<_>>()?,
        ScanOptions {
            columns,
            predicate,
            row_groups: options.row_groups,
            batch_rows: options.batch_rows,
            skip,
            limit,
            threads,
            dictionary: options.dictionary,
            runs: options.runs,
            merge_schema: options.merge_schema,
            unique_names: options.unique_names,
            key_fields: dataset.key_fields,
            key_columns: dataset.key_columns,
            filename: options.filename,
            no_pushdown: pushdown.is_off,
            is_counted: pushdown.explain.is_some(),
            read,
            decryption_keys: keys.clone(),
        },
    )?;

    scan.merged_zones().lines().for_each(|line| COMMAND.tell(line));
    let output = Output::create(&common.output, &inputs)?;
    let mut writer = Writer::create(output, scan.schema())?;
    let mut given = GivenHint::default();
    if !pushdown.is_off {
        given = writer.hint(|| is_large(&inputs));
    }
    let needed = given.hint.named(scan.schema());
    if !given.is_empty() {
        let all = scan.schema().fields().len();
        let columns = given.hint.columns.clone().unwrap_or_else(|| (0..all).collect());
        leaves_few |= given.hint.predicate.as_deref().is_some_and(|text| scan.keep_rows(text));
        given.hint.limit.iter().for_each(|rows| scan.keep_first(*rows));
        scan.keep_columns(&columns);
        if given.hint.encodings != Encodings::None {
            let encodings = given.hint.encodings;
            scan.encode(encodings != Encodings::Runs, encodings == Encodings::All)?;
        }
        writer.agree(&given, &columns, scan.schema())?;
    }
    let mut scan = Scan::begin(scan);
    let most_rows = options.batch_rows.unwrap_or(usize::MAX);
    let mut merger =
        leaves_few.then(|| Merger::new(scan.schema().clone()).with_most_rows(most_rows));
    let mut progress =
        Progress::start(COMMAND.name, common.progress.of_files(&inputs), scan.total_rows());
    let mut written_rows = 0;
    let end = loop {
        let next = scan.next_batch();
        if options.is_verbose {
            scan.take_notes().iter().for_each(|note| COMMAND.tell(note));
        }
        let batch = match next {
            Ok(Some(batch)) => batch,
            end => break end,
        };
        progress.add(batch.num_rows());
        written_rows += batch.num_rows() as u64;
        match &mut merger {
            None => writer.write(&batch)?,
            // The rest of a file is always ready, so merging never waits.
            Some(merger) => writer.write_compacted(&merger.push(batch, || true))?,
        }
    };
    // Rows before an error are written, too.
    if let Some(mut merger) = merger {
        writer.write_compacted(&merger.finish())?;
    }
    end?;
    writer.finish()?;
    progress.finish();
    if let Some(form) = pushdown.explain {
        explain(form, &scan, written_rows, needed);
    }
    Ok(())
}

fn explain(form: ExplainForm, scan: &Scan, written_rows: u64, reader: NamedHint) {
    let explanation = Explanation {
        tool: COMMAND.name,
        units: &[Unit::Files, Unit::RowGroups, Unit::Pages, Unit::Rows, Unit::Bytes],
        causes: &Cause::ALL,
        tally: scan.tally(),
        written_rows,
        reader,
        writer: None,
        transferred: transferred(),
    };
    COMMAND.explain(form, &explanation);
}

/// Whether the files are so large that it is worth waiting for what the reader will need.
fn is_large(inputs: &[Operand]) -> bool {
    /// Less is written in less time than a hint takes.
    const LEAST_BYTES: u64 = 4 << 20;
    have_bytes(inputs, LEAST_BYTES).unwrap_or(true)
}

/// Opens a pipe now, and leaves a regular file to be opened when its turn comes.
fn scan_file(
    file: &DatasetFile,
    directory: Option<&Path>,
    read: ReadOptions,
    keys: Option<&KeyFile>,
) -> Result<ScanFile> {
    match &file.operand {
        Operand::Path(path) if file.is_regular => {
            Ok(ScanFile::At(path.clone(), file.directory.clone()))
        }
        Operand::Url(url) => Ok(ScanFile::Url(url.clone(), directory.map(Path::to_owned))),
        operand => {
            let mapped = open_mapped(operand, directory);
            let mapped = mapped.map_err(|error| since_listed(operand, error))?;
            Ok(ParquetFile::open_with(mapped.into(), operand.name(), read, keys, None)?.into())
        }
    }
}

#[derive(Default)]
struct Options {
    row_groups: Option<NumberList>,
    merge_schema: MergeSchema,
    unique_names: bool,
    filename: Option<String>,
    batch_rows: Option<usize>,
    dictionary: EncodedColumns,
    runs: EncodedColumns,
    temporary_directory: Option<OsString>,
    read: ReadOptions,
    keys: Option<KeyFile>,
    is_verbose: bool,
}

const COMMAND: Command<Options> = Command {
    name: "parquet-to-stream",
    role: Role::Input,
    summary: "read Parquet files as an Arrow stream",
    operands: "[FILE|DIRECTORY|PATTERN|URL...]",
    description: "Reads Parquet files, or one from standard input, and writes their rows as an \
                  Arrow IPC stream. Several files are read one after another as one stream. Each \
                  file is opened when it is reached. The schemas must be equal, unless \
                  --merge-schema union is given.

                  A directory stands for all files below it. A pattern such as \
                  'data/**/year=202[0-4]/*.parquet' stands for the paths that it matches; a \
                  directory that matches is read whole. Quote patterns so that the shell does not \
                  expand them. An existing path is never treated as a pattern.

                  Files are read in natural order: part-2 before part-10. Below a directory, links \
                  are followed. Names that begin with _ or a dot are skipped, as in Spark, unless \
                  they are partition keys (_year=2024). A file that is not a Parquet file is not \
                  skipped: it is an error. A Delta or Hudi table is an error, too.

                  Directories named key=value (year=2024/month=07) add partition columns. The \
                  value is the text after the first =, with %XX decoded; \
                  __HIVE_DEFAULT_PARTITION__ is null. All files must have the same keys in the \
                  same order. A file that is named individually, also by a pattern that the shell \
                  has expanded, gets partition columns only with --hive. Partition columns come \
                  after the columns of the files. If a file has a column with the name of a key, \
                  that column keeps its position, but has the value and type of the key. Files \
                  that --where excludes by their keys alone are not opened, so damage in them goes \
                  unnoticed.

                  Only the selected columns and row groups are read. With --where, the columns in \
                  the expression are read first, and the other columns are read only for matching \
                  rows. A row group is skipped if its statistics or bloom filters (see \
                  stream-to-parquet --bloom) show that no row can match. A page is skipped if the \
                  page index shows it. A condition joined by AND that the statistics of a row group \
                  prove true for all of its rows is not evaluated there, and columns that only it \
                  uses are not read. The result is the same.

                  Files are mapped into memory. A Parquet file is read from its end, so a file \
                  from a pipe is first copied to a temporary file without a name.

                  Objects are read by URL (http, https, s3, gs, az, abfss). A URL that ends in / \
                  stands for all objects below it, and one with wildcards for the objects that \
                  match, as for directories and patterns; the characters *, ?, [ and { in a name are \
                  written %2A, %3F, %5B and %7B. A server that only speaks HTTP has no list of its \
                  objects: name them, or use --files-from.

                  Only the byte ranges that are needed are fetched, several at a time: the footer, \
                  then the column chunks, or the pages of them if the page index saves enough, and \
                  those of the next row groups and files ahead of decoding. Of a row group of less \
                  than 1 MiB, the page index and bloom filters are not fetched. An object that is \
                  replaced meanwhile is an error. If a server sends only whole objects, the object is \
                  copied to a temporary file, which is reported on standard error. \
                  arrow-pipes(1) says where credentials come from.

                  Columns have the Arrow types that are stored in the file (ARROW:schema), or else \
                  those that correspond to its Parquet types. Parts of the stored schema that do \
                  not match the columns are ignored (--verbose reports them). UUID, JSON, \
                  GEOMETRY, GEOGRAPHY and VARIANT become the Arrow extension types arrow.uuid, \
                  arrow.json, geoarrow.wkb and arrow.parquet.variant. ENUM becomes text, and BSON \
                  becomes binary; the field metadata (PARQUET:logical_type) keeps these two names, \
                  so that stream-to-parquet can restore the types. INTERVAL becomes months, days \
                  and nanoseconds. The key-value metadata of the file becomes the metadata of the \
                  stream.

                  A column that cannot be read is an error only if it is selected. Select the \
                  other columns with -c.",
    options: &[flags::FLAGS],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::PARQUET)],
    memory: "About 4 MiB of batches per thread (one batch with -j 1); the pages of the columns \
             being read; with --where, one bit per row of the row ranges being read (one range of \
             up to 1,048,576 rows per thread, plus one) and up to 2 MiB of rows being merged. Pages \
             of the file are released once they have been read. A file that claims more than this \
             is an error: the pages in memory may decompress to 256 MiB plus 1,024 times the size \
             of the file. A row may have 67,108,864 values in a column of lists, and a page the \
             lengths of as many texts, or more if they fit into that size. The lists of several \
             rows in a batch may have 268,435,456 values. In addition: the footers (an entry for \
             each row group and column) of the files being read and of up to 16 files that come \
             next (fewer with fewer threads); the names and keys of all files (about 300 bytes per \
             file).",
    statuses: &[],
    examples: &[
        Example {
            purpose: "ten ids of each group, with repetitive columns run-end encoded in the pipe",
            line: "parquet-to-stream --runs auto data.parquet | stream-sample --first 10 --of id \
                   --per group | stream-to-parquet -o ten.parquet",
        },
        Example {
            purpose: "two columns of the matching rows",
            line: "parquet-to-stream -c id,row -w '\"group\" = 7 AND id < 5' data.parquet | \
                   stream-filter 'row % 7 = 0' >few.arrows",
        },
        Example {
            purpose: "the matching rows of all files that match a pattern",
            line: "parquet-to-stream '*uary.parquet' -w '\"group\" < 3' >three.arrows",
        },
        Example {
            purpose: "the first rows of the last row group",
            line: "parquet-to-stream --row-groups -1 -n 10 <data.parquet >last.arrows",
        },
    ],
};
