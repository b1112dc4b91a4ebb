//! Encodes rows of some columns as byte strings that sort like the values.
//!
//! The order of values follows the rules of all tools: NaN is the largest number and equals NaN, -0
//! equals 0, text is ordered by its bytes, and dictionary- and run-end-encoded values are ordered
//! like plain values. The encoding is Arrow's row format.

use super::canonical::{cannot_compare, canonical};
use crate::error::{Error, Result, guard};
use crate::schema::{OrderColumn, holds};
use crate::text::escaped;
use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, ListArray, RecordBatch, new_empty_array,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{SortOptions, is_null, nullif};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::error::ArrowError;
use arrow::row::{OwnedRow, RowConverter, Rows, SortField};
use arrow::util::display::array_value_to_string;
use std::sync::Arc;

/// Converts rows to byte strings that compare like the rows.
#[derive(Debug)]
pub struct OrderKeys {
    columns: Vec<OrderColumn>,
    forms: Vec<Form>,
    converter: RowConverter,
}

/// The transformation of a column before it is encoded.
#[derive(Debug, Clone, Copy)]
struct Form {
    /// A separate key before the values gives the position of nulls.
    nulls_apart: bool,
    /// Each value becomes a list of one value.
    in_lists: bool,
}

impl OrderKeys {
    /// Returns an encoder of these columns, for batches with this schema.
    ///
    /// # Errors
    /// A column whose values have no order (a usage error).
    pub fn try_new(schema: &Schema, columns: &[OrderColumn]) -> Result<Self> {
        let (mut fields, mut forms) = (Vec::new(), Vec::new());
        for column in columns {
            let (form, field) = sort_fields(schema, column)?;
            forms.push(form);
            fields.extend(field);
        }
        let converter = RowConverter::new(fields).map_err(cannot_compare)?;
        Ok(Self { columns: columns.to_vec(), forms, converter })
    }

    /// Encodes the rows of a batch's columns.
    ///
    /// # Errors
    /// Values that Arrow cannot compare after all.
    pub fn rows(&self, columns: &[ArrayRef]) -> Result<Rows> {
        guard("cannot compare rows", || {
            let rows = self.arrays(columns);
            rows.and_then(|arrays| self.converter.convert_columns(&arrays)).map_err(cannot_compare)
        })
    }

    fn arrays(&self, columns: &[ArrayRef]) -> Result<Vec<ArrayRef>, ArrowError> {
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(columns.len());
        for (column, form) in self.columns.iter().zip(&self.forms) {
            let array = canonical(&value_at(columns, &column.path)?)?;
            if form.nulls_apart {
                arrays.push(Arc::new(is_null(&array)?));
            }
            arrays.push(if form.in_lists { lists_of_one(array)? } else { array });
        }
        Ok(arrays)
    }
}

/// Checks that rows are in order, across batches.
#[derive(Debug)]
pub struct OrderCheck {
    keys: OrderKeys,
    passed_rows: u64,
    last: Option<(OwnedRow, RecordBatch)>,
}

impl OrderCheck {
    /// Returns a check of the order by these columns, for batches with this schema.
    ///
    /// # Errors
    /// A column whose values have no order (a usage error).
    pub fn try_new(schema: &Schema, columns: &[OrderColumn]) -> Result<Self> {
        Ok(Self { keys: OrderKeys::try_new(schema, columns)?, passed_rows: 0, last: None })
    }

    /// Checks the order by all columns, ascending, for batches with this schema.
    ///
    /// # Errors
    /// As [`OrderCheck::try_new`].
    pub fn ascending(schema: &Schema) -> Result<Self> {
        let columns = schema.fields().iter().enumerate().map(|(place, field)| OrderColumn {
            path: vec![place],
            name: field.name().clone(),
            descending: false,
            nulls_first: false,
        });
        Self::try_new(schema, &columns.collect::<Vec<_>>())
    }

    /// Checks the next batch, and returns its keys.
    ///
    /// # Errors
    /// The number of the first row that sorts before its predecessor, with its values and those of
    /// the predecessor.
    pub fn check(&mut self, batch: &RecordBatch) -> Result<Rows> {
        let rows = self.keys.rows(batch.columns())?;
        let Some(last) = batch.num_rows().checked_sub(1) else { return Ok(rows) };
        if let Some((before, row)) = &self.last
            && rows.row(0) < before.row()
        {
            return Err(self.broken(0, &batch.slice(0, 1), row));
        }
        if let Some(row) = (0..last).find(|row| rows.row(row + 1) < rows.row(*row)) {
            return Err(self.broken(row + 1, &batch.slice(row + 1, 1), &batch.slice(row, 1)));
        }
        self.last = Some((rows.row(last).owned(), batch.slice(last, 1)));
        self.passed_rows += batch.num_rows() as u64;
        Ok(rows)
    }

