//! stream-to-parquet: write an Arrow stream as a Parquet file or a tree of Parquet files.

use arrow_pipes::command::{
    Command, Complete, Example, Progress, ProgressOptions, Role, SpillOptions, Spills, Take,
    Threads, Tool, suffixes,
};
use arrow_pipes::io::{Existing, Output, most_open_files};
use arrow_pipes::options::{Destination, InputOptions, OutputOptions};
use arrow_pipes::parquet_file::{Compression, EncodeOptions, Encoder, Target};
use arrow_pipes::partition::{
    FileLimits, NameTemplate, PartitionOptions, Partitioner, Publish, Tree, TreeOptions,
    refuse_directory,
};
use arrow_pipes::stream::Reader;
use arrow_pipes::stream::hint::{Encodings, Hint, Until};
use arrow_pipes::{Error, Result};
use std::process::ExitCode;

#[path = "stream-to-parquet/file_flags.rs"]
mod file_flags;
#[path = "stream-to-parquet/tree_flags.rs"]
mod tree_flags;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(stream_to_parquet);

fn stream_to_parquet(
    mut options: Options,
    spill: SpillOptions<Options>,
    mut output: OutputOptions,
    mut input: InputOptions,
    threads: Threads,
    progress: ProgressOptions,
) -> Result<()> {
    options.check(&spill)?;
    options.encode.threads = threads.clone();
    options.encode.compression = options.compression();
    input.threads = Some(threads);
    let mut reader = Reader::open_values(&input)?;
    // The rows of a tree are moved one by one, which dictionaries would make slower.
    let encodings = if options.makes_tree() { Encodings::Runs } else { Encodings::All };
    reader.promise(Hint { encodings, ..Hint::default() }, Until::End);
    if options.makes_tree() {
        let partition = options.partition(spill, &output.destination);
        return write_tree(&options, &partition, &output, progress, reader);
    }
    if let Destination::Path(path) = &output.destination {
        refuse_directory(path)?;
    }
    output.must_be_new = options.existing == Some(Existing::Error);
    let output = Output::create(&output, &input.operands)?;
    let encoder = Encoder::create(output, reader.schema(), &options.encode)?;
    write_file(reader.with_encoded_batches(), encoder, progress)
}

fn write_file(mut reader: Reader, mut encoder: Encoder, progress: ProgressOptions) -> Result<()> {
    let mut progress = Progress::start(COMMAND.name, progress, None);
    while let Some(batch) = reader.next_batch()? {
        encoder.write(&batch)?;
        progress.add(batch.num_rows());
    }
    // The footer completes the file, so it is written only after the stream's end marker.
    encoder.finish()?;
    progress.finish();
    Ok(())
}

fn write_tree(
    options: &Options,
    partition: &PartitionOptions,
    output: &OutputOptions,
    progress: ProgressOptions,
    mut reader: Reader,
) -> Result<()> {
    let to_stdout = || Output::create_text(&OutputOptions::default(), &[]);
    let summary = options.summary.then(to_stdout).transpose()?;
    let tree = Tree::create(&TreeOptions {
        destination: output.destination.clone(),
        existing: options.existing.unwrap_or_default(),
        publish: options.publish.unwrap_or_default(),
        sync: !output.no_sync,
        template: options.name_template.clone(),
        metadata_file: options.metadata_file,
        success_marker: options.success_marker,
    })?;
    let mut partitioner = Partitioner::try_new(tree, reader.schema(), partition)?;
    let mut progress = Progress::start(COMMAND.name, progress, None);
    while let Some(batch) = reader.next_batch()? {
        partitioner.write(&batch)?;
        progress.add(batch.num_rows());
    }
    // Free the reader's memory while the files are written.
    drop(reader);
    progress.phase("writing files", None);
    let written = partitioner.finish()?;
    progress.finish();
    if let Some(warning) = &written.warning {
        COMMAND.report(warning);
    }
    summary.map_or(Ok(()), |output| written.print(output, options.json))
}

#[derive(Default)]
struct Options {
    encode: EncodeOptions,
    /// The value of `--compression`.
    compression: Option<Compression>,
    partition_by: Vec<String>,
    keep_partition_columns: bool,
    limits: FileLimits,
    name_template: Option<NameTemplate>,
    existing: Option<Existing>,
    publish: Option<Publish>,
    metadata_file: bool,
    success_marker: bool,
    summary: bool,
    json: bool,
    most_open_files: Option<usize>,
}

impl Options {
    /// The chosen codec, or else the default of the target.
    fn compression(&self) -> Compression {
        let target = self.encode.target;
        self.compression.or(target.map(Target::compression)).unwrap_or_default()
    }

    /// Whether the output may be several files.
    fn makes_tree(&self) -> bool {
        !self.partition_by.is_empty() || self.limits != FileLimits::default()
    }

    fn partition(&self, spill: SpillOptions<Self>, to: &Destination) -> PartitionOptions {
        // An open object has a part in memory, of 8 MiB.
        let most_open = match to {
            Destination::Url(_) => || 8,
            _ => most_open_files,
        };
        PartitionOptions {
            by: self.partition_by.clone(),
            keep_columns: self.keep_partition_columns,
            limits: self.limits,
            most_open_files: self.most_open_files.unwrap_or_else(most_open),
            memory_bytes: spill.memory_bytes(),
            temporary_directory: spill.temporary_directory,
            encode: self.encode.clone(),
        }
    }

