//! Record batches with values that their producer left out because all rows are null.

use super::{Decoder, damaged, is_slow};
use crate::error::Result;
use crate::schema::batch_of;
use crate::stream::absent_values::{AbsentValues, absent_values};
use crate::stream::byte_order::with_zeros;
use crate::stream::framing::Header;
use arrow::array::{ArrayRef, RecordBatch};
use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;
use std::sync::Arc;

impl Decoder {
    /// Like `decode`, with zeros where values were left out. Only the columns with such values are
    /// copied.
    ///
    /// # Errors
    /// A damaged batch; absent values of more bytes than the limits allow.
    pub(super) fn decode_filled(
        &self,
        header: &Header,
        body: &Buffer,
        columns: Option<&[usize]>,
        schema: &SchemaRef,
    ) -> Result<RecordBatch> {
        let absent = self.absent_values(header, columns)?;
        if absent.is_empty() {
            return self.decode(header, body, columns, schema);
        }
        let all: Vec<usize> = (0..schema.fields().len()).collect();
        let asked = columns.unwrap_or(&all);
        // Of very many columns, `decode` may need all.
        if is_slow(asked.len(), all.len()) {
            let (header, body) = with_zeros(header, body, schema, None, &absent)?;
            return self.decode(&header, &body, columns, schema);
        }
        let is_absent = |column: &usize| absent.iter().any(|values| values.column == *column);
        let (filled, whole): (Vec<usize>, Vec<usize>) = asked.iter().partition(|it| is_absent(it));
        let filled_batch = {
            let (header, body) = with_zeros(header, body, schema, Some(&filled), &absent)?;
            self.decode(&header, &body, Some(&filled), schema)?
        };
        let whole_batch = self.decode(header, body, Some(&whole), schema)?;
        let (mut filled, mut whole) = (filled_batch.columns().iter(), whole_batch.columns().iter());
        let next = |column| if is_absent(column) { filled.next() } else { whole.next() };
        let arrays: Vec<ArrayRef> = asked.iter().filter_map(next).cloned().collect();
        let schema = schema.project(asked).map(Arc::new);
        let batch = schema.and_then(|schema| batch_of(&schema, arrays, filled_batch.num_rows()));
        batch.map_err(|e| damaged("record batch", &e))
    }

    /// The values that were left out of these columns.
    fn absent_values(
        &self,
        header: &Header,
        columns: Option<&[usize]>,
    ) -> Result<Vec<AbsentValues>> {
        let message = header.message()?;
        let Some(batch) = message.header_as_record_batch() else { return Ok(Vec::new()) };
        let mut absent = absent_values(&batch, self.schema.fields(), message.version());
        let columns = columns.filter(|some| !is_slow(some.len(), self.schema.fields().len()));
        absent.retain(|values| columns.is_none_or(|columns| columns.contains(&values.column)));
        let bytes = absent.iter().map(|values| values.bytes).fold(0, u64::saturating_add);
        if self.limits.message_bytes() < bytes {
            return Err(self.limits.exceeded(format_args!(
                "a message leaves out {bytes} bytes of columns that are all null"
            )));
        }
        Ok(absent)
    }
}
