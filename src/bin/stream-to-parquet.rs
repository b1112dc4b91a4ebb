//! stream-to-parquet: an Arrow stream as a Parquet file.

use arrow_pipes::command::{
    Command, Common, Example, Flag, INPUT, OUTPUT, PROGRESS, Progress, Set, THREADS, Take,
};
use arrow_pipes::io::Output;
use arrow_pipes::parquet_file::{
    Compression, DictionaryColumns, EncodeOptions, Encoder, Statistics,
};
use arrow_pipes::schema::Order;
use arrow_pipes::stream::Reader;
use arrow_pipes::{Error, Result};
use std::process::ExitCode;

fn main() -> ExitCode {
    COMMAND.main(stream_to_parquet)
}

fn stream_to_parquet(mut options: EncodeOptions, common: Common) -> Result<()> {
    options.threads = common.threads();
    let mut reader = Reader::open_plain(&common.input)?;

    let output = Output::create(&common.output, &common.input.operands)?;
    let mut encoder = Encoder::create(output, reader.schema(), &options)?;
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

const COMMAND: Command<EncodeOptions> = Command {
    name: "stream-to-parquet",
    summary: "write an Arrow stream as a Parquet file",
    operands: "[FILE...]",
    description: "Reads Arrow IPC streams from the files, or from standard input, and writes one \
                  Parquet file. Several inputs are read one after another as one stream; their \
                  schemas must be equal.

                  Batches of any size make row groups of the size asked for. The columns of a row \
                  group are encoded at the same time. A file appears only \
                  when the stream came to its end marker; after a producer that stopped early there \
                  is none.

                  Arrow's types are kept in the file (ARROW:schema) beside those of Parquet, and \
                  the schema's metadata as its key-value metadata. Timestamps and times in seconds \
                  become milliseconds, which Parquet has. A column that Parquet cannot hold (a \
                  union, an interval with nanoseconds, a struct without fields) is an error before \
                  anything is written.",
    options: &[
        Flag {
            short: Some('z'),
            long: "compression",
            summary: "none, snappy, lz4, zstd[:LEVEL], gzip[:LEVEL] or brotli[:LEVEL]",
            details: "The default is zstd:1. Levels are 1 to 22 for zstd, 0 to 9 for gzip (6 by \
                      default), 0 to 11 for brotli (1 by default). lz4 is what the format calls \
                      LZ4_RAW.",
            set: Set::Value("CODEC", |options, value| {
                options.compression = value.try_map(Compression::parse)?;
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "row-group-rows",
            summary: "end a row group at ROWS rows",
            details: "The default is 1048576. Readers skip and parallelize by row group; small \
                      ones make files large and slow.",
            set: Set::Value("ROWS", |options, value| {
                options.row_group_rows = value.positive()?;
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "row-group-bytes",
            summary: "end a row group at about SIZE (128MiB) bytes as stored",
            details: "Whichever limit is met first ends it.",
            set: Set::Value("SIZE", |options, value| {
                let bytes = value.size_bytes()?;
                options.row_group_bytes = Some(bytes.try_into().unwrap_or(usize::MAX));
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "statistics",
            summary: "store smallest and largest values: none, chunk or page",
            details: "Of each column of a row group (chunk), or of each page too (page, the \
                      default). Readers pass over what cannot match.",
            set: Set::Value("LEVEL", |options, value| {
                options.statistics = value.one_of(&[
                    ("none", Statistics::None),
                    ("chunk", Statistics::Chunk),
                    ("page", Statistics::Page),
                ])?;
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "encode-dictionary",
            summary: "store distinct values once: NAMES, all or none",
            details: "By default for all columns whose first rows repeat values. A dictionary is \
                      given up when it grows beyond 1 MiB.",
            set: Set::Value("NAMES", |options, value| {
                options.dictionary = match value.names()? {
                    names if names == ["all"] => DictionaryColumns::All,
                    names if names == ["none"] => DictionaryColumns::None,
                    names => DictionaryColumns::Named(names),
                };
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "bloom",
            summary: "store bloom filters of the columns NAMES",
            details: "By a filter, readers that look for single values (id = 7) pass over row groups \
                      in which a value does not occur, though it lies between the smallest and the \
                      largest: parquet-to-stream -w does, for integers, dates, text and bytes. \
                      A filter takes 1.2 to 2.4 bytes for each distinct value of a row group, and \
                      errs once in a hundred. Columns of booleans and floats can have none.",
            set: Set::Value("NAMES", |options, value| {
                options.bloom = value.names()?;
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "sorted-by",
            summary: "check the order ('a DESC, b') and declare it in the file",
            details: "A row that breaks the order is an error, and no file appears. Row groups say \
                      in their sorting columns how they are sorted, which readers may use. The order \
                      is written as for stream-sort --by, whose manual tells the rules; a column \
                      with parts (a struct, a list) cannot be declared.",
            set: Set::Value("ORDER", |options, value| {
                options.sorted_by = Some(value.try_map(Order::parse)?);
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "metadata",
            summary: "add KEY=VALUE to the file's metadata",
            details: "May be given several times. It replaces what the stream has under KEY.",
            set: Set::Each("KEY=VALUE", |options, value| {
                let (key, text) = value.key_value()?;
                if options.metadata.iter().any(|(other, _)| *other == key) {
                    return Err(Error::usage(format!("--metadata: {key} is given twice")));
                }
                options.metadata.push((key, text));
                Ok(())
            }),
        },
    ],
    shared: &[OUTPUT, INPUT, THREADS, PROGRESS],
    take: Take::Inputs,
    memory: "One row group as it is stored (compressed), with several threads two; what is being \
             encoded of each column; with several threads 32 MiB of rows that were read ahead, or \
             two batches if those are larger; for each bloom filter about 2 bytes for each of --row-group-rows; the footer grows with the number of row groups, columns and pages.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "a column of a Parquet file, compressed well",
            line: "parquet-to-stream -c id data.parquet | stream-to-parquet -z zstd:9 -o ids.parquet",
        },
        Example {
            purpose: "small row groups, for a reader that picks single ones",
            line: "parquet-to-stream data.parquet | stream-to-parquet --row-group-rows 100000 --metadata by=me -o s.parquet",
        },
    ],
};
