//! Keeps the rows for which an expression is true, or all other rows.

use super::bytes_text::{Text, checked_text};
use crate::error::{Error, Result};
use crate::expression::Predicate;
use crate::schema::{Projection, batch_of};
use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow::compute::FilterBuilder;
use arrow::datatypes::{Schema, SchemaRef};
use std::sync::Arc;

/// An expression bound to a schema, and the columns to keep of the rows it selects.
///
/// [`Filter::needed`] lists the columns that the filter needs, so that a reader may leave out all
/// others. For each batch, the filter decodes the columns that the expression reads, and the others
/// only if rows are kept.
#[derive(Debug)]
pub struct Filter {
    /// `None` if all rows are kept.
    predicate: Option<Predicate>,
    invert: bool,
    needed: Vec<usize>,
    /// The output columns, as ascending positions in the whole schema.
    kept: Vec<usize>,
    /// The output columns that the expression does not read.
    others: Vec<usize>,
    /// The schema of the output columns, before projection.
    kept_schema: SchemaRef,
    projection: Projection,
    /// The number of rows in earlier batches: messages number the rows of the whole stream.
    passed_rows: u64,
}

impl Filter {
    /// Binds an expression. The projection determines the output columns. With `invert`, it keeps
    /// the rows for which the expression is false or unknown, so that the normal and the inverted
    /// filter together return every row once.
    ///
    /// # Errors
    /// An expression that is invalid for the schema.
    pub fn bind(
        expression: &str,
        schema: &Schema,
        projection: Projection,
        invert: bool,
    ) -> Result<Self> {
        let predicate = Predicate::bind(expression, schema)?;
        Self::new(Some(predicate), schema, projection, invert)
    }

    /// Keeps the rows for which a bound predicate is true; all rows if there is none.
    ///
    /// # Errors
    /// A projection of another schema.
    pub fn new(
        predicate: Option<Predicate>,
        schema: &Schema,
        projection: Projection,
        invert: bool,
    ) -> Result<Self> {
        let kept: Vec<usize> = projection.kept().keys().copied().collect();
        let read = predicate.as_ref().map(Predicate::columns).unwrap_or_default();
        let mut needed = [read, &kept].concat();
        needed.sort_unstable();
        needed.dedup();
        let others = kept.iter().copied().filter(|column| !read.contains(column)).collect();
        let kept_schema = schema.project(&kept).map_err(|e| Error::failed(e.to_string()))?.into();
        let passed_rows = 0;
        Ok(Self { predicate, invert, needed, kept, others, kept_schema, projection, passed_rows })
    }

    /// Whether a row may raise an error.
    pub fn can_fail(&self) -> bool {
        self.predicate.as_ref().is_some_and(Predicate::can_fail)
    }

    /// Whether there are columns that are decoded only if rows are kept.
    pub fn decodes_late(&self) -> bool {
        self.predicate.is_some() && !self.others.is_empty()
    }

    /// The positions in the schema of the columns that batches must have, in ascending order.
    pub fn needed(&self) -> &[usize] {
        &self.needed
    }

    /// Returns the kept rows of a batch with `rows` rows. `decode` returns its columns at some
    /// positions of the schema. If all rows are kept, they are returned without a copy.
    ///
    /// # Errors
    /// An expression that fails on a row (an overflow, a division by zero); the errors of `decode`.
    pub fn apply(
        &mut self,
        rows: usize,
        decode: impl Fn(&[usize], Text) -> Result<RecordBatch>,
    ) -> Result<RecordBatch> {
        let Some(predicate) = &self.predicate else {
            return self.projection.apply(&decode(&self.kept, Text::Passed)?);
        };
        let read = decode(predicate.columns(), Text::Checked)?;
        let mask = self.mask(&predicate.evaluate_from(&read, self.passed_rows)?);
        self.passed_rows += rows as u64;
        let kept_rows = mask.true_count();
        if kept_rows == 0 {
            return Ok(RecordBatch::new_empty(self.projection.schema().clone()));
        }
        let columns = if kept_rows == rows {
            self.assemble(predicate, &read, &decode(&self.others, Text::Passed)?)
        } else {
            let others = decode(&self.others, Text::AsBytes)?;
            self.filtered(self.assemble(predicate, &read, &others), &mask)?
        };
        let batch = batch_of(&self.kept_schema, columns, kept_rows);
        self.projection.apply(&batch.map_err(|e| failed(&e))?)
    }

    /// Combines the columns that the expression read and the others into the output columns.
    fn assemble(
        &self,
        predicate: &Predicate,
        read: &RecordBatch,
        others: &RecordBatch,
    ) -> Vec<ArrayRef> {
        let mut others = others.columns().iter();
        let column = |column: &usize| match predicate.columns().binary_search(column) {
            Ok(place) => read.columns().get(place),
            Err(_) => others.next(),
        };
        self.kept.iter().filter_map(column).cloned().collect()
    }

    fn filtered(&self, columns: Vec<ArrayRef>, mask: &BooleanArray) -> Result<Vec<ArrayRef>> {
        // The selected rows are determined once for all columns.
        let filter = FilterBuilder::new(mask).optimize().build();
        let fields = self.kept_schema.fields().iter();
        let column = |(column, field): (ArrayRef, &Arc<_>)| {
            checked_text(filter.filter(&column).map_err(|e| failed(&e))?, field)
        };
        columns.into_iter().zip(fields).map(column).collect()
    }

    /// True for the rows to keep, never null.
    fn mask(&self, truth: &BooleanArray) -> BooleanArray {
        let is_true = match truth.nulls() {
            Some(known) => truth.values() & known.inner(),
            None => truth.values().clone(),
        };
        BooleanArray::new(if self.invert { !&is_true } else { is_true }, None)
    }
}

fn failed(cause: &arrow::error::ArrowError) -> Error {
    Error::failed(format!("cannot filter: {cause}"))
}
