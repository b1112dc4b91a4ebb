//! parquet-to-stream: read Parquet files as an Arrow stream.

use arrow_pipes::Result;
use arrow_pipes::batch::Merger;
use arrow_pipes::command::{
    Command, Common, DATASET, Example, Flag, NumberList, OUTPUT, PROGRESS, Progress, SELECTION,
    Set, THREADS, Take,
};
use arrow_pipes::dataset::Dataset;
use arrow_pipes::io::{Output, open_mapped};
use arrow_pipes::options::{Operand, Selection};
use arrow_pipes::parquet_file::{
    EncodedColumns, Int96Unit, InvalidText, KeyFile, ParquetFile, ReadOptions, Scan, ScanFile,
    ScanOptions,
};
use arrow_pipes::schema::MergeSchema;
use arrow_pipes::stream::Writer;
use std::ffi::OsString;
use std::num::NonZero;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    COMMAND.main(parquet_to_stream)
}

fn parquet_to_stream(options: Options, common: Common) -> Result<()> {
    let dataset = Dataset::list(&common.input.operands, &common.dataset)?;
    let directory = options.temporary_directory.as_deref().map(Path::new);
    let (read, keys) = (options.read, options.keys.map(Arc::new));
    keys.iter().filter_map(|keys| keys.warning()).for_each(|warning| COMMAND.tell(warning));
    let files = (0..dataset.files.len())
        .map(|number| scan_file(&dataset, number, directory, read, keys.as_deref()));
    let threads = NonZero::new(common.threads());
    let Selection { columns, predicate, skip, limit } = common.selection;
    let leaves_few = predicate.is_some();
    let mut scan = Scan::try_new(
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
            read,
            decryption_keys: keys.clone(),
        },
    )?;

    scan.merged_zones().lines().for_each(|line| COMMAND.tell(line));
    let output = Output::create(&common.output, &dataset.files)?;
    let mut writer = Writer::create(output, scan.schema())?;
    let most_rows = options.batch_rows.unwrap_or(usize::MAX);
    let mut merger =
        leaves_few.then(|| Merger::new(scan.schema().clone()).with_most_rows(most_rows));
    let mut progress =
        Progress::start(COMMAND.name, common.progress.of_files(&dataset.files), scan.total_rows());
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
        match &mut merger {
            None => writer.write(&batch)?,
            // The rest of a file is always ready, so merging never waits.
            Some(merger) => writer.write_all(&merger.push(batch, || true)?)?,
        }
    };
    // Rows before an error are written, too.
    if let Some(mut merger) = merger {
        writer.write_all(&merger.finish()?)?;
    }
    end?;
    writer.finish()?;
    progress.finish();
    Ok(())
}

fn encoded(names: Vec<String>) -> EncodedColumns {
    if names == ["auto"] { EncodedColumns::Auto } else { EncodedColumns::Named(names) }
}

