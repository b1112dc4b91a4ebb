//! stream-to-parquet: an Arrow stream as a Parquet file, or as a tree of them.

use arrow_pipes::command::{
    Command, Common, Example, Flag, INPUT, OUTPUT, PROGRESS, Progress, Set, SpillOptions, THREADS,
    Take, spill,
};
use arrow_pipes::endpoint::{Destination, OutputOptions};
use arrow_pipes::io::{Existing, Output, most_open_files};
use arrow_pipes::parquet_file::{Compression, EncodeOptions, Encoder, Target};
use arrow_pipes::partition::{
    FileLimits, NameTemplate, PartitionOptions, Partitioner, Publish, Tree, TreeOptions,
    refuse_directory,
};
use arrow_pipes::schema::Order;
use arrow_pipes::stream::Reader;
use arrow_pipes::{Error, Result};
use std::process::ExitCode;

#[path = "stream-to-parquet/file_flags.rs"]
mod file_flags;
#[path = "stream-to-parquet/tree_flags.rs"]
mod tree_flags;

fn main() -> ExitCode {
    COMMAND.main(stream_to_parquet)
}

fn stream_to_parquet(mut options: Options, common: Common) -> Result<()> {
    options.check(&common.spill)?;
    options.encode.threads = common.threads();
    options.encode.compression = options.compression();
    let reader = Reader::open_plain(&common.input)?;
    match options.makes_tree() {
        true => write_tree(&options, &common, reader),
        false => write_file(&options, &common, reader),
    }
}

fn write_file(options: &Options, common: &Common, mut reader: Reader) -> Result<()> {
    if let Destination::Path(path) = &common.output.destination {
        refuse_directory(path)?;
    }
    let output = Output::create(&common.output, &common.input.operands)?;
    let mut encoder = Encoder::create(output, reader.schema(), &options.encode)?;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    while let Some(batch) = reader.next_batch()? {
        encoder.write(&batch)?;
        progress.add(batch.num_rows());
    }
    // The footer makes the file whole, so it is written only after a stream that came to its end.
    encoder.finish()?;
    progress.finish();
    Ok(())
}

fn write_tree(options: &Options, common: &Common, mut reader: Reader) -> Result<()> {
    let Destination::Path(directory) = &common.output.destination else {
        return Err(Error::usage("several files need a directory: give -o DIRECTORY"));
    };
    let to_stdout = || Output::create_text(&OutputOptions::default(), &[]);
    let summary = options.summary.then(to_stdout).transpose()?;
    let tree = Tree::create(&TreeOptions {
        directory: directory.clone(),
        existing: options.existing.unwrap_or_default(),
        publish: options.publish.unwrap_or_default(),
        sync: !common.output.no_sync,
        template: options.name_template.clone(),
        metadata_file: options.metadata_file,
    })?;
    let mut partitioner =
        Partitioner::try_new(tree, reader.schema(), &options.partition(&common.spill))?;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    while let Some(batch) = reader.next_batch()? {
        partitioner.write(&batch)?;
        progress.add(batch.num_rows());
    }
    // What the reader remembers is not needed while the files are written.
    drop(reader);
    progress.phase("writing files", None);
    let written = partitioner.finish()?;
    progress.finish();
    summary.map_or(Ok(()), |output| written.print(output, options.json))
}

#[derive(Default)]
struct Options {
    encode: EncodeOptions,
    /// The codec that was asked for.
    compression: Option<Compression>,
    partition_by: Vec<String>,
    keep_partition_columns: bool,
    limits: FileLimits,
    name_template: Option<NameTemplate>,
    existing: Option<Existing>,
    publish: Option<Publish>,
    metadata_file: bool,
    summary: bool,
    json: bool,
    most_open_files: Option<usize>,
}

impl Options {
    /// The codec that was asked for, or the default of what reads the files.
    fn compression(&self) -> Compression {
        let target = self.encode.target;
        self.compression.or(target.map(Target::compression)).unwrap_or_default()
    }

