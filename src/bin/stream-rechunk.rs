//! stream-rechunk: change the batch size of an Arrow stream, and optionally compress it.

use arrow_pipes::Result;
use arrow_pipes::arrow_file::BufferCompression;
use arrow_pipes::batch::{BatchLimits, Rechunker};
use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, Take, Tool, option, store, suffixes,
};
use arrow_pipes::io::Output;
use arrow_pipes::stream::hint::Rows;
use arrow_pipes::stream::{Reader, Writer, pass_on};
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(rechunk);

fn rechunk(options: Options, common: Common) -> Result<()> {
    let mut reader = Reader::open(&common.input)?.passing_on();
    let output = Output::create(&common.output, &common.input.operands)?;
    let mut writer = Writer::create_compressed(output, reader.schema(), options.compression)?;
    pass_on(&mut reader, &mut writer, &[], Rows::Same)?;
    let mut rechunker = Rechunker::new(reader.schema().clone(), options.limits());
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    while let Some(batch) = reader.next_batch()? {
        writer.write_compacted(&rechunker.push(&batch))?;
        progress.add(batch.num_rows());
    }
    writer.write_compacted(&rechunker.finish())?;
    writer.finish()?;
    progress.finish();
    Ok(())
}

/// The default of the other tools: half a megabyte for each column of integers.
const DEFAULT_BATCH_ROWS: usize = 64 * 1024;

/// Keeps batches of long texts and lists about as small as batches of numbers.
const DEFAULT_BATCH_BYTES: usize = 16 << 20;

#[derive(Default)]
struct Options {
    batch_rows: Option<usize>,
    batch_bytes: Option<u64>,
    compression: BufferCompression,
}

impl Options {
    /// The given limits, or both defaults if there are none: one limit alone disables the other.
    fn limits(&self) -> BatchLimits {
        let bytes = self.batch_bytes.map(|bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
        match (self.batch_rows, bytes) {
            (None, None) => BatchLimits { rows: DEFAULT_BATCH_ROWS, bytes: DEFAULT_BATCH_BYTES },
            (rows, bytes) => {
                BatchLimits { rows: rows.unwrap_or(usize::MAX), bytes: bytes.unwrap_or(usize::MAX) }
            }
        }
    }
}

const COMMAND: Command<Options> = Command {
    name: "stream-rechunk",
    role: Role::Transform,
    summary: "change the batch size of an Arrow stream",
    operands: "[FILE...]",
    description:
        "Reads Arrow IPC streams from files or standard input and writes the same rows in \
                  record batches of the requested size: small batches are merged, large ones are \
                  split. If both --batch-rows and --batch-bytes are given, a batch ends at \
                  whichever comes first; if neither is given, at 65,536 rows or 16 MiB. Only the \
                  last batch is smaller.

                  Views and list views are compacted if a batch uses less than half of their \
                  values, dictionaries if they have more than two values per row. Dictionaries \
                  that change from batch to batch are merged; if their keys are too narrow for the \
                  values of both, the batches stay separate and may be smaller.

                  A batch is written only when it is complete, so the rows of a slow producer are \
                  delayed.

                  Several inputs, and several streams in one input, are read one after another as \
                  one stream; their schemas must be equal. Metadata of individual record batches \
                  is dropped.",
    options: &[&[
        option("batch-rows", "end a batch at ROWS rows").value("ROWS", |options, value| {
            store(&mut options.batch_rows, value.positive::<usize>())
        }),
        option("batch-bytes", "end a batch before it exceeds SIZE, such as 4MiB")
            .details(
                "The size of the values before compression, not counting dictionaries. A larger \
                 row becomes a batch of its own. No batch exceeds 1 GiB.",
            )
            .value("SIZE", |options, value| store(&mut options.batch_bytes, value.size_bytes())),
        option("compression", "compress the buffers: none, lz4 or zstd[:LEVEL]")
            .short('z')
            .details(
                "For sockets and slow links; a local pipe is faster than any codec. Levels of zstd \
                 are 1 (default) to 22. All programs that read Arrow streams with compressed \
                 buffers can read the result, and so can every tool here.",
            )
            .completes(Complete::Choices(|| BufferCompression::NAMES.to_vec()))
            .value("CODEC", |options, value| {
                store(&mut options.compression, value.try_map(BufferCompression::parse))
            }),
    ]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::STREAMS)],
    memory: "One batch of the input and twice a batch of the output.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "batches of a thousand rows",
            line: "stream-rechunk --batch-rows 1000 data.arrows -o thousands.arrows",
        },
        Example {
            purpose: "a compressed stream, for a slow link",
            line: "parquet-to-stream data.parquet | stream-rechunk -z zstd | stream-count",
        },
    ],
};
