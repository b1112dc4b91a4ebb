//! Select lists: columns passed through, renamed, computed or cast.
//!
//! Rows are selected by a [`Predicate`](super::predicate::Predicate). A plain column passes
//! through unchanged, whatever its type, and keeps its field's metadata.

use super::binder::Binder;
use super::select_items::{Binding, refuse_doubles};
use super::select_output::Output;
use crate::error::{Error, Result};
use crate::expression::evaluate::cast::FinerTime;
use crate::expression::evaluate::rows::Rows;
use crate::expression::evaluate::unnest::Selected;
use crate::expression::syntax::error_place::Source;
use crate::expression::syntax::parse_list::parse_list;
use crate::text::escaped;
use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::{Field, Schema, SchemaRef};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A list such as follows `SELECT`, bound to a schema. Cheap to clone and to share between threads.
///
/// ```
/// use arrow::array::{AsArray, Int8Array, RecordBatch};
/// use arrow_pipes::expression::SelectList;
/// use std::sync::Arc;
///
/// let ids = Arc::new(Int8Array::from(vec![Some(1), None, Some(7)]));
/// let batch = RecordBatch::try_from_iter([("id", ids as _)])?;
/// let list = SelectList::bind("id, id * 2 AS twice", &batch.schema(), false)?;
/// let twice = list.evaluate(&batch)?.column(1).clone();
/// assert_eq!(twice.as_primitive::<arrow::datatypes::Int64Type>().value(2), 14);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SelectList {
    outputs: Arc<[Arc<Output>]>,
    columns: Arc<[usize]>,
    schema: SchemaRef,
    warnings: Arc<[String]>,
}

impl SelectList {
    /// Parses a list and binds it to the columns of a schema. With `truncate`, a cast to a coarser
    /// time unit cuts off what the unit cannot hold; otherwise that is an error.
    ///
    /// # Errors
    /// Exit status 2, with the list and a caret below the message: text that is not a list, unknown
    /// or ambiguous names, types that do not fit, duplicate names in the result.
    pub fn bind(text: &str, schema: &Schema, truncate: bool) -> Result<Self> {
        let finer_time =
            if truncate { FinerTime::CutOff } else { FinerTime::Refused("use --truncate") };
        let source = Source::new(text);
        let binder = Binder::new(source, schema, finer_time);
        let mut list = Binding { binder, warnings: Vec::new() };
        let mut named = Vec::new();
        for item in parse_list(text)? {
            named.extend(list.item(&item)?);
        }
        refuse_doubles(&source, schema, &named)?;
        let outputs = named.into_iter().map(|(output, field, _)| (output, field)).collect();
        Ok(Self { warnings: list.warnings.into(), ..Self::of(outputs, schema) })
    }

    /// A list of outputs with their fields, bound to a schema.
    pub(super) fn of(list: Vec<(Output, Field)>, schema: &Schema) -> Self {
        let (mut outputs, mut fields) = (Vec::new(), Vec::new());
        for (output, field) in list {
            outputs.push(Arc::new(output));
            fields.push(field);
        }
        let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        let (columns, warnings) = (columns_of(&outputs), Arc::default());
        Self { columns, outputs: outputs.into(), schema, warnings }
    }

    /// The positions of the result's columns that are computed if only some are wanted: those, the
    /// ones that may raise an error, and those that decide how many rows there are.
    pub fn kept(&self, wanted: &[usize]) -> Vec<usize> {
        let is_kept = |place: &usize| {
            let output = &self.outputs[*place];
            wanted.contains(place) || output.can_fail() || output.unnest().is_some()
        };
        (0..self.outputs.len()).filter(is_kept).collect()
    }

    /// The list without the result's columns at other positions than these.
    ///
    /// # Errors
    /// A position outside the list.
    pub fn only(&self, kept: &[usize]) -> Result<Self> {
        let schema = self.schema.project(kept).map_err(|e| Error::failed(e.to_string()))?;
        let outputs = kept.iter().map(|place| Arc::clone(&self.outputs[*place]));
        let outputs: Vec<Arc<Output>> = outputs.collect();
        let columns = columns_of(&outputs);
        let (outputs, warnings) = (outputs.into(), self.warnings.clone());
        Ok(Self { outputs, columns, schema: Arc::new(schema), warnings })
    }

    /// Whether a row may raise an error.
    pub fn can_fail(&self) -> bool {
        self.outputs.iter().any(|output| output.can_fail())
    }

    /// The column of the input that a column of the result is, unchanged; `None` for others.
    pub fn source(&self, place: usize) -> Option<usize> {
        match self.outputs.get(place).map(|output| &**output) {
            Some(Output::Stored(column)) if column.path.is_empty() => Some(column.index),
            _ => None,
        }
    }

    /// The schema indices of the top-level columns that are read, ascending and distinct.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// Warnings about parts of the list that may be mistakes.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The schema of the output.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Whether every row has exactly one result.
    pub fn keeps_rows(&self) -> bool {
        self.outputs.iter().all(|output| output.unnest().is_none())
    }

    /// The results for a batch that holds exactly the columns of [`columns`](Self::columns), in
    /// that order.
    ///
    /// # Errors
    /// As [`evaluate_from`](Self::evaluate_from), with rows counted from the start of the batch.
    pub fn evaluate(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        self.evaluate_from(batch, 0)
    }

    /// Evaluates a batch whose first row has the number `first` in messages.
    ///
    /// # Errors
    /// Exit status 1: a value that cannot be computed or cast; naming the output column, the row,
    /// the expression and the value.
    pub fn evaluate_from(&self, batch: &RecordBatch, first: u64) -> Result<RecordBatch> {
        let parts = self.select_from(batch, first)?.collect::<Result<Vec<_>>>()?;
        match <[RecordBatch; 1]>::try_from(parts) {
            Ok([batch]) => Ok(batch),
            Err(parts) => concat_batches(&self.schema, &parts)
                .map_err(|error| Error::failed(format!("cannot make a batch: {error}"))),
        }
    }

    /// The results of [`evaluate_from`](Self::evaluate_from) in parts: one, unless lists are
    /// unnested.
    ///
    /// # Errors
    /// Those of [`evaluate_from`](Self::evaluate_from).
    pub fn select_from(&self, batch: &RecordBatch, first: u64) -> Result<Selected> {
        let rows = Rows::of_batch(batch, &self.columns, first);
        let outputs = self.outputs.iter().zip(self.schema.fields());
        let columns = outputs.map(|(output, field)| {
            let column = output.evaluate(&rows);
            let column =
                column.map_err(|e| e.with(format!("column \"{}\"", escaped(field.name()))))?;
            Ok((column, output.unnest()))
        });
        Selected::new(self.schema.clone(), columns.collect::<Result<_>>()?, rows.count)
    }
}

/// The positions of the columns that are read.
fn columns_of(outputs: &[Arc<Output>]) -> Arc<[usize]> {
    let mut columns = BTreeSet::new();
    for output in outputs {
        match &**output {
            Output::Stored(column) => _ = columns.insert(column.index),
            Output::Computed(node, _) | Output::Unnested(node, _) => node.reads(&mut columns),
        }
    }
    columns.into_iter().collect()
}