    /// Whether there may be several files.
    fn makes_tree(&self) -> bool {
        !self.partition_by.is_empty() || self.limits != FileLimits::default()
    }

    fn partition(&self, spill: &SpillOptions) -> PartitionOptions {
        PartitionOptions {
            by: self.partition_by.clone(),
            keep_columns: self.keep_partition_columns,
            limits: self.limits,
            most_open_files: self.most_open_files.unwrap_or_else(most_open_files),
            memory_bytes: spill.memory_bytes(),
            temporary_directory: spill.temporary_directory.clone(),
            encode: self.encode.clone(),
        }
    }

    /// Options that do nothing are refused.
    fn check(&self, spill: &SpillOptions) -> Result<()> {
        const TREE: &str = "--partition-by, --file-rows or --file-bytes";
        let (partitions, tree) = (!self.partition_by.is_empty(), self.makes_tree());
        let has_place = spill.temporary_directory.is_some();
        for (option, is_given, is_fit, needed) in [
            ("--keep-partition-columns", self.keep_partition_columns, partitions, "--partition-by"),
            ("--max-open-files", self.most_open_files.is_some(), partitions, "--partition-by"),
            ("--memory", spill.memory_bytes.is_some(), partitions, "--partition-by"),
            ("--temporary-directory", has_place, partitions, "--partition-by"),
            ("--name-template", self.name_template.is_some(), tree, TREE),
            ("--existing", self.existing.is_some(), tree, TREE),
            ("--publish", self.publish.is_some(), tree, TREE),
            ("--metadata-file", self.metadata_file, tree, TREE),
            ("--summary", self.summary, tree, TREE),
            ("--json", self.json, self.summary, "--summary"),
        ] {
            if is_given && !is_fit {
                return Err(Error::usage(format!("{option} goes with {needed}")));
            }
        }
        let is_one_name = self.name_template.as_ref().is_some_and(|name| !name.has_number());
        if self.limits != FileLimits::default() && is_one_name {
            return Err(Error::usage(
                "--name-template: several files need {number} in their names",
            ));
        }
        Ok(())
    }
}

