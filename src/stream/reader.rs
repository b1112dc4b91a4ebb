//! Reads record batches from inputs that hold Arrow IPC streams, and believes nothing too early.

use super::checks::check_batch;
use super::framing::{Frame, Frames, Header, stopped_early};
use crate::endpoint::{InputOptions, Operand};
use crate::error::{Error, Result, guard};
use crate::io::{Input, is_regular_file};
use crate::schema::{conform, unite};
use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::buffer::Buffer;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow_ipc::convert::try_fb_to_schema;
use arrow_ipc::reader::{RecordBatchDecoder, read_dictionary};
use arrow_ipc::{Endianness, MessageHeader};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// The batches of one or more inputs, each holding one or more streams of equal schema.
///
/// Inputs are opened one after another, so that FIFOs may be fed one after another. Only the
/// schemas of regular files are looked at beforehand, so that nullability can be widened to what
/// all of them need.
#[derive(Debug)]
pub struct Reader {
    allow_missing_end: bool,
    single: bool,
    frames: Frames,
    /// Inputs still to be opened.
    left: VecDeque<Operand>,
    /// The schema of every batch handed out, before projection.
    whole_schema: SchemaRef,
    schema: SchemaRef,
    /// The columns to decode, as places in the whole schema; all if none.
    columns: Option<Vec<usize>>,
    /// The stream being read, none between two streams.
    stream: Option<Stream>,
    finished: bool,
}

/// One stream: what its own schema message said, and its dictionaries so far.
#[derive(Debug)]
struct Stream {
    schema: SchemaRef,
    dictionaries: HashMap<i64, ArrayRef>,
}

impl Reader {
    /// Opens the first input and reads its schema. No operand at all means standard input.
    ///
    /// # Errors
    /// An input that cannot be opened, is no Arrow stream, is big-endian, or whose schema differs
    /// from the first.
    pub fn open(options: &InputOptions) -> Result<Self> {
        let mut left: VecDeque<Operand> = options.operands.iter().cloned().collect();
        let first = left.pop_front().unwrap_or(Operand::Stdin);
        let mut frames = Frames::new(Input::open(&first)?);
        let stream = read_schema(&mut frames)?;
        let mut schema = stream.schema.clone();
        for operand in &left {
            if !is_regular_file(operand)? {
                continue;
            }
            let mut frames = Frames::new(Input::open(operand)?);
            let other = read_schema(&mut frames)?;
            schema = Arc::new(unite(&schema, &other.schema).map_err(|e| e.with(frames.name()))?);
        }
        Ok(Self {
            allow_missing_end: options.allow_missing_end,
            single: options.single,
            frames,
            left,
            whole_schema: schema.clone(),
            schema,
            columns: None,
            stream: Some(stream),
            finished: false,
        })
    }

    /// The schema of the batches, after [`Reader::project`].
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// How many bytes of the present input are left, where that is known.
    pub fn remaining_bytes(&self) -> Option<u64> {
        if self.left.is_empty() { self.frames.remaining_bytes() } else { None }
    }

    /// From here on decodes only these columns, in this order; the buffers of the others are not
    /// touched.
    ///
    /// # Errors
    /// A place outside the schema.
    pub fn project(&mut self, columns: Vec<usize>) -> Result<()> {
        let schema =
            self.whole_schema.project(&columns).map_err(|e| Error::failed(e.to_string()))?;
        self.schema = Arc::new(schema);
        self.columns = Some(columns);
        Ok(())
    }

