//! Casts to text and to binary data.

use super::cast::CastWork;
use super::cast_value as value;
use super::cast_value::cannot_convert;
use crate::error::{Error, Result};
use crate::expression::values::value_text;
use crate::time::zone::Zone;
use arrow::array::{Array, ArrayRef, FixedSizeBinaryBuilder, GenericByteBuilder};
use arrow::compute::cast;
use arrow::datatypes::{
    ArrowNativeType, BinaryType, ByteArrayType, DataType, LargeBinaryType, LargeUtf8Type, Utf8Type,
};
use std::sync::Arc;

impl CastWork<'_> {
    pub(crate) fn texts(&self) -> Result<ArrayRef> {
        let read = self.known(value_text::texts(self.array))?;
        Zone::of(self.array.data_type()).map_err(Error::failed)?;
        let texts = self.each(Box::new(move |row| Ok(read(row))))?;
        match self.to {
            DataType::Utf8 => self.joined::<Utf8Type, _>(&texts),
            _ => self.joined::<LargeUtf8Type, _>(&texts),
        }
    }

    pub(crate) fn binaries(&self) -> Result<ArrayRef> {
        let values = self.each(self.known(value::binaries(self.array))?)?;
        match self.to {
            DataType::Binary => self.joined::<BinaryType, _>(&values),
            _ => self.joined::<LargeBinaryType, _>(&values),
        }
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

    /// An array of texts or binary values, in the layout of the result.
    fn joined<T: ByteArrayType, V: AsRef<T::Native>>(
        &self,
        values: &[Option<V>],
    ) -> Result<ArrayRef> {
        let length = |value: &V| AsRef::<[u8]>::as_ref(value.as_ref()).len();
        let bytes = values.iter().flatten().map(length).sum();
        // 32-bit offsets reach 2 GiB, and arrow's builders panic beyond that.
        if T::Offset::from_usize(bytes).is_none() {
            return Err(Error::failed(format!(
                "{} produces more than 2 GiB in one batch; cast to a LARGE_ type",
                self.conversion.text
            )));
        }
        let mut builder = GenericByteBuilder::<T>::with_capacity(values.len(), bytes);
        values.iter().for_each(|value| builder.append_option(value.as_ref()));
        let array: ArrayRef = Arc::new(builder.finish());
        if array.data_type() == self.to {
            return Ok(array);
        }
        cast(&array, self.to).map_err(cannot_convert)
    }
}
