//! Casts to text and to binary data.

use super::cast::Work;
use super::cast_value as value;
use super::cast_value::cannot_convert;
use crate::error::{Error, Result};
use crate::expression::values::value_text;
use crate::time::zone::Zone;
use arrow::array::{Array, ArrayRef, FixedSizeBinaryBuilder, GenericByteBuilder};
use arrow::compute::cast;
use arrow::datatypes::{
    BinaryType, ByteArrayType, DataType, LargeBinaryType, LargeUtf8Type, Utf8Type,
};
use std::sync::Arc;

impl Work<'_> {
    pub(crate) fn texts(&self) -> Result<ArrayRef> {
        let read = self.known(value_text::texts(self.array))?;
        Zone::of(self.array.data_type()).map_err(Error::failed)?;
        let texts = self.each(Box::new(move |row| Ok(read(row))))?;
        let bytes = texts.iter().flatten().map(String::len).sum();
        let text: ArrayRef = match self.to {
            DataType::Utf8 => {
                self.reaches(bytes)?;
                joined::<Utf8Type, _>(&texts, bytes)
            }
            _ => joined::<LargeUtf8Type, _>(&texts, bytes),
        };
        self.laid_out(text)
    }

    pub(crate) fn binaries(&self) -> Result<ArrayRef> {
        let values = self.each(self.known(value::binaries(self.array))?)?;
        let bytes = values.iter().flatten().map(Vec::len).sum();
        let binary: ArrayRef = match self.to {
            DataType::Binary => {
                self.reaches(bytes)?;
                joined::<BinaryType, _>(&values, bytes)
            }
            _ => joined::<LargeBinaryType, _>(&values, bytes),
        };
        self.laid_out(binary)
    }

    pub(crate) fn fixed_binaries(&self, width: i32) -> Result<ArrayRef> {
        let read = self.known(value::binaries(self.array))?;
        let length = usize::try_from(width).unwrap_or(0);
        let values = self.each(Box::new(move |row| {
            let value = read(row)?;
            let fits = value.len() == length;
            if fits { Ok(value) } else { Err(format!("it has {} bytes", value.len())) }
        }))?;
        let mut builder = FixedSizeBinaryBuilder::with_capacity(values.len(), width);
        for value in &values {
            match value {
                Some(value) => builder.append_value(value).map_err(cannot_convert)?,
                None => builder.append_null(),
            }
        }
        Ok(Arc::new(builder.finish()))
    }

    /// 32-bit offsets reach 2 GiB, and arrow's builders panic beyond that.
    fn reaches(&self, bytes: usize) -> Result<()> {
        if i32::try_from(bytes).is_ok() {
            return Ok(());
        }
        Err(Error::failed(format!(
            "{} produces more than 2 GiB in one batch; cast to a LARGE_ type",
            self.conversion.text
        )))
    }

    fn laid_out(&self, array: ArrayRef) -> Result<ArrayRef> {
        if array.data_type() == self.to {
            return Ok(array);
        }
        cast(&array, self.to).map_err(cannot_convert)
    }
}

/// An array of texts or binary values that have this many bytes in all.
fn joined<T: ByteArrayType, V: AsRef<T::Native>>(values: &[Option<V>], bytes: usize) -> ArrayRef {
    let mut builder = GenericByteBuilder::<T>::with_capacity(values.len(), bytes);
    values.iter().for_each(|value| builder.append_option(value.as_ref()));
    Arc::new(builder.finish())
}
