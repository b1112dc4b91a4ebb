//! Decodes the messages of one stream, using its schema and the dictionaries received so far.

mod any_order;
mod bounded;
mod filled;
mod keys;

use super::byte_order::{converted, is_foreign};
use super::checks::Body;
use super::column_types::check_types;
use super::decompression::decode_in_threads;
use super::framing::Header;
use super::layout::Layout;
use super::limits::{Limits, Shared};
use super::unreadable::unreadable_column;
use crate::batch::bytes_text::{Text, with_bytes_for_text};
use crate::error::{Error, Result, guard};
use crate::schema::nullable;
use crate::text::escaped;
use crate::threads::Threads;
use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow_ipc::Schema;
use arrow_ipc::reader::{RecordBatchDecoder, read_dictionary};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The decoder of one stream or file.
#[derive(Debug)]
pub(super) struct Decoder {
    schema: SchemaRef,
    /// The same schema with binary instead of text columns.
    bytes_schema: SchemaRef,
    dictionaries: HashMap<i64, ArrayRef>,
    /// Whether the values are in another byte order than this machine's.
    is_foreign: bool,
    /// The columns to decode, as positions in the schema; `None` for all.
    columns: Option<Vec<usize>>,
    /// The dictionaries that those columns use; `None` for all.
    needed: Option<HashSet<i64>>,
    /// The threads for decompression; default: one per core.
    threads: Option<Threads>,
    /// The arrays of a record batch, as headers list them.
    layout: Layout,
    limits: Limits,
}

/// Compressed buffers are decompressed in threads if the body has at least this many bytes:
/// starting a thread takes about 50 microseconds, in which lz4 decompresses as many bytes.
pub(super) const LEAST_BYTES_FOR_THREADS: usize = 128 << 10;

impl Decoder {
    /// Starts with a schema message.
    ///
    /// # Errors
    /// A message of another kind; an unsupported schema.
    pub(super) fn begin_message(header: &Header) -> Result<Self> {
        let message = header.message()?;
        let schema = message.header_as_schema();
        Self::begin(schema.ok_or_else(|| {
            Error::failed("not an Arrow stream: its first message is not a schema")
        })?)
    }

    /// Starts with a schema.
    ///
    /// # Errors
    /// A damaged schema.
    pub(super) fn begin(schema: Schema<'_>) -> Result<Self> {
        let is_foreign = is_foreign(schema)?;
        let read = guard("damaged schema", || converted(schema));
        let schema = read.map_err(|error| unreadable_column(schema).unwrap_or(error))?;
        check_types(&schema)?;
        Ok(Self {
            bytes_schema: Arc::new(with_bytes_for_text(&schema)),
            layout: Layout::of(schema.fields()),
            schema: Arc::new(schema),
            dictionaries: HashMap::new(),
            is_foreign,
            columns: None,
            needed: None,
            threads: None,
            limits: Limits::default(),
        })
    }

    /// Whether the messages cannot be passed on as they are, because of their byte order.
    pub(super) fn is_foreign(&self) -> bool {
        self.is_foreign
    }

    pub(super) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Reads columns from now on as if the schema allowed nulls in all of them.
    pub(super) fn allow_nulls(&mut self) {
        self.schema = Arc::new(nullable(&self.schema));
        self.bytes_schema = Arc::new(nullable(&self.bytes_schema));
    }

    /// Limits messages, and the number of threads for decompression, from now on.
    pub(super) fn limit(&mut self, limits: Limits, threads: &Option<Threads>) {
        self.limits = limits;
        self.threads.clone_from(threads);
    }

    /// Decodes only these columns from now on, in this order, and the dictionaries they use.
    ///
    /// # Errors
    /// A position outside the schema.
    pub(super) fn project(&mut self, columns: &[usize]) -> Result<()> {
        let schema = self.schema.project(columns).map_err(|e| Error::failed(e.to_string()))?;
        // IDs are deprecated in schemas that users build; in a schema that was just read they are
        // correct.
        #[expect(deprecated)]
        let ids = schema.flattened_fields().iter().filter_map(|field| field.dict_id()).collect();
        self.needed = Some(ids);
        self.columns = Some(columns.to_vec());
        Ok(())
    }

    /// Decodes a record batch; the buffers of columns that are not selected are not touched.
    ///
    /// # Errors
    /// A damaged message.
    pub(super) fn batch(
        &self,
        header: &Header,
        body: &Buffer,
        shared: Shared,
    ) -> Result<RecordBatch> {
        self.decode_any_order(header, body, self.columns.as_deref(), &self.schema, shared)
    }

    /// Decodes only these columns of a record batch, given as positions in the schema.
    ///
    /// # Errors
    /// A damaged message.
    pub(super) fn columns(
        &self,
        header: &Header,
        body: &Buffer,
        columns: &[usize],
        text: Text,
    ) -> Result<RecordBatch> {
        let (schema, shared) = match text {
            Text::Checked => (&self.schema, Shared::Limited),
            Text::Passed => (&self.schema, Shared::Passed),
            Text::AsBytes => (&self.bytes_schema, Shared::Passed),
        };
        self.decode_any_order(header, body, Some(columns), schema, shared)
    }

