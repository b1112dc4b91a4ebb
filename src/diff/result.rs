//! Changes as record batches: how rows differ, their keys, and the values of both tables.

use super::changes::{Changes, Counts, Kind};
use super::failed;
use super::options::Side;
use super::plan::DiffPlan;
use crate::error::{Error, Result};
use crate::schema::batch_of;
use crate::text::escaped;
use arrow::array::{
    ArrayRef, ListBuilder, RecordBatch, StringArray, StringBuilder, StructArray, new_null_array,
};
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef};
use std::sync::Arc;

/// The schema of changes, and what makes batches of it.
#[derive(Debug, Clone)]
pub struct ResultSchema {
    schema: SchemaRef,
    key_count: usize,
    /// The compared columns of each table.
    values: [Fields; 2],
}

impl ResultSchema {
    /// The schema for the result of a plan: `change`, the keys, the structs `old` and `new`, and
    /// `columns`, the names of those that changed.
    ///
    /// # Errors
    /// A key with the name of another column (a usage error).
    pub fn try_new(plan: &DiffPlan) -> Result<Self> {
        let key_count = plan.key_count();
        let layouts = [plan.layout(Side::Old), plan.layout(Side::New)];
        let values: [Fields; 2] = [0, 1]
            .map(|side| layouts[side].schema.fields().iter().skip(key_count).cloned().collect());
        let keys = layouts[0].schema.fields().iter().take(key_count).cloned();
        let structure = |name: &str, side: usize| {
            Arc::new(Field::new(name, DataType::Struct(values[side].clone()), true))
        };
        let names = Field::new_list("columns", Field::new_list_field(DataType::Utf8, true), true);
        let mut fields = vec![Arc::new(Field::new("change", DataType::Utf8, false))];
        fields.extend(keys);
        fields.extend([structure("old", 0), structure("new", 1), Arc::new(names)]);
        for key in &fields[1..=key_count] {
            if fields.iter().filter(|field| field.name() == key.name()).count() > 1 {
                let name = escaped(key.name());
                return Err(Error::usage(format!(
                    "the key \"{name}\" has the name of another column of the result; rename it with \
                     stream-select"
                )));
            }
        }
        Ok(Self { schema: Arc::new(Schema::new(fields)), key_count, values })
    }

    /// The schema.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// A batch with a row for each that differs.
    ///
    /// # Errors
    /// None in practice: columns that the schema cannot have.
    pub fn batch(&self, changes: &Changes) -> Result<RecordBatch> {
        let rows = changes.len();
        let kinds = StringArray::from_iter_values(std::iter::repeat_n(changes.kind.word(), rows));
        let mut columns: Vec<ArrayRef> = vec![Arc::new(kinds)];
        if let Some(batch) = changes.keyed() {
            columns.extend(batch.columns().iter().take(self.key_count).cloned());
        }
        columns.push(self.structure(changes.old.as_ref(), 0, rows)?);
        columns.push(self.structure(changes.new.as_ref(), 1, rows)?);
        columns.push(self.names(changes));
        batch_of(&self.schema, columns, rows).map_err(failed)
    }

    /// The number of rows of each kind, and of changed cells, as a JSON object.
    pub fn summary(&self, counts: &Counts) -> String {
        let Counts { same, changed, removed, added, cells } = counts;
        let cells = self.values[0].iter().zip(cells).filter(|(_, cells)| **cells > 0);
        let cells = cells.map(|(field, cells)| (field.name().clone(), (*cells).into()));
        let cells: serde_json::Map<String, serde_json::Value> = cells.collect();
        serde_json::json!({
            "same": same, "changed": changed, "removed": removed, "added": added,
            "changed_cells": cells,
        })
        .to_string()
    }

    fn structure(&self, batch: Option<&RecordBatch>, side: usize, rows: usize) -> Result<ArrayRef> {
        let fields = &self.values[side];
        let Some(batch) = batch else {
            return Ok(new_null_array(&DataType::Struct(fields.clone()), rows));
        };
        if fields.is_empty() {
            return Ok(Arc::new(StructArray::new_empty_fields(rows, None)));
        }
        let columns = batch.columns().iter().skip(self.key_count).cloned().collect();
        Ok(Arc::new(StructArray::try_new(fields.clone(), columns, None).map_err(failed)?))
    }

    /// The names of the columns that changed.
    fn names(&self, changes: &Changes) -> ArrayRef {
        let mut names = ListBuilder::new(StringBuilder::new());
        for row in 0..changes.len() {
            for (bits, field) in changes.differing.iter().zip(&self.values[0]) {
                if bits.value(row) {
                    names.values().append_value(field.name());
                }
            }
            names.append(changes.kind == Kind::Changed);
        }
        Arc::new(names.finish())
    }
}