const COMMAND: Command<Options> = Command {
    name: "stream-to-parquet",
    summary: "write an Arrow stream as a Parquet file, or as a tree of them",
    operands: "[FILE...]",
    description: "Reads Arrow IPC streams from the files, or from standard input, and writes one \
                  Parquet file. Several inputs are read one after another as one stream; their \
                  schemas must be equal.

                  Batches of any size make row groups of the size asked for. The columns of a row \
                  group are encoded at the same time. A file appears only \
                  when the stream came to its end marker; after a producer that stopped early there \
                  is none.

                  With --partition-by, --file-rows or --file-bytes there are several files, and -o names \
                  the directory that they make, which appears as a whole. --partition-by year,city puts \
                  a row into year=2024/city=Paris/, as Hive does: pyarrow, DuckDB, Polars, Spark and \
                  parquet-to-stream read such trees. The rows of a partition stay in the order in which \
                  they came, however they are mixed in the stream.

                  Arrow's types are kept in the file (ARROW:schema) beside those of Parquet, and \
                  the schema's metadata in both places where readers look for it: there, and in the \
                  footer's key-value pairs. Columns of the extension types arrow.uuid, arrow.json, \
                  geoarrow.wkb and arrow.parquet.variant get the logical types UUID, JSON, GEOMETRY \
                  or GEOGRAPHY, and VARIANT; those whose field metadata has PARQUET:logical_type get \
                  ENUM or BSON, as it says. Timestamps and times in seconds become milliseconds. \
                  Intervals become months, days and milliseconds; one that is negative or finer is \
                  an error that names its row. A column that Parquet cannot hold (a union, a struct \
                  without fields) is an error before anything is written.",
    options: &[
        file_flags::COMPRESSION,
        file_flags::FOR,
        file_flags::ROW_GROUP_ROWS,
        file_flags::ROW_GROUP_BYTES,
        file_flags::STATISTICS,
        file_flags::NO_CHECKSUMS,
        file_flags::DATA_PAGE_BYTES,
        file_flags::CONTENT_DEFINED,
        file_flags::DICTIONARY_PAGE_BYTES,
        file_flags::ENCODE,
        file_flags::ENCODE_DICTIONARY,
        file_flags::BLOOM,
        Flag {
            short: None,
            long: "sorted-by",
            summary: "check the order ('a DESC, b') and declare it",
            details: "A row that breaks the order is an error, and no file appears. Row groups say in their sorting \
                      columns how they are sorted, which readers may use. The order is written as for stream-sort \
                      --by, whose manual tells the rules; a column with parts (a struct, a list) cannot be declared.",
            set: Set::Value("ORDER", |options, value| {
                options.encode.sorted_by = Some(value.try_map(Order::parse)?);
                Ok(())
            }),
        },
        file_flags::FIELD_IDS,
        file_flags::KEEP_METADATA,
        Flag {
            short: None,
            long: "metadata",
            summary: "add KEY=VALUE to the file's metadata",
            details: "May be given several times. It replaces what the stream has under KEY.",
            set: Set::Each("KEY=VALUE", |options, value| {
                let (key, text) = value.key_value()?;
                if options.encode.metadata.iter().any(|(other, _)| *other == key) {
                    return Err(Error::usage(format!("--metadata: {key} is given twice")));
                }
                options.encode.metadata.push((key, text));
                Ok(())
            }),
        },
        tree_flags::PARTITION_BY,
        tree_flags::KEEP_PARTITION_COLUMNS,
        tree_flags::FILE_ROWS,
        tree_flags::FILE_BYTES,
        tree_flags::NAME_TEMPLATE,
        tree_flags::EXISTING,
        tree_flags::PUBLISH,
        tree_flags::METADATA_FILE,
        tree_flags::SUMMARY,
        tree_flags::JSON,
        tree_flags::MAX_OPEN_FILES,
    ],
    shared: &[
        &spill(
            "For --partition-by: what is more becomes row groups or goes to temporary files. A row group \
             also ends where its rows take a quarter of this before they are encoded.",
        ),
        OUTPUT,
        INPUT,
        THREADS,
        PROGRESS,
    ],
    take: Take::Inputs,
    memory: "One row group as it is stored (compressed), with several threads two; what is being \
             encoded of each column; with several threads 16 MiB of rows that were read ahead, or \
             two batches if those are larger; for each bloom filter about 2 bytes for each of --row-group-rows; the footer grows with the number of row groups, columns and pages.

             With --partition-by what --memory says (512 MiB without it), the above included, and up to a fifth more (two fifths where rows do not compress), \
             or up to 24 MiB and four batches of the input where that is more. Beside that some 300 bytes for each \
             partition, 10 KiB for each column of each that got a row group before the end, each distinct value of dictionaries, and for \
             each time that memory was full 8 bytes for each partition that had rows there, and at the end 64 KiB in each thread, \
             and in each thread but the first two a row group as it is stored.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "a stream in a file, compressed well",
            line: "stream-to-parquet -z zstd:9 -o small.parquet data.arrows",
        },
        Example {
            purpose: "a column of a Parquet file, for Spark",
            line: "parquet-to-stream -c id data.parquet | stream-to-parquet --for spark -o ids.parquet",
        },
        Example {
            purpose: "small row groups, for a reader that picks single ones",
            line: "parquet-to-stream data.parquet | stream-to-parquet --row-group-rows 100000 --metadata by=me -o s.parquet",
        },
        Example {
            purpose: "a directory for each group, with files of at most 1000 rows",
            line: "parquet-to-stream data.parquet | stream-to-parquet --partition-by group --file-rows 1000 -o by-group",
        },
    ],
};
