//! stream-to-file: write an Arrow stream as an Arrow IPC file.

use arrow_pipes::Result;
use arrow_pipes::arrow_file::{BufferCompression, DictionaryKeys, FileOptions, Writer};
use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, Take, Tool, names, option, store, suffixes,
};
use arrow_pipes::io::Output;
use arrow_pipes::stream::Reader;
use arrow_pipes::stream::hint::{Hint, Until};
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(stream_to_file);

fn stream_to_file(options: FileOptions, common: Common) -> Result<()> {
    let mut reader = Reader::open_plain(&common.input)?.passing_on();
    reader.promise(Hint::of_plain_values(), Until::End);

    let output = Output::create(&common.output, &common.input.operands)?;
    let mut writer = Writer::create(output, reader.schema(), &options)?;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    while let Some(message) = reader.next_message()? {
        writer.write(&message)?;
        progress.add(message.num_rows());
    }
    // The footer completes the file, so it is written only after the stream's end marker.
    writer.finish()?;
    progress.finish();
    Ok(())
}

const COMMAND: Command<FileOptions> = Command {
    name: "stream-to-file",
    role: Role::Output,
    summary: "write an Arrow stream as an Arrow IPC file",
    operands: "[FILE...]",
    description: "Reads Arrow IPC streams from files or standard input and writes one Arrow IPC \
                  file, also known as Feather version 2. Its footer lets readers map the file and \
                  read record batches in any order. Several inputs are read one after another as \
                  one stream; their schemas must be equal.

                  Batches are written as they come; stream-rechunk changes their size. Metadata of \
                  the schema and of individual record batches is kept. A file appears only after \
                  the stream's end marker has been read; if the producer stops early, no file \
                  appears.

                  A stream may replace a dictionary any number of times, but a file may not. The \
                  first dictionary of a column is written whole. Values of later ones are added as \
                  deltas when a row uses them, and keys are changed accordingly. Polars does not \
                  read deltas: use --dictionary-keys none for it.",
    options: &[&[
        option("compression", "compress buffers: none, lz4 or zstd[:LEVEL]")
            .short('z')
            .details(
                "The default is none, so that readers can use the mapped file in place, without a \
                 copy. Levels of zstd are 1 (default) to 22; lz4 has none.",
            )
            .completes(Complete::Choices(|| BufferCompression::NAMES.to_vec()))
            .value("CODEC", |options, value| {
                store(&mut options.compression, value.try_map(BufferCompression::parse))
            }),
        option("dictionary-keys", "widen keys to int32, or write plain values: none")
            .details(
                "A dictionary grows with the stream, and its keys may become too narrow for the \
                 number of values. int32 widens 8-bit and 16-bit keys to 32 bits; none writes \
                 columns without dictionaries. Both apply at any depth.",
            )
            .completes(Complete::Choices(|| names(DictionaryKeys::WORDS)))
            .value("KEYS", |options, value| {
                options.dictionary_keys = value.one_of(DictionaryKeys::WORDS)?;
                Ok(())
            }),
        option("metadata", "add KEY=VALUE to the footer's metadata")
            .details(
                "May be repeated. pyarrow shows it as the reader's metadata; the metadata of the \
                 schema is kept separately.",
            )
            .each("KEY=VALUE", |options, value| value.add_key_value(&mut options.metadata)),
    ]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::STREAMS)],
    memory: "A few batches; about 50 bytes plus the value for each distinct value of a dictionary \
             that changes in the stream; 24 bytes per record batch, for the footer.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "a file that other programs can map into memory",
            line: "parquet-to-stream data.parquet | stream-to-file -o data.arrow",
        },
        Example {
            purpose: "a compressed file, with a note in its footer",
            line: "stream-to-file -z zstd:9 --metadata by=me data.arrows -o small.arrow",
        },
    ],
};
