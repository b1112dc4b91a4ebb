//! The output of file-inspect: text, or a stream of record batches.

use arrow_pipes::Result;
use arrow_pipes::inspect::{Answer, RowSchema};
use arrow_pipes::io::Output;
use arrow_pipes::options::{Operand, OutputOptions};
use arrow_pipes::stream::Writer;
use std::io::IoSlice;

#[expect(clippy::large_enum_variant, reason = "one per process")]
pub(crate) enum Sink {
    Lines(Output),
    Batches(Writer),
}

impl Sink {
    pub(crate) fn create(
        schema: Option<RowSchema>,
        options: OutputOptions,
        operands: &[Operand],
    ) -> Result<Self> {
        let Some(schema) = schema else {
            return Output::create_text(&options, operands).map(Self::Lines);
        };
        let output = Output::create(&options, operands)?;
        Writer::create(output, &schema).map(Self::Batches)
    }

    pub(crate) fn put(&mut self, answer: Answer) -> Result<()> {
        match (self, answer) {
            (Self::Batches(writer), Answer::Batch(batch)) => writer.write(&batch),
            (Self::Lines(output), Answer::Lines(lines)) => {
                let text: String = lines.iter().flat_map(|line| [line, "\n"]).collect();
                // A write of zero bytes would look like an output that accepts none.
                if !text.is_empty() {
                    output.write_gathered(&mut [IoSlice::new(text.as_bytes())])?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn finish(self) -> Result<()> {
        match self {
            Self::Lines(output) => output.commit(),
            Self::Batches(writer) => writer.finish(),
        }
    }
}
