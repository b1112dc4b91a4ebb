//! Keeps the rows for which an expression is true, or the others.

use crate::error::{Error, Result};
use crate::expression::Predicate;
use crate::schema::Projection;
use arrow::array::{Array, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::Schema;

/// An expression bound to a schema, and the columns to keep of the rows it selects.
///
/// The filter asks for the columns that it needs ([`Filter::needed`]), so that a reader may leave
/// out all others; batches are handed to it with exactly those.
#[derive(Debug)]
pub struct Filter {
    /// None if all rows are kept.
    predicate: Option<Predicate>,
    invert: bool,
    needed: Vec<usize>,
    /// Places among the needed columns.
    predicate_places: Vec<usize>,
    output_places: Vec<usize>,
    projection: Projection,
    /// Rows of earlier batches: messages number the rows of the whole stream.
    passed_rows: u64,
}

impl Filter {
    /// Binds an expression. The projection says what of the rows comes out. With `invert` the rows
    /// are kept for which the expression is false or unknown, so that both ways together give
    /// every row once.
    ///
    /// # Errors
    /// An expression that makes no sense for the schema.
    pub fn bind(
        expression: &str,
        schema: &Schema,
        projection: Projection,
        invert: bool,
    ) -> Result<Self> {
        let columns: Vec<usize> = projection.kept().keys().copied().collect();
        let predicate = Predicate::bind(expression, schema)?;
        let mut needed = [predicate.columns(), &columns].concat();
        needed.sort_unstable();
        needed.dedup();
        let places = |columns: &[usize]| -> Vec<usize> {
            columns.iter().filter_map(|column| needed.binary_search(column).ok()).collect()
        };
        let (predicate_places, output_places) = (places(predicate.columns()), places(&columns));
        Ok(Self {
            predicate: Some(predicate),
            invert,
            needed,
            predicate_places,
            output_places,
            projection,
            passed_rows: 0,
        })
    }

    /// Keeps all rows, and of them what the projection says.
    pub fn all(projection: Projection) -> Self {
        Self {
            predicate: None,
            invert: false,
            needed: projection.kept().keys().copied().collect(),
            predicate_places: Vec::new(),
            output_places: Vec::new(),
            projection,
            passed_rows: 0,
        }
    }

    /// The places in the schema of the columns that batches must have, in ascending order.
    pub fn needed(&self) -> &[usize] {
        &self.needed
    }

    /// The rows of a batch that are kept. All of them are passed on as they are, without a copy.
    ///
    /// # Errors
    /// An expression that fails on a row (an overflow, a division by zero).
    pub fn apply(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        let Some(predicate) = &self.predicate else { return self.projection.apply(batch) };
        let truth =
            predicate.evaluate_from(&project(batch, &self.predicate_places)?, self.passed_rows)?;
        self.passed_rows += batch.num_rows() as u64;
        let mask = self.mask(&truth);
        let output = self.projection.apply(&project(batch, &self.output_places)?)?;
        match mask.true_count() {
            0 => Ok(output.slice(0, 0)),
            all if all == batch.num_rows() => Ok(output),
            _ => filter_record_batch(&output, &mask).map_err(|e| failed(&e)),
        }
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

fn project(batch: &RecordBatch, places: &[usize]) -> Result<RecordBatch> {
    batch.project(places).map_err(|e| failed(&e))
}

fn failed(cause: &arrow::error::ArrowError) -> Error {
    Error::failed(format!("cannot filter: {cause}"))
}