    fn decode(
        &self,
        header: &Header,
        body: &Buffer,
        columns: Option<&[usize]>,
        schema: &SchemaRef,
    ) -> Result<RecordBatch> {
        let message = header.message()?;
        let Some(batch) = message.header_as_record_batch() else {
            return Err(Error::failed("damaged record batch: it has no header"));
        };
        if batch.length() == 0 {
            return empty_batch(columns, schema);
        }
        let is_compressed = batch.compression().is_some();
        if let Some(some) = columns.filter(|some| is_slow(some.len(), schema.fields().len())) {
            let is_all = some.len() == schema.fields().len()
                && some.iter().enumerate().all(|(place, column)| place == *column);
            if is_all {
                return self.decode(header, body, None, schema);
            }
            // Uncompressed data costs little to decode: a check of offsets and text.
            if !is_compressed && schema.fields().len() <= 2 * some.len() {
                let whole = self.decode(header, body, None, schema)?;
                return whole.project(some).map_err(|e| damaged("record batch", &e));
            }
        }
        let version = message.version();
        let decode = |columns: Option<&[usize]>| {
            guard("damaged record batch", || {
                if let Some(batch) = self.decode_by_keys(body, batch, columns, schema, version) {
                    return Ok(batch);
                }
                let dictionaries = &self.dictionaries;
                RecordBatchDecoder::try_new(body, batch, schema.clone(), dictionaries, &version)
                    .and_then(|decoder| decoder.with_projection(columns).read_record_batch())
                    .map_err(|e| damaged("record batch", &e))
            })
        };
        let decoded = if !is_compressed || body.len() < LEAST_BYTES_FOR_THREADS {
            decode(columns)
        } else {
            let all: Vec<usize> = (0..schema.fields().len()).collect();
            let columns = columns.unwrap_or(&all);
            decode_in_threads(self.threads.as_ref(), columns, schema, |columns| {
                decode(Some(columns))
            })
        };
        decoded.map_err(|error| {
            has_nulls_where_none_may_be(self, header, body, columns, schema).unwrap_or(error)
        })
    }

    /// Whether a dictionary message belongs to selected columns.
    pub(super) fn needs(&self, header: &Header) -> Result<bool> {
        let message = header.message()?;
        let id = message.header_as_dictionary_batch().map(|dictionary| dictionary.id());
        let needed = self.needed.as_ref().zip(id);
        Ok(needed.is_none_or(|(needed, id)| needed.contains(&id)))
    }

    /// Decodes a dictionary of this machine's byte order.
    fn native_dictionary(&mut self, header: &Header, body: &Buffer, once: bool) -> Result<()> {
        let message = header.message()?;
        let Some(dictionary) = message.header_as_dictionary_batch() else {
            return Err(Error::failed("damaged dictionary: it has no values"));
        };
        self.check_dictionary(&message, &dictionary, Body::Read(body))?;
        self.check_dictionary_views(&message, &dictionary, body)?;
        let (id, version) = (dictionary.id(), message.version());
        // The batches of a file may be read in any order, so a dictionary must be valid for all of
        // them.
        if once && !dictionary.isDelta() && self.dictionaries.contains_key(&id) {
            return Err(Error::failed(format!(
                "damaged dictionary: dictionary {id} occurs twice, which is not allowed in a file"
            )));
        }
        guard("damaged dictionary", || {
            read_dictionary(body, dictionary, &self.schema, &mut self.dictionaries, &version)
                .map_err(|e| damaged("dictionary", &e))
        })
    }
}

/// For each column of a batch, arrow-ipc searches all selected columns: 0.5 s for 40,000 of 40,000.
fn is_slow(asked: usize, columns: usize) -> bool {
    1 << 20 <= asked.saturating_mul(columns)
}

/// The error for a batch that cannot be decoded because a non-nullable column contains nulls;
/// `None` if that is not the cause.
fn has_nulls_where_none_may_be(
    decoder: &Decoder,
    header: &Header,
    body: &Buffer,
    columns: Option<&[usize]>,
    schema: &SchemaRef,
) -> Option<Error> {
    let lenient = Arc::new(nullable(schema));
    if lenient == *schema {
        return None;
    }
    let batch = decoder.decode(header, body, columns, &lenient).ok()?;
    let column = |(place, column): (usize, &ArrayRef)| {
        let field = schema.field(columns.map_or(place, |columns| columns[place]));
        (!field.is_nullable() && column.null_count() > 0).then(|| field.name().as_str())
    };
    let what = match batch.columns().iter().enumerate().find_map(column) {
        Some(name) => format!("column \"{}\" contains nulls, but its schema", escaped(name)),
        None => "a nested field of a column contains nulls, but the schema".to_owned(),
    };
    Some(Error::failed(format!(
        "{what} says that it has none (use --allow-nulls to read it as nullable)"
    )))
}

/// A batch without rows has nothing to decode, and its few bytes may be unusual: pyarrow writes the
/// single offset of an empty list unchanged, although the values it points at are left out.
fn empty_batch(columns: Option<&[usize]>, schema: &SchemaRef) -> Result<RecordBatch> {
    let schema = match columns {
        Some(columns) => schema.project(columns).map(Arc::new),
        None => Ok(schema.clone()),
    };
    schema.map(RecordBatch::new_empty).map_err(|e| damaged("record batch", &e))
}

/// Arrow's own error texts already contain their kind, as in `Ipc error: …`.
fn damaged(what: &str, cause: &ArrowError) -> Error {
    Error::failed(format!("damaged {what}: {cause}"))
}
