//! stream-cat: concatenate Arrow streams and files into one stream.

use arrow_pipes::Result;
use arrow_pipes::command::{
    Command, Common, Complete, Example, Progress, Role, Take, Tool, merge_schema, names, option,
    store, suffixes,
};
use arrow_pipes::io::Output;
use arrow_pipes::schema::MergeSchema;
use arrow_pipes::stream::hint::Rows;
use arrow_pipes::stream::{MergedReader, Reader, Writer, pass_on};
use std::process::ExitCode;

fn main() -> ExitCode {
    TOOL.main()
}

pub(crate) const TOOL: &dyn Tool = &COMMAND.tool(cat);

fn cat(options: Options, common: Common) -> Result<()> {
    let mut progress = Progress::start(COMMAND.name, common.progress, None);
    if options.merge_schema == MergeSchema::Strict && !options.interleave {
        let mut reader = Reader::open(&common.input)?.passing_on();
        let output = Output::create(&common.output, &common.input.operands)?;
        let mut writer = Writer::create(output, reader.schema())?;
        pass_on(&mut reader, &mut writer, &[], Rows::Same)?;
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
    role: Role::Transform,
    summary: "concatenate Arrow streams and files into one stream",
    operands: "[FILE...]",
    description:
        "Reads Arrow IPC streams and files, including named pipes, one after another, and \
                  writes all their batches as one stream. If an input fails or stops early, the \
                  whole fails: the result has no end marker. The shell's { a; b; } cannot \
                  guarantee this. The metadata of individual record batches (custom_metadata of \
                  their messages) is kept.

                  Schemas must be equal: names, order, types and extension types. Nullability is \
                  widened, and other metadata is that of the first input. Different names of the \
                  same time zone, such as UTC, Etc/UTC and +00:00, are equal; the first is kept. \
                  With --merge-schema union, columns are matched by name instead, those of the \
                  first input first and in its order. A column that an input lacks is null there, \
                  and types that differ become the narrowest type that holds the values of both \
                  exactly. Integers become wider integers, floats (up to 53 bits) or decimals; \
                  floats become wider floats; decimals get more digits; dictionary-encoded and \
                  run-end encoded values become plain where the other input has plain ones; text \
                  and binary take the other's layout; times take the finer unit (a time that is \
                  out of its range is an error); timestamps of different time zones become UTC \
                  (with a warning); structs get the members of both. If there is no such type, an \
                  error names the input, the column and both types.

                  By default, each input is opened when its turn comes, so that named pipes can be \
                  fed one after another. With --merge-schema union or --interleave, all inputs are \
                  opened, and their schemas read, before anything is written.",
    options: &[&[
        merge_schema(
            "strict requires equal schemas; union matches columns by name.",
            Complete::Choices(|| names(MergeSchema::WORDS)),
            |options, value| store(&mut options.merge_schema, value.one_of(MergeSchema::WORDS)),
        ),
        option("interleave", "write batches as they arrive from any input")
            .details(
                "For producers that run in parallel. The batches of one input keep their order.",
            )
            .switch(|options| options.interleave = true),
    ]],
    take: Take::Inputs,
    completes: &[Complete::Files(suffixes::STREAMS)],
    memory: "One batch; with --interleave, one per input.",
    statuses: &[],
    examples: &[
        Example {
            purpose: "two streams as one",
            line: "stream-cat data.arrows data.arrows -o twice.arrows",
        },
        Example {
            purpose: "a producer and a file, read in parallel",
            line: "stream-cat --interleave <(parquet-to-stream data.parquet) data.arrows | \
                   stream-count",
        },
    ],
};
