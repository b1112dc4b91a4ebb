//! stream-to-file: an Arrow stream as an Arrow IPC file.

use arrow_pipes::arrow_file::{BufferCompression, DictionaryKeys, FileOptions, Writer};
use arrow_pipes::command::{
    Command, Common, Example, Flag, INPUT, OUTPUT, PROGRESS, Progress, Set, Take,
};
use arrow_pipes::io::Output;
use arrow_pipes::stream::Reader;
use arrow_pipes::{Error, Result};
use std::process::ExitCode;

fn main() -> ExitCode {
    COMMAND.main(stream_to_file)
}

fn stream_to_file(options: FileOptions, common: Common) -> Result<()> {
    let mut reader = Reader::open_plain(&common.input)?;

    let output = Output::create(&common.output, &common.input.operands)?;
    let mut writer = Writer::create(output, reader.schema(), &options)?;
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    while let Some(message) = reader.next_message()? {
        writer.write(&message)?;
        progress.add(message.num_rows());
    }
    // The footer makes the file whole, so it is written only after a stream that came to its end.
    writer.finish()?;
    progress.finish();
    Ok(())
}

const COMMAND: Command<FileOptions> = Command {
    name: "stream-to-file",
    summary: "write an Arrow stream as an Arrow IPC file",
    operands: "[FILE...]",
    description: "Reads Arrow IPC streams from the files, or from standard input, and writes one Arrow \
                  IPC file: what pyarrow calls a file, and Feather version 2. Its footer lets readers \
                  map it and pick record batches at will. Several inputs are read one after another \
                  as one stream; their schemas must be equal.

                  The batches are written as they come; stream-rechunk makes them larger or smaller. \
                  Metadata of the schema and of single record batches are kept. \
                  A file appears only when the stream came to its end marker; after a producer that \
                  stopped early there is none.

                  A stream may replace a dictionary as often as it likes, a file must not. The first \
                  dictionary of a column is kept whole; values of later ones join it when a row uses \
                  them, as deltas, and keys are changed accordingly. Polars reads no deltas: for it \
                  write --dictionary-keys none.",
    options: &[
        Flag {
            short: Some('z'),
            long: "compression",
            summary: "compress buffers: none, lz4 or zstd[:LEVEL]",
            details: "The default is none: then readers use the mapped file in place, without a copy. \
                      Levels of zstd are 1 to 22, 1 by default; lz4 has none.",
            set: Set::Value("CODEC", |options, value| {
                options.compression = value.try_map(BufferCompression::parse)?;
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "dictionary-keys",
            summary: "int32: at least 32 bits wide; none: plain values",
            details: "A dictionary grows with the stream, and its keys may become too narrow to number \
                      its values: with int32 8 and 16 bits are widened to 32, with none columns are \
                      written without dictionaries. Both at any depth.",
            set: Set::Value("KEYS", |options, value| {
                options.dictionary_keys = value
                    .one_of(&[("int32", DictionaryKeys::Int32), ("none", DictionaryKeys::None)])?;
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "metadata",
            summary: "add KEY=VALUE to the footer's metadata",
            details: "May be given several times. pyarrow shows them as the reader's metadata; those \
                      of the schema are kept beside them as they are.",
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
    shared: &[OUTPUT, INPUT, PROGRESS],
    take: Take::Inputs,
    memory: "A few batches; about 50 bytes and the value for each distinct value of a dictionary that \
             changes in the stream; 24 bytes for each record batch, for the footer.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "a file that others can map into memory",
            line: "parquet-to-stream data.parquet | stream-to-file -o data.arrow",
        },
        Example {
            purpose: "a compressed one, with a note in its footer",
            line: "stream-to-file -z zstd:9 --metadata by=me data.arrows -o small.arrow",
        },
    ],
};