    /// The next batch; none after the proper end of the last stream of the last input.
    ///
    /// # Errors
    /// An input that stops early, damaged messages, streams of different schemas.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        while !self.finished {
            let batch = self.read().map_err(|e| {
                self.finished = true;
                e.with(self.frames.name())
            })?;
            if batch.is_some() {
                return Ok(batch);
            }
            self.open_next().inspect_err(|_| self.finished = true)?;
        }
        Ok(None)
    }

    /// The next batch of the present input; none at its end.
    fn read(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            match self.frames.next(self.stream.is_none())? {
                Frame::Message(header) => {
                    if let Some(batch) = self.message(&header)? {
                        return Ok(Some(batch));
                    }
                }
                Frame::EndMarker => {
                    self.stream = None;
                    if self.single {
                        return Ok(None);
                    }
                }
                Frame::EndOfInput => {
                    if self.stream.take().is_some() && !self.allow_missing_end {
                        let error = stopped_early("without its end marker");
                        return Err(Error::failed(format!(
                            "{error} (--allow-missing-end accepts such streams)"
                        )));
                    }
                    return Ok(None);
                }
            }
        }
    }

    fn message(&mut self, header: &Header) -> Result<Option<RecordBatch>> {
        let message = header.message()?;
        let Some(stream) = &mut self.stream else {
            // Another stream follows the end marker of the one before.
            let stream = Stream::begin(header)?;
            self.frames.skip_body(header)?;
            unite(&self.whole_schema, &stream.schema)?;
            self.stream = Some(stream);
            return Ok(None);
        };
        match message.header_type() {
            MessageHeader::RecordBatch => {
                let body = self.frames.body(header)?;
                let batch = stream.batch(header, &body, self.columns.as_deref())?;
                conformed(&batch, &self.schema).map(Some)
            }
            MessageHeader::DictionaryBatch => {
                let body = self.frames.body(header)?;
                stream.dictionary(header, &body)?;
                Ok(None)
            }
            MessageHeader::Schema => {
                Err(Error::failed("damaged stream: a second schema before the end marker"))
            }
            other => Err(Error::failed(format!("messages of type {other:?} are not supported"))),
        }
    }

    /// Goes on with the next operand, or finishes.
    fn open_next(&mut self) -> Result<()> {
        let Some(operand) = self.left.pop_front() else {
            self.finished = true;
            return Ok(());
        };
        self.frames = Frames::new(Input::open(&operand)?);
        let stream = read_schema(&mut self.frames)?;
        unite(&self.whole_schema, &stream.schema).map_err(|e| e.with(self.frames.name()))?;
        self.stream = Some(stream);
        Ok(())
    }
}

impl Stream {
    /// Starts with a schema message.
    fn begin(header: &Header) -> Result<Self> {
        let message = header.message()?;
        let Some(schema) = message.header_as_schema() else {
            return Err(Error::failed("not an Arrow stream: its first message is no schema"));
        };
        if schema.endianness() == Endianness::Big {
            return Err(Error::failed(
                "big-endian streams are not supported (have the producer write little-endian)",
            ));
        }
        let schema = guard("damaged schema", || {
            try_fb_to_schema(schema).map_err(|e| damaged("schema", &e))
        })?;
        Ok(Self { schema: Arc::new(schema), dictionaries: HashMap::new() })
    }

    fn batch(
        &mut self,
        header: &Header,
        body: &Buffer,
        columns: Option<&[usize]>,
    ) -> Result<RecordBatch> {
        let message = header.message()?;
        let Some(batch) = message.header_as_record_batch() else {
            return Err(Error::failed("damaged record batch: it has no header"));
        };
        check_batch(&batch, body)?;
        let version = message.version();
        guard("damaged record batch", || {
            RecordBatchDecoder::try_new(
                body,
                batch,
                self.schema.clone(),
                &self.dictionaries,
                &version,
            )
            .and_then(|decoder| decoder.with_projection(columns).read_record_batch())
            .map_err(|e| damaged("record batch", &e))
        })
    }

    fn dictionary(&mut self, header: &Header, body: &Buffer) -> Result<()> {
        let message = header.message()?;
        let batch = message.header_as_dictionary_batch();
        let Some((dictionary, data)) = batch.and_then(|batch| Some((batch, batch.data()?))) else {
            return Err(Error::failed("damaged dictionary: it has no values"));
        };
        check_batch(&data, body)?;
        let version = message.version();
        guard("damaged dictionary", || {
            read_dictionary(body, dictionary, &self.schema, &mut self.dictionaries, &version)
                .map_err(|e| damaged("dictionary", &e))
        })
    }
}

fn read_schema(frames: &mut Frames) -> Result<Stream> {
    let stream = match frames.next(true) {
        Ok(Frame::Message(header)) => {
            Stream::begin(&header).and_then(|stream| frames.skip_body(&header).map(|()| stream))
        }
        Ok(_) => Err(Error::failed("empty: not even a schema arrived, the producer wrote nothing")),
        Err(e) => Err(e),
    };
    stream.map_err(|e| e.with(frames.name()))
}

/// A stream that joins later may allow nulls where the first did not; only nulls that really come
/// are an error, because the schema has been passed on already.
fn conformed(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = schema.fields().iter().zip(batch.columns());
    for (field, column) in columns {
        if !field.is_nullable() && 0 < column.null_count() {
            return Err(Error::failed(format!(
                "column \"{}\" has nulls here, and may have none in the first stream",
                field.name()
            )));
        }
    }
    conform(batch, schema)
}

/// Arrow's own error texts contain their kind already, as in `Ipc error: …`.
fn damaged(what: &str, cause: &ArrowError) -> Error {
    Error::failed(format!("damaged {what}: {cause}"))
}
