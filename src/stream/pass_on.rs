//! Hints through a tool that writes the columns it reads.

use super::hint::{Hint, Rows, Until};
use super::writer::GivenHint;
use super::{Reader, Writer};
use crate::error::{Error, Result};
use arrow::datatypes::SchemaRef;

/// A source of batches that can tell its writers what is not needed.
pub trait HintedSource {
    /// The schema of the batches.
    fn schema(&self) -> &SchemaRef;

    /// See [`Reader::is_worth_waiting`].
    fn is_worth_waiting(&self) -> bool;

    /// See [`Reader::promise`].
    fn promise(&mut self, hint: Hint, until: Until);

    /// See [`Reader::settle`].
    ///
    /// # Errors
    /// Those of [`Reader::settle`].
    fn settle(&mut self) -> Result<()>;

    /// Reads only these columns from now on.
    ///
    /// # Errors
    /// A position outside the schema.
    fn project(&mut self, columns: Vec<usize>) -> Result<()>;
}

/// The columns that a tool passes on, and the rows that its reader needs.
#[derive(Debug)]
pub struct Passed {
    /// The columns of batches to come, as ascending positions in the schema.
    pub columns: Vec<usize>,
    /// Those among them that are written, as ascending positions in `columns`.
    pub output: Vec<usize>,
    /// The reader of the output needs no more rows than this.
    pub limit: Option<u64>,
}

impl Passed {
    /// The positions of columns among those that are passed on, which must include them.
    pub fn places(&self, columns: &[usize]) -> Vec<usize> {
        columns.iter().filter_map(|column| self.columns.binary_search(column).ok()).collect()
    }
}

/// Asks the reader of the output what it needs, and tells the writers of the input what that and
/// the tool itself need: `keys` are the columns that it reads. From then on, the schema of the
/// source has only the columns that are returned. Must precede the first batch.
///
/// # Errors
/// I/O errors.
pub fn pass_on(
    source: &mut impl HintedSource,
    writer: &mut Writer,
    keys: &[usize],
    rows: Rows,
) -> Result<Passed> {
    let given = writer.hint(|| source.is_worth_waiting());
    let columns = ask(source, &given, keys, rows)?;
    if !given.is_empty() {
        writer.agree(&given, &columns, source.schema())?;
    }
    let output = (0..columns.len()).collect();
    Ok(Passed { columns, output, limit: given.hint.limit })
}

/// Like [`pass_on`], for a tool that reads its keys before it passes on any row: it writes only the
/// columns that its reader needs. If `only_orders`, the tool does no more than to put the rows in
/// an order; it then needs no keys for a reader that needs no column, which cannot see an order.
///
/// # Errors
/// I/O errors.
pub fn pass_on_without_keys(
    source: &mut impl HintedSource,
    writer: &mut Writer,
    keys: &[usize],
    rows: Rows,
    only_orders: bool,
) -> Result<Passed> {
    let mut given = writer.hint(|| source.is_worth_waiting());
    let needs_no_column = given.hint.columns.as_ref().is_some_and(Vec::is_empty);
    let keys = if only_orders && needs_no_column { &[] } else { keys };
    given.hint.encodings = given.hint.encodings.to_sort();
    let columns = ask(source, &given, keys, rows)?;
    let mut passed = Passed { columns, output: Vec::new(), limit: given.hint.limit };
    let needed = given.hint.columns.clone().unwrap_or_else(|| passed.columns.clone());
    passed.output = passed.places(&needed);
    if !given.is_empty() {
        let sent = source.schema().project(&passed.output);
        let sent = sent.map_err(|e| Error::failed(format!("cannot leave out columns: {e}")))?;
        writer.agree(&given, &needed, &sent)?;
    }
    Ok(passed)
}

/// Tells the writers of the source what is needed; returns the columns that it reads from now on.
fn ask(
    source: &mut impl HintedSource,
    given: &GivenHint,
    keys: &[usize],
    rows: Rows,
) -> Result<Vec<usize>> {
    let all = source.schema().fields().len();
    let hint = given.hint.through(keys, rows);
    let columns = hint.columns.clone().unwrap_or_else(|| (0..all).collect());
    let until = if matches!(rows, Rows::First(_)) { Until::Enough } else { Until::End };
    source.promise(hint, until);
    if columns.len() < all {
        source.project(columns.clone())?;
    }
    source.settle()?;
    Ok(columns)
}

impl HintedSource for Reader {
    fn schema(&self) -> &SchemaRef {
        self.schema()
    }

    fn is_worth_waiting(&self) -> bool {
        self.is_worth_waiting()
    }

    fn promise(&mut self, hint: Hint, until: Until) {
        self.promise(hint, until);
    }

    fn settle(&mut self) -> Result<()> {
        self.settle()
    }

    fn project(&mut self, columns: Vec<usize>) -> Result<()> {
        self.project(columns)
    }
}
