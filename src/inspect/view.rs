//! Produces a view of each operand, file by file, as lines or as record batches.

use super::dictionary::Dictionaries;
use super::open::{InspectOptions, count, report, shown_path};
use super::pages::Pages;
use super::summary::Summary;
use super::view_parts::{self, Parts};
use super::{Counted, Probe, Show, batches, json, tables};
use crate::error::Result;
use crate::options::Operand;
use crate::text::escaped;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;

/// The columns of the rows of a view.
pub type RowSchema = SchemaRef;

/// The requested view of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// The rows of a table, in some form.
    Rows(Show, Form),
    /// One count per file.
    Count {
        /// The thing to count.
        counted: Counted,
        /// Whether the total is shown after the counts.
        total: bool,
    },
    /// The whole report on each file, as a JSON object.
    Everything,
    /// The answers of a column's bloom filters for a value.
    Probe(Probe, Form),
}

impl View {
    /// The schema of the record batches, only for [`Form::Stream`].
    pub fn schema(&self) -> Option<RowSchema> {
        match self {
            Self::Rows(show, Form::Stream) => Some(batches::schema(*show)),
            Self::Probe(_, Form::Stream) => Some(batches::probe_schema()),
            _ => None,
        }
    }
}

/// The output form of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A table for people, as wide as a terminal if `width` is given.
    Text {
        /// The terminal's width in columns.
        width: Option<usize>,
    },
    /// One JSON object per row.
    Json,
    /// Record batches with the schema [`View::schema`].
    Stream,
}

impl Form {
    /// Rows in this form: from record batches, or from the lines of a table.
    pub(super) fn answer(
        self,
        batch: impl FnOnce() -> Result<RecordBatch>,
        lines: impl FnOnce(Option<usize>) -> Vec<String>,
    ) -> Result<Answer> {
        Ok(match self {
            Self::Stream => Answer::Batch(batch()?),
            Self::Json => Answer::Lines(batches::json_lines(&batch()?)?),
            Self::Text { width } => Answer::Lines(lines(width)),
        })
    }
}

/// A part of the output of a view.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Lines of text or JSON.
    Lines(Vec<String>),
    /// Rows, only for [`Form::Stream`].
    Batch(RecordBatch),
}

/// The answers for all operands, in order. An operand that fails yields an error that names it, and
/// the others continue.
pub struct Answers<'a> {
    view: View,
    left: std::slice::Iter<'a, Operand>,
    options: &'a InspectOptions,
    is_single: bool,
    /// Whether nothing has been shown so far.
    is_first: bool,
    /// The pages or dictionaries of the current operand.
    parts: Option<Parts>,
    /// The table of files, which comes last because it is as wide as its widest line.
    summary: Option<Summary>,
    /// The total so far, and whether it is still to be shown.
    total: u64,
    shows_total: bool,
}

impl<'a> Answers<'a> {
    /// Prepares the answers without opening any operand.
    pub fn new(view: View, operands: &'a [Operand], options: &'a InspectOptions) -> Self {
        let is_table = matches!(view, View::Rows(Show::Files, Form::Text { .. }));
        let shows_total = matches!(view, View::Count { total: true, .. });
        Self {
            view,
            left: operands.iter(),
            options,
            is_single: operands.len() == 1,
            is_first: true,
            parts: None,
            summary: is_table.then(Summary::default),
            total: 0,
            shows_total,
        }
    }

    fn answer(&mut self, operand: &Operand) -> Result<Answer> {
        let options = self.options;
        match self.view {
            View::Count { counted, .. } => {
                let number = count(operand, counted, options)?;
                self.total = self.total.saturating_add(number);
                let path = shown_path(operand);
                Ok(Answer::Lines(vec![if self.is_single {
                    number.to_string()
                } else {
                    format!("{}: {number}", escaped(&path))
                }]))
            }
            View::Everything => Ok(Answer::Lines(vec![json::line(&report(operand, options)?)])),
            View::Probe(ref probe, form) => {
                let probed = probe.ask(operand, options.keys.as_ref())?;
                let lines = |width| self.headed(&probed.path, tables::probed(&probed, width));
                form.answer(|| batches::probe(&probed), lines)
            }
            View::Rows(show, form) => {
                let report = report(operand, options)?;
                form.answer(
                    || batches::rows(&report, show),
                    |width| match &mut self.summary {
                        Some(summary) => {
                            summary.add(&report);
                            Vec::new()
                        }
                        None => self.headed(&report.path, tables::details(&report, show, width)),
                    },
                )
            }
        }
    }

    /// The details of a file below their heading.
    fn headed(&mut self, path: &str, details: Vec<String>) -> Vec<String> {
        [self.heading(path), details].concat()
    }

    fn open_parts(&mut self, operand: &Operand, show: Show, form: Form) -> Result<()> {
        self.parts = Some(if show == Show::Dictionary {
            let dictionaries = Dictionaries::open(operand, self.options.keys.as_ref())?;
            let above = self.heading(dictionaries.path());
            view_parts::dictionaries(dictionaries, form, above)
        } else {
            let pages = Pages::open(operand, self.options.keys.as_ref())?;
            let above = self.heading(pages.path());
            view_parts::pages(pages, form, above)
        });
        Ok(())
    }

    /// The lines above the details of a file.
    fn heading(&mut self, path: &str) -> Vec<String> {
        match (self.is_single, std::mem::replace(&mut self.is_first, false)) {
            (true, _) => Vec::new(),
            (false, true) => vec![tables::heading(path)],
            (false, false) => vec![String::new(), tables::heading(path)],
        }
    }
}

impl Iterator for Answers<'_> {
    type Item = Result<Answer>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(answer) = self.parts.as_mut().and_then(Iterator::next) {
                return Some(answer);
            }
            self.parts = None;
            match (self.left.next(), &self.view) {
                (Some(operand), &View::Rows(show @ (Show::Pages | Show::Dictionary), form)) => {
                    if let Err(error) = self.open_parts(operand, show, form) {
                        return Some(Err(error));
                    }
                }
                (Some(operand), _) => return Some(self.answer(operand)),
                (None, &View::Rows(_, Form::Text { width })) => {
                    return self.summary.take().map(|all| Ok(Answer::Lines(all.lines(width))));
                }
                (None, _) if std::mem::take(&mut self.shows_total) => {
                    return Some(Ok(Answer::Lines(vec![format!("total: {}", self.total)])));
                }
                (None, _) => return None,
            }
        }
    }
}
