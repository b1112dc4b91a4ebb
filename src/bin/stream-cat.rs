//! stream-cat: several Arrow streams and files as one stream.

use arrow_pipes::Result;
use arrow_pipes::command::{
    Command, Common, Example, Flag, INPUT, OUTPUT, PROGRESS, Progress, Set, Take,
};
use arrow_pipes::io::Output;
use arrow_pipes::stream::{MergeSchema, MergedReader, Reader, Writer};
use std::process::ExitCode;

fn main() -> ExitCode {
    COMMAND.main(cat)
}

fn cat(options: Options, common: Common) -> Result<()> {
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    if options.merge_schema == MergeSchema::Strict && !options.interleave {
        let mut reader = Reader::open(&common.input)?;
        let output = Output::create(&common.output, &common.input.operands)?;
        let mut writer = Writer::create(output, reader.schema())?;
        while let Some(message) = reader.next_message()? {
            writer.write_message(&message)?;
            progress.add(message.num_rows());
        }
        writer.finish()?;
    } else {
        let merge = options.merge_schema;
        let mut reader = MergedReader::open(&common.input, merge, options.interleave)?;
        reader.merged_zones().lines().for_each(|line| COMMAND.tell(line));
        let output = Output::create(&common.output, &common.input.operands)?;
        let mut writer = Writer::create(output, reader.schema())?;
        while let Some(message) = reader.next_message()? {
            writer.write_message(&message)?;
            progress.add(message.num_rows());
        }
        writer.finish()?;
    }
    progress.finish();
    Ok(())
}

#[derive(Default)]
struct Options {
    merge_schema: MergeSchema,
    interleave: bool,
}

const COMMAND: Command<Options> = Command {
    name: "stream-cat",
    summary: "read several Arrow streams and files as one stream",
    operands: "[FILE...]",
    description: "Reads Arrow IPC streams and files, named pipes among them, one after another, and \
                  writes all their batches as one stream. An input that fails or stops early fails the \
                  whole: the result has no end marker then. That is what the shell's \
                  { a; b; } | ... cannot promise. The metadata of single record batches (custom_metadata \
                  of their messages) are kept.

                  Schemas must be equal: names, order, types and extension types; nullability is \
                  widened, and of other metadata the first input's is kept. Names of one time zone are \
                  equal, such as UTC, Etc/UTC and +00:00; the first is kept. With --merge-schema union \
                  columns are met by name instead, the first input's first and in its order: a column \
                  that an input lacks is null there, and types that differ become the narrowest type \
                  that holds the values of both exactly. So integers become wider ones, floats (up to 53 \
                  bits) or decimals, floats wider ones, decimals get more digits, dictionaries and runs \
                  become plain values where they meet those, text and binary take the other's layout, \
                  times the finer unit (a time that is too far away for it is an error), timestamps of \
                  different time zones become UTC (with a warning), and structs the members of both. What has no such type is an error that names the input, the \
                  column and both types.

                  Without --merge-schema union and --interleave each input is opened when its turn \
                  comes, so that named pipes may be fed one after another; with one of them all are \
                  opened, and their schemas read, before anything is written.",
    options: &[
        Flag {
            short: None,
            long: "merge-schema",
            summary: "strict (schemas are equal, the default) or union (columns by name)",
            details: "",
            set: Set::Value("HOW", |options, value| {
                options.merge_schema = value
                    .one_of(&[("strict", MergeSchema::Strict), ("union", MergeSchema::Union)])?;
                Ok(())
            }),
        },
        Flag {
            short: None,
            long: "interleave",
            summary: "write batches as they come, of whichever input",
            details: "For producers that run side by side. The batches of one input keep their order.",
            set: Set::Switch(|options| options.interleave = true),
        },
    ],
    shared: &[OUTPUT, INPUT, PROGRESS],
    take: Take::Inputs,
    memory: "One batch; with --interleave one of each input.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "two streams as one",
            line: "stream-cat data.arrows data.arrows -o twice.arrows",
        },
        Example {
            purpose: "a producer and a file side by side",
            line: "stream-cat --interleave <(parquet-to-stream data.parquet) data.arrows | stream-count",
        },
    ],
};