    fn broken(&self, row: usize, here: &RecordBatch, before: &RecordBatch) -> Error {
        let row = self.passed_rows + row as u64;
        let columns = self.keys.columns.iter();
        let names: Vec<String> =
            columns.map(|column| format!("\"{}\"", escaped(&column.name))).collect();
        Error::failed(format!(
            "row {row} breaks the order: {} is {} after {}",
            names.join(", "),
            self.shown(here),
            self.shown(before)
        ))
    }

    /// The values of the single row of a batch.
    fn shown(&self, row: &RecordBatch) -> String {
        let value = |column: &OrderColumn| {
            let array = value_at(row.columns(), &column.path).ok()?;
            if array.is_null(0) {
                return Some("null".to_owned());
            }
            array_value_to_string(&array, 0).ok().map(|text| shortened(&text))
        };
        let values = self.keys.columns.iter().map(|column| value(column).unwrap_or("?".to_owned()));
        values.collect::<Vec<_>>().join(", ")
    }
}

/// Shortens a value to fit into a message.
pub(crate) fn shortened(text: &str) -> String {
    const LETTERS: usize = 60;
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", escaped(&text[..end])),
        None => escaped(text),
    }
}

/// The column at a path; under a null struct it is null.
pub(super) fn value_at(columns: &[ArrayRef], path: &[usize]) -> Result<ArrayRef, ArrowError> {
    let missing = || ArrowError::SchemaError("a batch has other columns than its schema".into());
    let (place, below) = path.split_first().ok_or_else(missing)?;
    let column = columns.get(*place).ok_or_else(missing)?;
    if below.is_empty() {
        return Ok(column.clone());
    }
    let outer = column.as_struct_opt().ok_or_else(missing)?;
    let inner = value_at(outer.columns(), below)?;
    match outer.nulls() {
        // An encoding with nulls only in its dictionary or run values is decoded before more nulls
        // are added.
        Some(nulls) => nullif(&canonical(&inner)?, &BooleanArray::new(!nulls.inner(), None)),
        None => Ok(inner),
    }
}

/// How a column is encoded: by its values, preceded by its nulls in two cases. Arrow would put the
/// nulls inside lists and structs elsewhere than DuckDB does, where they are the largest, and the
/// nulls of unions among the values.
fn sort_fields(schema: &Schema, column: &OrderColumn) -> Result<(Form, Vec<SortField>)> {
    let refused = |data_type: &DataType| {
        let name = escaped(&column.name);
        Error::usage(format!("cannot order by column \"{name}\": its type is {data_type}"))
    };
    let columns: Vec<ArrayRef> =
        schema.fields().iter().map(|field| new_empty_array(field.data_type())).collect();
    let array = value_at(&columns, &column.path).map_err(cannot_compare)?;
    let empty = canonical(&array).map_err(|_| refused(array.data_type()))?;
    let data_type = empty.data_type().clone();
    // A union cannot represent the nulls of the struct that contains it.
    let is_inner_union = column.path.len() > 1 && matches!(data_type, DataType::Union(..));
    let is_nested = data_type.is_nested();
    let OrderColumn { descending, nulls_first, .. } = *column;
    let field = |data_type, descending, nulls_first| {
        SortField::new_with_options(data_type, SortOptions { descending, nulls_first })
    };
    // Arrow orders a union by the member first, and then by the value, which may be null.
    let is_union = matches!(data_type, DataType::Union(..));
    let form = Form {
        nulls_apart: is_union || is_nested && nulls_first != descending,
        // For descending order, Arrow reverses the order of a union's members, but not that of
        // their values. Inside lists, it reverses both.
        in_lists: descending && holds(&data_type, |inner| matches!(inner, DataType::Union(..))),
    };
    let data_type = if form.in_lists {
        DataType::List(Arc::new(Field::new_list_field(data_type, true)))
    } else {
        data_type
    };
    let fields = if form.nulls_apart {
        vec![field(DataType::Boolean, nulls_first, false), field(data_type, descending, descending)]
    } else {
        vec![field(data_type, descending, nulls_first)]
    };
    if RowConverter::supports_fields(&fields) && !is_inner_union {
        Ok((form, fields))
    } else {
        Err(refused(array.data_type()))
    }
}

fn lists_of_one(array: ArrayRef) -> Result<ArrayRef, ArrowError> {
    let field = Arc::new(Field::new_list_field(array.data_type().clone(), true));
    let offsets = OffsetBuffer::from_repeated_length(1, array.len());
    Ok(Arc::new(ListArray::try_new(field, offsets, array, None)?))
}
