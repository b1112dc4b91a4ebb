//! Messages of any byte order: those of another order are swapped first.

use super::{Decoder, is_slow};
use crate::error::Result;
use crate::stream::byte_order::swapped;
use crate::stream::checks::Body;
use crate::stream::framing::Header;
use crate::stream::limits::Shared;
use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;

impl Decoder {
    /// Like `decode_bounded`, for values in any byte order.
    pub(super) fn decode_any_order(
        &self,
        header: &Header,
        body: &Buffer,
        columns: Option<&[usize]>,
        schema: &SchemaRef,
        shared: Shared,
    ) -> Result<RecordBatch> {
        if !self.is_foreign {
            return self.decode_bounded(header, body, columns, schema, shared);
        }
        // For some columns of very many, `decode` may need all.
        let some = columns.filter(|some| !is_slow(some.len(), schema.fields().len()));
        let (header, body) = swapped(header, body, schema, some)?;
        self.decode_bounded(&header, &body, columns, schema, shared)
    }

    /// Decodes a dictionary, which replaces or extends the previous one.
    ///
    /// # Errors
    /// A damaged message; with `once` also a dictionary that replaces another.
    pub(in crate::stream) fn dictionary(
        &mut self,
        header: &Header,
        body: &Buffer,
        once: bool,
    ) -> Result<()> {
        if !self.is_foreign {
            return self.native_dictionary(header, body, once);
        }
        let message = header.message()?;
        if let Some(dictionary) = message.header_as_dictionary_batch() {
            self.check_dictionary(&message, &dictionary, Body::Foreign(body))?;
        }
        let (header, body) = swapped(header, body, &self.schema, None)?;
        self.native_dictionary(&header, &body, once)
    }
}
