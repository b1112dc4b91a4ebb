//! The output of stream-diff: text, JSON, or a stream.

use arrow_pipes::batch::Merger;
use arrow_pipes::diff::{Changes, Counts, DiffPlan, Look, ResultSchema, TextReport};
use arrow_pipes::io::Output;
use arrow_pipes::options::{BinaryText, Operand, OutputOptions};
use arrow_pipes::stream::Writer;
use arrow_pipes::text_format::json::{self, NotFinite};
use arrow_pipes::{Error, Result};
use std::io::IoSlice;

/// How differences are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Form {
    #[default]
    Text,
    Json,
    Stream,
}

#[expect(clippy::large_enum_variant, reason = "one per process")]
pub(crate) enum Sink {
    Text(TextReport),
    Summary(TextReport),
    Json(json::Writer, ResultSchema),
    JsonSummary(Output, ResultSchema),
    Stream(Writer, Merger, ResultSchema),
}

impl Sink {
    /// Creates the output, with the differences of the schemas. A stream has none: `tell` gets them.
    pub(crate) fn create(
        (form, is_summary): (Form, bool),
        plan: &DiffPlan,
        options: &OutputOptions,
        operands: &[Operand],
        tell: impl Fn(&str),
    ) -> Result<Self> {
        let changes = plan.schema_changes();
        if form == Form::Stream {
            let result = ResultSchema::try_new(plan)?;
            let output = Output::create(options, operands)?;
            let writer = Writer::create(output, result.schema())?;
            changes.iter().for_each(|change| tell(&change.line()));
            return Ok(Self::Stream(writer, Merger::new(result.schema().clone()), result));
        }
        let result = (form == Form::Json).then(|| ResultSchema::try_new(plan)).transpose()?;
        let mut output = Output::create_text(options, operands)?;
        let Some(result) = result else {
            let look = look(&output);
            let mut report = TextReport::new(output, plan, look);
            report.schema(changes)?;
            return Ok(if is_summary { Self::Summary(report) } else { Self::Text(report) });
        };
        for change in changes {
            let line = change.json() + "\n";
            output.write_gathered(&mut [IoSlice::new(line.as_bytes())])?;
        }
        if is_summary {
            return Ok(Self::JsonSummary(output, result));
        }
        let (binary, not_finite) = (BinaryText::default(), NotFinite::Text);
        let write = json::WriteOptions { array: false, binary, not_finite };
        Ok(Self::Json(json::Writer::create(output, result.schema(), &write)?, result))
    }

    /// How many rows are written if the user does not say so.
    pub(crate) fn default_limit(&self) -> Option<u64> {
        const ON_TERMINAL: u64 = 100;
        match self {
            Self::Text(report) if report.is_on_terminal() => Some(ON_TERMINAL),
            _ => None,
        }
    }

    pub(crate) fn is_summary(&self) -> bool {
        matches!(self, Self::Summary(_) | Self::JsonSummary(..))
    }

    pub(crate) fn write(&mut self, changes: &Changes) -> Result<()> {
        match self {
            Self::Text(report) => report.write(changes),
            Self::Json(writer, result) => writer.write(&result.batch(changes)?),
            Self::Stream(writer, merger, result) => {
                // Inputs are at hand, and differing rows are few.
                writer.write_compacted(&merger.push(result.batch(changes)?, || true))
            }
            Self::Summary(_) | Self::JsonSummary(..) => Ok(()),
        }
    }

    pub(crate) fn finish(self, counts: &Counts, plan: &DiffPlan, shown: u64) -> Result<()> {
        match self {
            Self::Text(report) => report.finish(counts, plan, Some(shown)),
            Self::Summary(report) => report.finish(counts, plan, None),
            Self::Json(writer, _) => writer.finish(),
            Self::JsonSummary(mut output, result) => {
                let line = result.summary(counts) + "\n";
                output.write_gathered(&mut [IoSlice::new(line.as_bytes())])?;
                output.commit()
            }
            Self::Stream(mut writer, mut merger, _) => {
                writer.write_compacted(&merger.finish())?;
                writer.finish()
            }
        }
    }
}

fn look(output: &Output) -> Look {
    if !output.is_terminal() {
        return Look::default();
    }
    let variable = |name| std::env::var(name).ok().filter(|text: &String| !text.is_empty());
    let colour = variable("NO_COLOR").is_none() && variable("TERM").as_deref() != Some("dumb");
    let columns = variable("COLUMNS").and_then(|text| text.parse().ok());
    Look { colour, width: columns.or_else(|| output.terminal_columns()), is_terminal: true }
}

/// The error of a comparison that found differences, or none.
pub(crate) fn verdict(counts: &Counts, plan: &DiffPlan) -> Result<()> {
    let is_same = counts.differing() == 0 && plan.schema_changes().is_empty();
    if is_same { Ok(()) } else { Err(Error::different()) }
}
