//! parquet-to-stream: Parquet files as an Arrow stream.

use arrow_pipes::Result;
use arrow_pipes::batch::Merger;
use arrow_pipes::command::{
    Command, Common, DATASET, Example, Flag, NumberList, OUTPUT, PROGRESS, Progress, SELECTION,
    Set, THREADS, Take,
};
use arrow_pipes::dataset::Dataset;
use arrow_pipes::endpoint::{Operand, Selection};
use arrow_pipes::io::{Output, open_mapped};
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
            // A file is there: nothing need ever be waited for.
            Some(merger) => writer.write_all(&merger.push(batch, || true)?)?,
        }
    };
    // The rows before an error go out, too.
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

/// A regular file is opened when its turn comes. What comes through a pipe is there only now.
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
    description: "Reads Parquet files, or one from standard input, and writes their rows as an Arrow \
                  IPC stream. Several files are read one after another as one stream, each opened when \
                  its turn comes; their schemas must be equal, or see --merge-schema.

                  A directory stands for all files below it, and a pattern such as \
                  'data/**/year=202[0-4]/*.parquet' for those that it means (in quotes, so that the \
                  shell leaves it alone); a directory that a pattern ends at is read whole. Files come \
                  in natural order, part-2 before part-10. Names that begin with . or _ are passed \
                  over below a directory unless they are keys (_year=2024), as in Spark; links are \
                  followed. A file that is no Parquet file is an error, not a gap, and so is a Delta or \
                  Hudi table. What exists is never taken for a pattern.

                  Directories named key=value (year=2024/month=07) make columns: the text behind the \
                  first = with %XX decoded, null for __HIVE_DEFAULT_PARTITION__. All files must have \
                  the same keys in the same order. A file that is named itself has none without --hive: quote patterns. \
                  These columns come after those of the files; where a file has a column of the same \
                  name, the key's value and type stand in its place. Files that --where rules out by \
                  keys alone are not opened, so that nobody hears of it if they are damaged.

                  Only what is asked for is read: the columns, the row groups, and with --where the \
                  columns of the expression first, then the others for rows that remain. Row groups \
                  whose statistics or bloom filters (see stream-to-parquet --bloom) show that no row \
                  can match are passed over, and so are pages by the page index; that never changes \
                  the result.

                  Files are mapped into memory, not read into it. A Parquet file is read from its \
                  end, so one that comes through a pipe is first kept in a temporary file without a \
                  name.

                  Types are those that the file declares for Arrow (ARROW:schema), else those that \
                  correspond to its Parquet types. An Arrow schema that does not fit the columns is \
                  ignored (--verbose reports it). UUID, JSON, GEOMETRY, GEOGRAPHY and VARIANT become \
                  the Arrow extension types arrow.uuid, arrow.json, geoarrow.wkb and \
                  arrow.parquet.variant; ENUM is text and BSON binary, and field metadata \
                  (PARQUET:logical_type) keep their names, so that stream-to-parquet writes them \
                  back. INTERVAL becomes months, days and nanoseconds. The file's key-value metadata \
                  become the stream's.

                  A column that cannot be read is an error only if it is read: choose others with \
                  -c.",
    options: &[
        Flag {
            short: None,
            long: "row-groups",
            summary: "read only these row groups of each file: 0,3-5,-1",
            details: "Numbers begin with 0, ranges are inclusive, negative numbers count from the \
                      end. They are read in the order written.",
            set: Set::Value("LIST", |options, value| {
                options.row_groups = Some(value.number_list()?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "batch-rows",
            summary: "write batches of ROWS rows",
            details: "Without it as many as make about 2 MiB, at most 65,536. The last batch of a \
                      row group may have fewer; with --where any batch, and those of few rows are \
                      merged.",
            set: Set::Value("ROWS", |options, value| {
                options.batch_rows = Some(value.positive()?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "runs",
            summary: "hand on COLUMNS as runs of equal values, or auto",
            details: "As run-end encoded columns, which take little of a pipe where values repeat: one \
                      value and a number for each run. auto does it where the footers, \
                      of all files, which are then read before the first row, show that this takes \
                      less than half of the bytes. Not all programs read such columns; \
                      the tools do, and those that end a pipe (stream-to-parquet, stream-to-csv) \
                      write the plain column again: see arrow-pipes(7). Columns with parts, of \
                      extension types, or that are dictionaries already, stay as they are.",
            set: Set::Value("COLUMNS", |options, value| {
                options.runs = encoded(value.names()?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "dictionary",
            summary: "hand on COLUMNS as the dictionaries of the file, or auto",
            details: "As Arrow dictionaries, with the narrowest keys that number the values of each \
                      row group (the footers of all files are read first): a dictionary is sent for each row group that has another one. auto \
                      does it where that takes less than half of the bytes. For the rest see --runs, \
                      which comes first where both are auto.",
            set: Set::Value("COLUMNS", |options, value| {
                options.dictionary = encoded(value.names()?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "merge-schema",
            summary: "strict (schemas are equal, the default) or union (columns by name)",
            details: "strict reads one footer before the first row; a file that differs is an error when \
                      its turn comes, and columns of several files may hold nulls, whatever the \
                      first one says. union reads all footers first, of files that --where rules \
                      out too, and meets columns by name, in the order in which they first appear: a \
                      column that a file lacks is null there, and types that differ become the \
                      narrowest type that holds the values of both exactly, as stream-cat does it. \
                      Timestamps of different time zones become UTC, with a warning. \
                      What has no such type is an error that names the file, the column and both types.",
            set: Set::Value("HOW", |options, value| {
                options.merge_schema = value
                    .one_of(&[("strict", MergeSchema::Strict), ("union", MergeSchema::Union)])?;
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "unique-names",
            summary: "number columns of one name: x, x_2",
            details: "The first column of a name keeps it, the others get _1, _2 and so on; a number \
                      that would make the name of another column is left out. -c, --where and the other \
                      options then mean the new names. Fields of structs keep their names.",
            set: Set::Switch(|options| options.unique_names = true),
        },
        Flag {
            short: None,
            long: "key-file",
            summary: "read the keys of encrypted files from FILE",
            details: "A line for each key: footer KEY, column PATH KEY for a column (a.b inside a struct, \
                      or all that is in a), id NAME KEY for the keys that a file asks for by a name. \
                      KEY is 16, 24 or 32 bytes as hexadecimal digits or base64. aad-prefix TEXT gives \
                      the AAD prefix of files that do not store it; # begins a comment. FILE may be a \
                      pipe: --key-file <(command). Keys are never taken from the command line or the \
                      environment. AES-GCM and AES-GCM-CTR are read. A column whose key is missing is an \
                      error if it is read; -c chooses others. Page indexes and bloom filters of encrypted \
                      columns are not used.",
            set: Set::Value("FILE", |options, value| {
                options.keys = Some(KeyFile::read(Path::new(&value.raw()))?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "filename",
            summary: "add a last COLUMN that holds the name of the file",
            details: "As text, as the file was named; as runs or as a dictionary it takes next to \
                      nothing. --where may use it, and opens no file that it rules out.",
            set: Set::Value("COLUMN", |options, value| {
                options.filename = Some(value.name()?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "int96",
            summary: "read INT96 timestamps in UNIT: us, ns or ms",
            details: "Spark, Hive and Impala write INT96. By default the unit is the one of the \
                      Arrow schema in the file, or nanoseconds, or a coarser one if a dictionary \
                      page of the file holds a timestamp that does not fit (nanoseconds reach from \
                      1677 to 2262, and 9999-12-31 is in use for \"never\"). The first file decides for all. A \
                      timestamp that does not fit the unit is an error.",
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
            summary: "on text that is not UTF-8: error (default), binary or replace",
            details: "error names the column and the row. binary reads all text columns as binary. \
                      replace puts U+FFFD in place of each invalid sequence. Choose columns with -c \
                      to read only some of them so.",
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
            details: "If the header of a page states a checksum, it is verified: a page that differs \
                      is damaged, and an error names its column, row group and number. With this \
                      option such pages are read, and their values may be wrong.",
            set: Set::Switch(|options| options.read.ignores_checksums = true),
        },
        Flag {
            short: Some('v'),
            long: "verbose",
            summary: "report what is ignored in the files",
            details: "Parts of the Arrow schema (ARROW:schema) that do not fit the columns of the \
                      file, on standard error.",
            set: Set::Switch(|options| options.is_verbose = true),
        },
        Flag {
            short: None,
            long: "temporary-directory",
            summary: "keep a file that comes through a pipe here",
            details: "Without it in $TMPDIR, else in /var/tmp.",
            set: Set::Value("DIR", |options, value| {
                options.temporary_directory = Some(value.raw());
                Ok(())
            }),
        },
    ],
    shared: &[SELECTION, DATASET, THREADS, OUTPUT, PROGRESS],
    take: Take::Inputs,
    memory: "About 4 MiB of batches for each thread (one batch with -j 1), the pages of the columns \
             being read, and with --where a bit for every row of the row groups being read, one \
             more than there are threads, and up to 2 MiB of rows that are being merged. Pages of the file that were read are given back. The \
             footers (an entry for each row group and column) of the files being read and of up to \
             16 that come next, fewer with fewer threads, and the names and keys of all files (about \
             300 bytes for each).",
    statuses: &[],
    examples: &[
        Example {
            purpose: "ten ids of each group, with columns that repeat as runs in the pipe",
            line: "parquet-to-stream --runs auto data.parquet | stream-sample --first 10 --of id --per group | stream-to-parquet -o ten.parquet",
        },
        Example {
            purpose: "two columns of the rows that match",
            line: "parquet-to-stream -c id,row -w '\"group\" = 7 AND id < 5' data.parquet | stream-filter 'row % 7 = 0' >few.arrows",
        },
        Example {
            purpose: "the matching rows of all files that a pattern means",
            line: "parquet-to-stream '*uary.parquet' -w '\"group\" < 3' >three.arrows",
        },
        Example {
            purpose: "the first rows of the last row group",
            line: "parquet-to-stream --row-groups -1 -n 10 <data.parquet >last.arrows",
        },
    ],
};