/// Opens a pipe now, and leaves a regular file to be opened when its turn comes.
fn scan_file(
    dataset: &Dataset,
    number: usize,
    directory: Option<&Path>,
    read: ReadOptions,
    keys: Option<&KeyFile>,
) -> Result<ScanFile> {
    match &dataset.files[number] {
        Operand::Path(path) if dataset.is_regular[number] => {
            Ok(ScanFile::At(path.clone(), dataset.directories[number].clone()))
        }
        operand => {
            let mapped = open_mapped(operand, directory)?;
            Ok(ParquetFile::open_with(mapped, operand.name(), read, keys)?.into())
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
    summary: "read Parquet files as an Arrow stream",
    operands: "[FILE|DIRECTORY|PATTERN...]",
    description: "Reads Parquet files, or one from standard input, and writes their rows as an \
                  Arrow IPC stream. Several files are read one after another as one stream, each \
                  opened when its turn comes. Their schemas must be equal; see --merge-schema for \
                  schemas that differ.

                  A directory stands for all files below it, and a pattern such as \
                  'data/**/year=202[0-4]/*.parquet' for the paths it matches (quote it so that the \
                  shell does not expand it); a directory that matches is read whole. Files are \
                  read in natural order, part-2 before part-10. Below a directory, names that \
                  begin with _ or a dot are skipped unless they are partition keys (_year=2024), \
                  as in Spark; links are followed. A file that is not a Parquet file is an error \
                  and not skipped, and so is a Delta or Hudi table. An existing path is never \
                  treated as a pattern.

                  Directories named key=value (year=2024/month=07) add partition columns. The \
                  value is the text after the first =, with %XX decoded; \
                  __HIVE_DEFAULT_PARTITION__ is null. All files must have the same keys in the \
                  same order. A file that is named explicitly gets partition columns only with \
                  --hive: quote patterns. Partition columns come after those of the files; if a \
                  file has a column of the same name, the partition key's value and type replace \
                  it in place. Files that --where excludes by keys alone are not opened, so damage \
                  in them goes unnoticed.

                  Only the selected columns and row groups are read. With --where, the columns in \
                  the expression are read first, then the others, only for matching rows. Row \
                  groups whose statistics or bloom filters (see stream-to-parquet --bloom) show \
                  that no row can match are skipped, and so are pages by the page index; that \
                  never changes the result.

                  Files are mapped into memory. A Parquet file is read from its end, so a file \
                  from a pipe is first copied to a temporary file without a name.

                  Types are those that the file declares for Arrow (ARROW:schema), or else those \
                  that correspond to its Parquet types. An Arrow schema that does not match the \
                  columns is ignored (--verbose reports it). UUID, JSON, GEOMETRY, GEOGRAPHY and \
                  VARIANT become the Arrow extension types arrow.uuid, arrow.json, geoarrow.wkb \
                  and arrow.parquet.variant. ENUM becomes text and BSON binary; field metadata \
                  (PARQUET:logical_type) keeps these two names, so that stream-to-parquet can \
                  write them back. INTERVAL becomes months, days and nanoseconds. The file's \
                  key-value metadata becomes the stream's.

                  A column that cannot be read is an error only if it is selected: choose others \
                  with -c.",
    options: &[
        Flag {
            short: None,
            long: "row-groups",
            summary: "read only these row groups: 0,3-5,-1",
            details: "Applies to each file. Numbers start at 0, ranges are inclusive, negative \
                      numbers count from the end. Row groups are read in the order given.",
            set: Set::Value("LIST", |options, value| {
                options.row_groups = Some(value.number_list()?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "batch-rows",
            summary: "write batches of ROWS rows",
            details: "The default is as many as make about 2 MiB, at most 65,536. The last batch \
                      of a row group may be smaller; with --where, any batch may be, and small \
                      ones are merged.",
            set: Set::Value("ROWS", |options, value| {
                options.batch_rows = Some(value.positive()?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "runs",
            summary: "write COLUMNS run-end encoded, or auto",
            details: "Run-end encoded columns take little space in a pipe where values repeat: \
                      one value and one number per run. auto chooses the columns that the footers \
                      show would take less than half the bytes when encoded; to decide, it reads \
                      the footers of all files before the first row. Not all programs read such \
                      columns. The tools do, and those that end a pipe (stream-to-parquet, \
                      stream-to-csv) write plain columns again: see arrow-pipes(7). Nested \
                      columns, columns of extension types, and columns that are already \
                      dictionaries are left unchanged.",
            set: Set::Value("COLUMNS", |options, value| {
                options.runs = encoded(value.names()?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "dictionary",
            summary: "write COLUMNS dictionary-encoded, or auto",
            details: "The file's dictionaries become Arrow dictionaries, with the narrowest index \
                      type that is wide enough for every row group (the footers of all files are \
                      read first). A dictionary is sent again for each row group where it differs. \
                      auto chooses them where they take less than half of the bytes. Everything \
                      else is as for --runs, which takes precedence if both are auto.",
            set: Set::Value("COLUMNS", |options, value| {
                options.dictionary = encoded(value.names()?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "merge-schema",
            summary: "merge schemas: strict (default) or union",
            details: "strict requires equal schemas and reads one footer before the first row. A \
                      file with a different schema is an error when it is reached. With several \
                      files, all columns are declared nullable, whatever the first file says. \
                      union reads all footers first, even of files that --where excludes, and \
                      matches columns by name, in the order in which they first appear. A column \
                      that a file lacks is null there, and types that differ become the narrowest \
                      type that holds the values of both exactly, as in stream-cat. Timestamps of \
                      different time zones become UTC, with a warning. If there is no such type, \
                      an error names the file, the column and both types.",
            set: Set::Value("HOW", |options, value| {
                options.merge_schema = value
                    .one_of(&[("strict", MergeSchema::Strict), ("union", MergeSchema::Union)])?;
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "unique-names",
            summary: "number columns with the same name: x, x_2",
            details: "The first column of a name keeps it; the others get _2, _3 and so on. A \
                      number that would produce the name of another column is skipped. -c, --where \
                      and the other options then use the new names. Fields of structs keep their \
                      names.",
            set: Set::Switch(|options| options.unique_names = true),
        },
        Flag {
            short: None,
            long: "key-file",
            summary: "read the keys of encrypted files from FILE",
            details: "One key per line: footer KEY; column PATH KEY for a column (a.b inside a \
                      struct, or a for everything in it); id NAME KEY for keys that a file refers \
                      to by name. KEY is 16, 24 or 32 bytes as hexadecimal digits or base64. \
                      aad-prefix TEXT gives the AAD prefix of files that do not store it; # begins \
                      a comment. FILE may be a pipe: --key-file <(command). Keys are never taken \
                      from the command line or the environment. AES-GCM and AES-GCM-CTR are \
                      supported. A column whose key is missing is an error if it is read; -c \
                      chooses others. Page indexes and bloom filters of encrypted columns are not \
                      used.",
            set: Set::Value("FILE", |options, value| {
                options.keys = Some(KeyFile::read(Path::new(&value.raw()))?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "filename",
            summary: "append a COLUMN that holds the name of the file",
            details: "It is text, as the file was given, and takes almost no space if run-end or \
                      dictionary-encoded. --where can use it; files that it excludes by name are \
                      not opened.",
            set: Set::Value("COLUMN", |options, value| {
                options.filename = Some(value.name()?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "int96",
            summary: "read INT96 timestamps in UNIT: us, ns or ms",
            details: "Spark, Hive and Impala write INT96. The default is the unit in the file's \
                      Arrow schema. Without one, it is nanoseconds (1677 to 2262), or a coarser \
                      unit if a dictionary page has a timestamp outside that range, such as \
                      9999-12-31 for \"never\". The first file \
                      decides for all. A timestamp that does not fit the unit is an error.",
            set: Set::Value("UNIT", |options, value| {
                let unit = value.one_of(&[
                    ("us", Int96Unit::Microsecond),
                    ("ns", Int96Unit::Nanosecond),
                    ("ms", Int96Unit::Millisecond),
                ])?;
                options.read.int96 = Some(unit);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "invalid-text",
            summary: "if text is not UTF-8: error, binary or replace",
            details: "error (default) names the column and the row. binary reads all text columns \
                      as binary. replace substitutes U+FFFD for each invalid sequence. To treat \
                      only some columns this way, select them with -c.",
            set: Set::Value("HOW", |options, value| {
                options.read.invalid_text = value.one_of(&[
                    ("error", InvalidText::Error),
                    ("binary", InvalidText::Binary),
                    ("replace", InvalidText::Replace),
                ])?;
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "ignore-checksums",
            summary: "read pages even if their checksums are wrong",
            details: "If the header of a page has a checksum, it is verified. A mismatch means \
                      that the page is damaged, and is an error that names its column, row group \
                      and number. With this option such pages are read, and their values may be \
                      wrong.",
            set: Set::Switch(|options| options.read.ignores_checksums = true),
        },
        Flag {
            short: Some('v'),
            long: "verbose",
            summary: "report what is ignored in the files",
            details: "Reports on standard error the parts of the Arrow schema (ARROW:schema) that \
                      do not match the columns of the file.",
            set: Set::Switch(|options| options.is_verbose = true),
        },
        Flag {
            short: None,
            long: "temporary-directory",
            summary: "create temporary files in DIR",
            details: "For a file from a pipe. The default is $TMPDIR, or else /var/tmp.",
            set: Set::Value("DIR", |options, value| {
                options.temporary_directory = Some(value.raw());
                Ok(())
            }),
        },
    ],
    shared: &[SELECTION, DATASET, THREADS, OUTPUT, PROGRESS],
    take: Take::Inputs,
    memory: "About 4 MiB of batches per thread (one batch with -j 1); the pages of the columns \
             being read; with --where, one bit per row of the row groups being read (one per \
             thread, plus one) and up to 2 MiB of rows being merged. Pages of the file \
             are released once they have been read. The footers (an entry for each row group and \
             column) of the files being read and of up to 16 that come next, fewer with fewer \
             threads, and the names and keys of all files (about 300 bytes per file) are held as \
             well.",
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
