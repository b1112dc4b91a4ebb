//! Checks of messages before they are decoded: a message must match the schema and stay within the limits.

use super::{Decoder, damaged, is_slow};
use crate::batch::bytes_text::{text_of_views, with_bytes_for_views};
use crate::batch::{shares_bytes, shares_items, shares_members};
use crate::error::{Error, Result, guard};
use crate::schema::convert_columns;
use crate::stream::checks::{Body, ViewBytes, check_batch, view_bytes};
use crate::stream::framing::Header;
use crate::stream::layout::Layout;
use crate::stream::limits::Shared;
use arrow::array::RecordBatch;
use arrow::buffer::Buffer;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow_ipc::reader::RecordBatchDecoder;
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
        check_batch(&batch, &self.layout, message.version(), body, self.limits)
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
        let (values, batch) = self.dictionary_values(dictionary)?;
        check_batch(&batch, &Layout::of([&values]), message.version(), body, self.limits)
    }

    /// The values of a dictionary as a field, and their batch.
    fn dictionary_values<'a>(
        &self,
        dictionary: &DictionaryBatch<'a>,
    ) -> Result<(Arc<Field>, arrow_ipc::RecordBatch<'a>)> {
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
        Ok((Arc::new(Field::new("", values.as_ref().clone(), true)), batch))
    }

    /// Checks the values of a dictionary that are views: the text of each is checked for itself.
    ///
    /// # Errors
    /// Views that share more bytes than the limits allow; damaged values.
    pub(super) fn check_dictionary_views(
        &self,
        message: &Message<'_>,
        dictionary: &DictionaryBatch<'_>,
        body: &Buffer,
    ) -> Result<()> {
        let (values, batch) = self.dictionary_values(dictionary)?;
        let (layout, version) = (Layout::of([&values]), message.version());
        if view_bytes(&batch, &layout, version, body, None, self.limits)? == ViewBytes::Few {
            return Ok(());
        }
        let schema = Arc::new(with_bytes_for_views(&Schema::new(vec![values])));
        let values = guard("damaged dictionary", || {
            RecordBatchDecoder::try_new(body, batch, schema, &self.dictionaries, &version)
                .and_then(RecordBatchDecoder::read_record_batch)
                .map_err(|e| damaged("dictionary", &e))
        });
        self.limits.check_plain_bytes(&values?, shares_bytes)
    }

    /// Decodes columns. Where views may share many bytes, they are decoded as bytes first, which costs
    /// nothing for each byte, and measured then.
    ///
    /// # Errors
    /// A damaged batch; rows that share more than the limits allow.
    pub(super) fn decode_bounded(
        &self,
        header: &Header,
        body: &Buffer,
        columns: Option<&[usize]>,
        schema: &SchemaRef,
        shared: Shared,
    ) -> Result<RecordBatch> {
        let views = self.view_bytes(header, body, columns)?;
        if views == ViewBytes::Few {
            let batch = self.decode_filled(header, body, columns, schema)?;
            let counts = if shared == Shared::Limited { shares_items } else { shares_members };
            self.limits.check_plain_bytes(&batch, counts)?;
            return Ok(batch);
        }
        let binary = Arc::new(with_bytes_for_views(schema));
        let batch = self.decode_filled(header, body, columns, &binary)?;
        let of_columns = |schema: &SchemaRef| match columns {
            Some(columns) => schema.project(columns).map(Arc::new),
            None => Ok(schema.clone()),
        };
        let failed = |e| damaged("record batch", &e);
        if shared == Shared::Limited {
            self.limits.check_plain_bytes(&batch, shares_bytes)?;
        } else {
            self.limits.check_plain_bytes(&batch, shares_members)?;
            self.limits.check_text(&batch, &*of_columns(&self.schema).map_err(failed)?)?;
        }
        let text = of_columns(schema).and_then(|to| convert_columns(&batch, &to, text_of_views));
        text.map_err(failed)
    }

    /// The columns of a slice that was decoded to be passed on.
    ///
    /// # Errors
    /// Rows that share more than the limits allow.
    pub(in crate::stream) fn limited(&self, slice: RecordBatch) -> Result<RecordBatch> {
        self.limits.check_plain_bytes(&slice, shares_bytes)?;
        Ok(slice)
    }

    /// How many bytes the views have that `decode` decodes.
    fn view_bytes(
        &self,
        header: &Header,
        body: &Buffer,
        columns: Option<&[usize]>,
    ) -> Result<ViewBytes> {
        let message = header.message()?;
        let batch = message.header_as_record_batch().filter(|_| self.layout.has_views());
        let Some(batch) = batch else { return Ok(ViewBytes::Few) };
        // For some columns of very many, it may decode all.
        let all = self.schema.fields().len();
        let columns = columns.filter(|columns| !is_slow(columns.len(), all));
        view_bytes(&batch, &self.layout, message.version(), body, columns, self.limits)
    }
}
