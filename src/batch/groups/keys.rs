//! Encodes rows of some columns as byte strings that are equal exactly when the values are.
//!
//! The encoding is Arrow's row format; it is self-delimiting, so columns follow one another.

use super::runs;
use crate::batch::canonical::canonical;
use crate::error::{Error, Result};
use crate::text::escaped;
use arrow::array::{ArrayRef, RecordBatch, UInt64Array, new_empty_array};
use arrow::buffer::BooleanBuffer;
use arrow::compute::take;
use arrow::datatypes::{DataType, Schema};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, Rows, SortField};

/// Converts rows of some columns of a stream to keys.
#[derive(Debug)]
pub(super) struct Keys {
    columns: Vec<usize>,
    converter: RowConverter,
    /// The keys of the last batch, kept to reuse its memory.
    rows: Rows,
}

/// The keys of some rows of one batch.
#[derive(Debug)]
pub(super) struct EncodedKeys<'a> {
    /// `None`: there are no columns, and every key is empty.
    rows: Option<&'a Rows>,
}

impl Keys {
    pub(super) fn try_new(schema: &Schema, columns: &[usize]) -> Result<Self> {
        let fields = columns
            .iter()
            .map(|column| key_field(schema, *column))
            .collect::<Result<Vec<SortField>>>()?;
        let converter = RowConverter::new(fields).map_err(cannot_encode)?;
        let rows = converter.empty_rows(0, 0);
        Ok(Self { columns: columns.to_vec(), converter, rows })
    }

    /// Whether there are no columns, so that every key is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// One bit per row except the first: whether its key may differ from that of the previous row.
    pub(super) fn changes(&self, batch: &RecordBatch) -> Result<BooleanBuffer> {
        runs::changes(&self.arrays(batch), batch.num_rows()).map_err(cannot_encode)
    }

    /// The keys of the rows with these numbers.
    pub(super) fn encode(
        &mut self,
        batch: &RecordBatch,
        row_numbers: &[usize],
    ) -> Result<EncodedKeys<'_>> {
        if self.is_empty() {
            return Ok(EncodedKeys { rows: None });
        }
        let mut arrays = self.arrays(batch);
        if row_numbers.len() < batch.num_rows() {
            let row_numbers =
                UInt64Array::from_iter_values(row_numbers.iter().map(|row| *row as u64));
            for array in &mut arrays {
                *array = take(array, &row_numbers, None).map_err(cannot_encode)?;
            }
        }
        for array in &mut arrays {
            *array = canonical(array).map_err(cannot_encode)?;
        }
        self.rows.clear();
        self.converter.append(&mut self.rows, &arrays).map_err(cannot_encode)?;
        Ok(EncodedKeys { rows: Some(&self.rows) })
    }

    /// Decodes keys to values in their canonical representation, one array per column.
    pub(super) fn decode<'a>(&self, keys: impl Iterator<Item = &'a [u8]>) -> Result<Vec<ArrayRef>> {
        let parser = self.converter.parser();
        self.converter.convert_rows(keys.map(|key| parser.parse(key))).map_err(cannot_encode)
    }

    fn arrays(&self, batch: &RecordBatch) -> Vec<ArrayRef> {
        self.columns.iter().map(|column| batch.column(*column).clone()).collect()
    }
}

impl EncodedKeys<'_> {
    /// The key of the row at this position among the encoded ones.
    pub(super) fn key(&self, place: usize) -> &[u8] {
        self.rows.map_or(&[], |rows| rows.row(place).data())
    }
}

fn key_field(schema: &Schema, column: usize) -> Result<SortField> {
    let field = schema.fields().get(column).ok_or_else(|| {
        Error::usage(format!("no column {column}: there are {}", schema.fields().len()))
    })?;
    let refused = |data_type: &DataType| {
        let name = escaped(field.name());
        Error::usage(format!("cannot group by column \"{name}\": its type is {data_type}"))
    };
    let empty =
        canonical(&new_empty_array(field.data_type())).map_err(|_| refused(field.data_type()))?;
    let key_field = SortField::new(empty.data_type().clone());
    if RowConverter::supports_fields(std::slice::from_ref(&key_field)) {
        Ok(key_field)
    } else {
        Err(refused(field.data_type()))
    }
}

fn cannot_encode(cause: ArrowError) -> Error {
    Error::failed(format!("cannot compare rows: {cause}"))
}
