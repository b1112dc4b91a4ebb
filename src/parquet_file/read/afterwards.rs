//! A predicate that is applied to rows after all of their columns were decoded, for
//! `--no-pushdown`.

use super::encoded::output_encoding::OutputEncoding;
use crate::error::{Error, Result};
use crate::expression::Predicate;
use crate::schema::{Kept, Projection, batch_of, expand, part};
use arrow::array::{Array, ArrayRef, BooleanArray, RecordBatch};
use arrow::compute::{FilterBuilder, prep_null_mask_filter};
use arrow::datatypes::{Field, Schema, SchemaRef};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The work on columns that were read for all rows.
pub(crate) struct Afterwards {
    predicate: Arc<Predicate>,
    /// For each column of the predicate its index among the columns that are read.
    asked: Vec<usize>,
    /// For each output column its index among the columns that are read, and the part of it that is
    /// kept.
    output: Vec<(usize, Kept)>,
    schema: SchemaRef,
}

impl Afterwards {
    /// Returns, too, what must be read: the columns of the projection and of the predicate, in the
    /// order of the schema of all columns, and the encoding of each.
    pub(crate) fn new(
        predicate: Arc<Predicate>,
        projection: &Projection,
        output_encodings: &[OutputEncoding],
        whole: &Schema,
        schema: SchemaRef,
    ) -> (Self, Projection, Vec<OutputEncoding>) {
        let read = projection.with_whole(whole, predicate.columns());
        let columns: Vec<usize> = read.kept().keys().copied().collect();
        let encodings: BTreeMap<usize, &OutputEncoding> =
            projection.kept().keys().copied().zip(output_encodings).collect();
        let encoding =
            |column| encodings.get(column).map_or(OutputEncoding::Plain, |it| (*it).clone());
        let place = |column: &usize| columns.binary_search(column).unwrap_or_default();
        let kept: Vec<(&usize, &Kept)> = projection.kept().iter().collect();
        let source = |number: &usize| {
            let (column, wanted) = kept[*number];
            // A column that is read in part has only the parts that are kept.
            let is_same = read.kept().get(column) == Some(wanted);
            (place(column), if is_same { Kept::Whole } else { wanted.clone() })
        };
        let in_order: Vec<usize> = (0..kept.len()).collect();
        let order = projection.order().unwrap_or(&in_order);
        let output = order.iter().map(source).collect();
        let asked = predicate.columns().iter().map(place).collect();
        let read_encodings = columns.iter().map(encoding).collect();
        (Self { predicate, asked, output, schema }, read, read_encodings)
    }

    /// The rows of a batch for which the predicate is true. `first_row` is the number of its first
    /// row, for messages.
    ///
    /// # Errors
    /// An expression that fails on a row.
    pub(crate) fn apply(
        &self,
        columns: &[ArrayRef],
        rows: usize,
        first_row: u64,
    ) -> Result<RecordBatch> {
        let asked = self.asked.iter().map(|place| expand(&columns[*place]).map_err(|e| failed(&e)));
        let asked: Vec<ArrayRef> = asked.collect::<Result<_>>()?;
        // Columns are identified by index, not by name.
        let fields = asked.iter().map(|column| Field::new("", column.data_type().clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let batch = batch_of(&schema, asked, rows).map_err(|e| failed(&e))?;
        let answers = self.predicate.evaluate_from(&batch, first_row)?;
        let has_nulls = answers.nulls().is_some();
        let mask = if has_nulls { prep_null_mask_filter(&answers) } else { answers };
        let count = mask.true_count();
        let output: Result<Vec<ArrayRef>> = self.filtered(columns, &mask);
        batch_of(&self.schema, output?, count).map_err(|e| failed(&e))
    }

    fn filtered(&self, columns: &[ArrayRef], mask: &BooleanArray) -> Result<Vec<ArrayRef>> {
        let filter = FilterBuilder::new(mask).optimize().build();
        let column = |(place, kept): &(usize, Kept)| {
            filter.filter(&part(&columns[*place], kept)).map_err(|e| failed(&e))
        };
        self.output.iter().map(column).collect()
    }
}

fn failed(cause: &arrow::error::ArrowError) -> Error {
    Error::failed(format!("cannot filter: {cause}"))
}
