//! The verdicts on all operands in order. Threads verify several files at once, and the parts of one
//! file.

use super::fault::{Fault, Kind, Place, not_verified};
use super::{Depth, arrow_file, arrow_stream, parquet_file};
use crate::error::{Error, Result, guard};
use crate::inspect::batches;
use crate::inspect::open::{InspectOptions, Opened, opened, shown_path};
use crate::inspect::view::{Answer, Form, RowSchema};
use crate::options::Operand;
use crate::text::escaped;
use crate::threads::Threads;
use crate::threads::in_order::{Effort, Given, InOrder};

/// The faults of one file.
struct Verdict {
    path: String,
    faults: Vec<Fault>,
    rows: u64,
}

/// The verdicts on all operands, as lines or record batches.
pub struct Verdicts {
    found: InOrder<Verdict>,
    form: Form,
    /// The rows of the files so far.
    rows: u64,
    has_faults: bool,
}

impl Verdicts {
    /// Prepares the verdicts without opening any operand.
    pub fn new(
        operands: Vec<Operand>,
        options: InspectOptions,
        depth: Depth,
        form: Form,
        threads: &Threads,
    ) -> Self {
        let (shared, count) = (threads.clone(), operands.len());
        let job = move |number: usize| {
            let operand = operands.get(number).ok_or_else(|| Error::failed("no such operand"))?;
            Ok(verdict(operand, depth, &options, &shared))
        };
        let found = InOrder::new(count, threads, job);
        Self { found, form, rows: 0, has_faults: false }
    }

    /// The schema of the record batches, only for [`Form::Stream`].
    pub fn schema(form: Form) -> Option<RowSchema> {
        (form == Form::Stream).then(batches::fault_schema)
    }

    /// The number of rows in the files so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether any file so far has a fault.
    pub fn has_faults(&self) -> bool {
        self.has_faults
    }

    fn answer(&mut self, verdict: &Verdict) -> Result<Answer> {
        self.rows = self.rows.saturating_add(verdict.rows);
        self.has_faults |= !verdict.faults.is_empty();
        let batch = || batches::faults(&verdict.path, &verdict.faults);
        self.form.answer(batch, |_| verdict.lines())
    }
}

impl Iterator for Verdicts {
    type Item = Result<Answer>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.found.next(Effort::Wait) {
            Given::Result(Ok(verdict)) => Some(self.answer(&verdict)),
            Given::Result(Err(error)) => Some(Err(error)),
            Given::NotYet | Given::End => None,
        }
    }
}

impl Verdict {
    /// A line for each fault, or one that says that there is none.
    fn lines(&self) -> Vec<String> {
        let path = escaped(&self.path);
        if self.faults.is_empty() {
            return vec![format!("{path}: ok")];
        }
        self.faults.iter().map(|fault| format!("{path}: {fault}")).collect()
    }
}

/// Verifies one file. A file that cannot be opened, or not as its format, has one fault.
fn verdict(
    operand: &Operand,
    depth: Depth,
    options: &InspectOptions,
    threads: &Threads,
) -> Verdict {
    let path = shown_path(operand);
    let (keys, limits) = (options.keys.as_ref(), options.limits());
    let found = guard("damaged", || {
        Ok(match opened(operand)? {
            Opened::Parquet(file) => parquet_file::verify(&file, depth, keys, threads)?,
            Opened::ArrowFile(file) => arrow_file::verify(&file, depth, limits, threads)?,
            Opened::ArrowStream(input) => arrow_stream::verify(input, depth, limits, threads)?,
        })
    });
    match found {
        Ok((faults, rows)) => Verdict { path, faults: faults.into_vec(), rows },
        Err(error) => {
            // The line begins with the path.
            let text = error.to_string();
            let name = operand.name().to_string();
            let what = text.strip_prefix(&name).and_then(|rest| rest.strip_prefix(": "));
            let what = what.unwrap_or(&text).to_owned();
            let (kind, what) = if error.is_limit() {
                (Kind::Unverified, not_verified(&what))
            } else {
                (Kind::Unreadable, what)
            };
            let fault = Fault { kind, place: Place::default(), what };
            Verdict { path, faults: vec![fault], rows: 0 }
        }
    }
}
