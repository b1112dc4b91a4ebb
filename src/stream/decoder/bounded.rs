//! What a message must be before it is decoded: like its schema, and within the limits.

use super::{Decoder, damaged};
use crate::batch::bytes_text::{text_of_views, with_bytes_for_views};
use crate::batch::{shares_bytes, shares_items};
use crate::error::{Error, Result};
use crate::schema::convert_columns;
use crate::stream::checks::{Body, ViewBytes, check_batch, check_views};
use crate::stream::framing::Header;
use crate::stream::layout::Layout;
use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::{DataType, Field, SchemaRef};
use arrow_ipc::{DictionaryBatch, Message};
use std::sync::Arc;

impl Decoder {
    /// Checks a record batch, which must precede its use.
    ///
    /// # Errors
    /// A header that contradicts the schema, the body or itself; more than the limits allow.
    pub(in crate::stream) fn check(&self, header: &Header, body: Body<'_>) -> Result<()> {
        let message = header.message()?;
        let Some(batch) = message.header_as_record_batch() else {
            return Err(Error::failed("damaged record batch: it has no header"));
        };
        check_batch(&batch, &self.layout, message.version(), body, self.limits)?;
        if let Body::Read(body) = body
            && !self.is_foreign
        {
            check_views(&batch, &self.layout, message.version(), body, self.limits)?;
        }
        Ok(())
    }

    /// Checks the values of a dictionary, which must precede their use.
    ///
    /// # Errors
    /// Those of [`Self::check`]; an id that the schema does not have.
    pub(in crate::stream) fn check_dictionary(
        &self,
        message: &Message<'_>,
        dictionary: &DictionaryBatch<'_>,
        body: Body<'_>,
    ) -> Result<()> {
        let id = dictionary.id();
        // Deprecated in schemas that users build; in a schema that was just read IDs are correct.
        #[expect(deprecated)]
        let fields = self.schema.fields_with_dict_id(id);
        let values = fields.first().map(|field| field.data_type());
        let Some(DataType::Dictionary(_, values)) = values else {
            return Err(Error::failed(format!(
                "damaged dictionary: the schema has no dictionary {id}"
            )));
        };
        let Some(batch) = dictionary.data() else {
            return Err(Error::failed("damaged dictionary: it has no values"));
        };
        let values = Arc::new(Field::new("", values.as_ref().clone(), true));
        let (layout, version) = (Layout::of([&values]), message.version());
        check_batch(&batch, &layout, version, body, self.limits)?;
        if let Body::Read(body) = body {
            check_views(&batch, &layout, version, body, self.limits)?;
        }
        Ok(())
    }

    /// Decodes columns whose rows do not share more bytes than the limits allow. Text in compressed
    /// views is measured before it is checked, which takes as long as it seems to be.
    pub(super) fn decode_bounded(
        &self,
        header: &Header,
        body: &Buffer,
        columns: Option<&[usize]>,
        schema: &SchemaRef,
    ) -> Result<RecordBatch> {
        let message = header.message()?;
        let is_compressed = |batch: &arrow_ipc::RecordBatch<'_>| batch.compression().is_some();
        let batch = message.header_as_record_batch().filter(is_compressed);
        let Some(batch) = batch.filter(|_| self.layout.has_views()) else {
            let batch = self.decode(header, body, columns, schema)?;
            self.limits.check_plain_bytes(&batch, shares_items)?;
            return Ok(batch);
        };
        let bytes = check_views(&batch, &self.layout, message.version(), body, self.limits)?;
        if bytes == ViewBytes::Few {
            let batch = self.decode(header, body, columns, schema)?;
            self.limits.check_plain_bytes(&batch, shares_items)?;
            return Ok(batch);
        }
        let binary = Arc::new(with_bytes_for_views(schema));
        let batch = self.decode(header, body, columns, &binary)?;
        self.limits.check_plain_bytes(&batch, shares_bytes)?;
        let schema = match columns {
            Some(columns) => schema.project(columns).map(Arc::new),
            None => Ok(schema.clone()),
        };
        let text = schema.and_then(|schema| convert_columns(&batch, &schema, text_of_views));
        text.map_err(|e| damaged("record batch", &e))
    }
}