    /// Refuses options that would have no effect.
    fn check(&self, spill: &SpillOptions<Self>) -> Result<()> {
        const TREE: &str = "--partition-by, --file-rows or --file-bytes";
        let (partitions, tree) = (!self.partition_by.is_empty(), self.makes_tree());
        let has_place = spill.temporary_directory.is_some();
        for (option, is_given, is_fit, needed) in [
            ("--keep-partition-columns", self.keep_partition_columns, partitions, "--partition-by"),
            ("--max-open-files", self.most_open_files.is_some(), partitions, "--partition-by"),
            ("--memory", spill.memory_bytes.is_some(), partitions, "--partition-by"),
            ("--temporary-directory", has_place, partitions, "--partition-by"),
            ("--name-template", self.name_template.is_some(), tree, TREE),
            ("--existing append", self.existing == Some(Existing::Append), tree, TREE),
            ("--publish", self.publish.is_some(), tree, TREE),
            ("--metadata-file", self.metadata_file, tree, TREE),
            ("--success-marker", self.success_marker, tree, TREE),
            ("--summary", self.summary, tree, TREE),
            ("--json", self.json, self.summary, "--summary"),
        ] {
            if is_given && !is_fit {
                return Err(Error::usage(format!("{option} requires {needed}")));
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

impl Spills for Options {
    const REST: &str = "With --partition-by, rows that do not fit are written as row groups or to \
                        temporary files. A row group also ends when its rows take a quarter of \
                        SIZE before encoding.";
}

const COMMAND: Command<Options> = Command {
    name: "stream-to-parquet",
    role: Role::Output,
    summary: "write an Arrow stream as a Parquet file or a tree of files",
    operands: "[FILE...]",
    description: "Reads Arrow IPC streams from files or standard input and writes one Parquet \
                  file. Several inputs are read one after another as one stream; their schemas \
                  must be equal.

                  Row groups have the requested size, whatever the size of the input batches. The \
                  columns of a row group are encoded in parallel. A file appears only after the \
                  stream's end marker has been read; if the producer stops early, no file appears.

                  With --partition-by, --file-rows or --file-bytes, several files are written. -o \
                  then names their directory, which appears all at once. --partition-by year,city \
                  writes rows to directories such as year=2024/city=Paris/, as Hive does. pyarrow, \
                  DuckDB, Polars, Spark and parquet-to-stream read such trees. The rows of a \
                  partition keep their input order, even if the stream mixes partitions.

                  The file stores the Arrow types (ARROW:schema) as well as the Parquet types. The \
                  schema's metadata is stored both in ARROW:schema and in the footer's key-value \
                  metadata, because readers look in both.

                  Columns of the extension types arrow.uuid, arrow.json, geoarrow.wkb and \
                  arrow.parquet.variant get the logical types UUID, JSON, GEOMETRY (or GEOGRAPHY) \
                  and VARIANT, respectively. Columns whose field metadata has PARQUET:logical_type \
                  get the logical type that it names: ENUM or BSON. Timestamps and times in \
                  seconds become milliseconds. Intervals become months, days and milliseconds; an \
                  interval that is negative or has a fraction of a millisecond is an error that \
                  names its row. A column that Parquet cannot store (a union, a struct without \
                  fields) is an error, which is reported before anything is written.",
    options: &[file_flags::FLAGS, tree_flags::FLAGS],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::STREAMS)],
    memory: "One row group as stored (compressed), two with several threads; the data being \
             encoded for each column; with several threads, 16 MiB of rows that were read ahead, \
             or two batches if those are larger; for each bloom filter, about 2 bytes per row of \
             --row-group-rows. The footer grows with the number of row groups, columns and pages.

             With --partition-by, --memory (default 512 MiB) includes the above. It may be \
             exceeded by up to a fifth (two fifths if rows do not compress), or by up to 24 MiB \
             and four batches of the input if that is more. In addition: about 300 bytes per \
             partition; 10 KiB per column of each partition that got a row group before the end; \
             the distinct values of dictionaries; 8 bytes per partition that has rows, each time \
             memory is full; at the end, 64 KiB per thread, and one row group as stored for each \
             thread after the first two.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "a well-compressed file",
            line: "stream-to-parquet -z zstd:9 -o small.parquet data.arrows",
        },
        Example {
            purpose: "one column of a Parquet file, for Spark",
            line: "parquet-to-stream -c id data.parquet | stream-to-parquet --for spark -o \
                   ids.parquet",
        },
        Example {
            purpose: "small row groups, for a reader that needs only some of them",
            line: "parquet-to-stream data.parquet | stream-to-parquet --row-group-rows 100000 \
                   --metadata by=me -o s.parquet",
        },
        Example {
            purpose: "one directory per group, with files of at most 1000 rows",
            line: "parquet-to-stream data.parquet | stream-to-parquet --partition-by group \
                   --file-rows 1000 -o by-group",
        },
    ],
};
