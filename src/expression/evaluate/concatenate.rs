//! `||`: the concatenation of texts or of binary values; null if any operand is null.

use super::node::Node;
use super::rows::Rows;
use crate::error::{Error, Result};
use crate::expression::values::value_reader::{self, Reader, Values};
use arrow::array::{Array, ArrayRef, GenericBinaryBuilder, GenericStringBuilder, OffsetSizeTrait};
use arrow::datatypes::DataType;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;

/// A chain of `||`; all operands are text, or all are binary.
#[derive(Debug, Clone)]
pub(crate) struct Concatenation {
    pub(crate) operands: Vec<Node>,
    /// Text or binary, with 64-bit offsets if any operand has them.
    pub(crate) data_type: DataType,
    /// The expression's text, for messages.
    pub(crate) text: String,
}

impl Concatenation {
    /// The joined value of each row.
    ///
    /// # Errors
    /// Errors of the operands; more bytes in one batch than the type's offsets can address.
    pub(crate) fn values(&self, rows: &Rows) -> Result<Values> {
        let operands: Vec<Values> =
            self.operands.iter().map(|operand| operand.values(rows)).collect::<Result<_>>()?;
        let array = match &self.data_type {
            DataType::LargeUtf8 => self.texts::<i64>(&operands, rows)?,
            DataType::Binary => self.bytes::<i32>(&operands, rows)?,
            DataType::LargeBinary => self.bytes::<i64>(&operands, rows)?,
            _ => self.texts::<i32>(&operands, rows)?,
        };
        Ok(Values { array, constant: false })
    }

    fn texts<O: OffsetSizeTrait>(&self, operands: &[Values], rows: &Rows) -> Result<ArrayRef> {
        let readers = self.readers(operands, value_reader::text)?;
        let bytes = self.reached::<O>(total(operands, &readers, rows, str::len))?;
        let mut builder = GenericStringBuilder::<O>::with_capacity(rows.count, bytes);
        for row in 0..rows.count {
            if operands.iter().any(|operand| operand.is_null(row)) {
                builder.append_null();
                continue;
            }
            for reader in &readers {
                // Writing to a builder cannot fail.
                let _ = builder.write_str(reader(row));
            }
            builder.append_value("");
        }
        Ok(Arc::new(builder.finish()))
    }

    fn bytes<O: OffsetSizeTrait>(&self, operands: &[Values], rows: &Rows) -> Result<ArrayRef> {
        let readers = self.readers(operands, value_reader::bytes)?;
        let bytes = self.reached::<O>(total(operands, &readers, rows, <[u8]>::len))?;
        let mut builder = GenericBinaryBuilder::<O>::with_capacity(rows.count, bytes);
        for row in 0..rows.count {
            if operands.iter().any(|operand| operand.is_null(row)) {
                builder.append_null();
                continue;
            }
            for reader in &readers {
                // Writing to a builder cannot fail.
                let _ = builder.write_all(reader(row));
            }
            builder.append_value("");
        }
        Ok(Arc::new(builder.finish()))
    }

    fn readers<'a, T: 'a>(
        &self,
        operands: &'a [Values],
        read: impl Fn(&'a dyn Array) -> Option<Reader<'a, T>>,
    ) -> Result<Vec<Reader<'a, T>>> {
        let reader = |operand: &'a Values| {
            let reader = read(operand.array.as_ref())
                .ok_or_else(|| Error::failed(format!("{} needs text", self.text)))?;
            Ok(operand.by_row(reader))
        };
        operands.iter().map(reader).collect()
    }

    /// The builders would panic if the bytes exceeded the range of the offsets.
    fn reached<O: OffsetSizeTrait>(&self, bytes: usize) -> Result<usize> {
        match O::from_usize(bytes) {
            Some(_) => Ok(bytes),
            None => Err(Error::failed(format!(
                "{} produces more than 2 GiB in one batch; cast an operand to a LARGE_ type",
                self.text
            ))),
        }
    }
}

/// The number of bytes of the result.
fn total<'a, T: ?Sized>(
    operands: &[Values],
    readers: &[Reader<'a, &'a T>],
    rows: &Rows,
    length: impl Fn(&T) -> usize,
) -> usize {
    let known = |row: &usize| !operands.iter().any(|operand| operand.is_null(*row));
    let of_row = |row| readers.iter().map(|reader| length(reader(row))).sum::<usize>();
    (0..rows.count).filter(known).map(of_row).sum()
}
