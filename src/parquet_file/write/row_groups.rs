//! Rows cut into row groups, which are written one after another: each while the columns of the next
//! are being encoded.
//!
//! Columns can only be written when all their values are known, so memory is bounded by what is
//! encoded of a row group, and of the one before it until it is written.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::SchemaDescriptor;
use std::sync::Arc;

use super::column_chunk::ColumnChunk;
use super::column_orders::{declare_type_order, order_bytes};
use super::columns::Columns;
use super::encoders::Encoders;
use super::footers::Footer;
use super::page_memory::PageMemory;
use super::properties::EncodeOptions;
use super::sink::{Failure, Sink};
use super::text_bounds::bounded;
use crate::batch::batch_bytes;
use crate::error::{Error, Result, guard};
use crate::io::Output;

/// Batches are handed on in pieces of at most this many rows: levels of nested columns take little
/// memory then, and threads share the work evenly.
const PIECE_ROWS: usize = 1 << 16;

/// Small batches are gathered up to this size, so that handing them on costs little.
const GATHERED_BYTES: usize = 1 << 20;

/// Or up to this size for each leaf column: 10,000 columns of 20 rows come in one piece then, and no
/// encoder has to wait for a second one.
const GATHERED_COLUMN_BYTES: usize = 1 << 10;

/// So much is read ahead while columns are being encoded: enough for a thread that has fallen behind
/// with a column to be the only one that works, for the time that a row group takes to be written.
/// Twice as much is no faster on two processors, and takes 25 MiB more; half of it is 15 % slower. Nor
/// is a thread that only writes row groups: 2.05 s against 2.05 (medians of seven), for 20 MiB more.
const AHEAD_BYTES: usize = 16 << 20;

/// A limit in bytes is looked at so often while a row group grows to it.
const LOOKS: usize = 8;

/// A file whose row groups are being written.
pub(super) struct RowGroups {
    writer: SerializedFileWriter<Sink>,
    page_memory: PageMemory,
    columns: Columns,
    /// How many leaf columns there are.
    leaves: usize,
    limits: Limits,
    one_thread: bool,
    /// What the next piece will be.
    gathered: Gathered,
    /// The rows of the present row group that were handed on.
    rows: usize,
    /// How many rows it can still take by the limit in bytes, as far as is known.
    rows_that_fit: usize,
    /// What messages call the output.
    name: String,
    failure: Failure,
}

struct Limits {
    rows: usize,
    bytes: Option<usize>,
}

#[derive(Default)]
struct Gathered {
    batches: Vec<RecordBatch>,
    rows: usize,
    bytes: usize,
}

impl Gathered {
    fn add(&mut self, batch: RecordBatch, row_bytes: usize) {
        self.rows += batch.num_rows();
        self.bytes = self.bytes.saturating_add(batch.num_rows().saturating_mul(row_bytes));
        self.batches.push(batch);
    }
}

impl RowGroups {
    /// Starts the file.
    ///
    /// # Errors
    /// An output that refuses.
    pub(super) fn try_new(
        sink: Sink,
        name: &str,
        schema: &SchemaRef,
        parquet_schema: &SchemaDescriptor,
        properties: WriterProperties,
        options: &EncodeOptions,
        page_memory: PageMemory,
    ) -> Result<Self> {
        let failure = sink.failure().clone();
        let root = parquet_schema.root_schema_ptr();
        let (properties, bounds) = match options.content_defined {
            true => (properties, Vec::new()),
            false => bounded(schema, parquet_schema, properties),
        };
        let properties = Arc::new(properties);
        let writer = guard(name, || {
            SerializedFileWriter::new(sink, root, properties.clone())
                .map_err(|error| failure.told(name, &error))
        })?;
        let encoders = Encoders {
            arrow_schema: schema.clone(),
            schema: parquet_schema.clone(),
            properties,
            bounds,
            page_memory: page_memory.clone(),
            checksums: options.checksums,
            content_defined: options.content_defined,
            page_bytes: options.data_page_bytes,
        };
        Ok(Self {
            writer,
            page_memory,
            columns: Columns::new(name, schema.clone(), parquet_schema, encoders, options.threads),
            leaves: parquet_schema.num_columns(),
            limits: Limits { rows: options.row_group_rows, bytes: options.row_group_bytes },
            one_thread: options.threads < 2,
            gathered: Gathered::default(),
            rows: 0,
            rows_that_fit: usize::MAX,
            name: name.to_owned(),
            failure,
        })
    }

    /// Adds the rows of a batch as it is stored.
    ///
    /// # Errors
    /// An output that refuses, a value that Parquet cannot hold.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let row_bytes = batch_bytes(batch).checked_div(batch.num_rows()).unwrap_or(0).max(1);
        let mut start = 0;
        while start < batch.num_rows() {
            let rows = self.room(row_bytes).min(batch.num_rows() - start);
            if rows == 0 {
                self.hand_on(false)?;
                continue;
            }
            self.gathered.add(batch.slice(start, rows), row_bytes);
            start += rows;
            if self.room(row_bytes) == 0 || self.piece_bytes() <= self.gathered.bytes {
                self.hand_on(false)?;
            }
        }
        Ok(())
    }

    /// Writes the last row group and the footer.
    ///
    /// # Errors
    /// As of [`RowGroups::write`].
    pub(super) fn finish(mut self) -> Result<(Output, Footer)> {
        self.end()?;
        let Self { mut writer, name, failure, .. } = self;
        guard(&name, || {
            let bytes = order_bytes(writer.schema_descr());
            writer.inner_mut().hold_end(bytes);
            let footer = writer.finish().map_err(|error| failure.told(&name, &error))?;
            let sink = writer.inner_mut();
            declare_type_order(sink.end(), footer.file_metadata().schema_descr());
            let output = sink.take_output().map_err(|error| failure.told(&name, &error.into()))?;
            Ok((output, Footer::new(footer)))
        })
    }

    /// Ends the present row group, if it has any rows, and writes it. Until more rows come, no thread
    /// waits for them and little memory is kept.
    ///
    /// # Errors
    /// As of [`RowGroups::write`].
    pub(super) fn end(&mut self) -> Result<()> {
        if 0 < self.gathered.rows {
            self.hand_on(true)?;
        } else if 0 < self.rows {
            self.end_row_group();
        }
        self.settle(0)?;
        while self.columns.help()? {}
        self.columns.rest();
        self.write_row_groups()?;
        self.page_memory.rest();
        Ok(())
    }

    /// About how long the file would be if it ended here.
    ///
    /// # Errors
    /// As of [`RowGroups::write`].
    pub(super) fn stored_bytes(&mut self) -> Result<usize> {
        if 0 < self.gathered.rows {
            self.hand_on(false)?;
        }
        self.settle(0)?;
        Ok(self.writer.bytes_written() + self.columns.stored_bytes())
    }

    /// The output, to which all that is done was written.
    ///
    /// # Errors
    /// An output that refuses.
    pub(super) fn flushed(&mut self) -> Result<&mut Output> {
        self.writer.flush().map_err(|e| self.failure.told(&self.name, &e.into()))?;
        let output = self.writer.inner_mut().output();
        output.map_err(|e| Error::write(&self.name, &e))
    }

    /// How many rows of this size the next piece can still take.
    fn room(&self, row_bytes: usize) -> usize {
        let most = PIECE_ROWS.min(self.limits.rows - self.rows).min(self.rows_that_fit);
        let by_rows = most.saturating_sub(self.gathered.rows);
        let Some(limit) = self.limits.bytes else { return by_rows };
        let by_bytes = (limit / LOOKS).saturating_sub(self.gathered.bytes) / row_bytes;
        // A row that is longer than that is a piece of its own.
        by_rows.min(by_bytes.max(usize::from(self.gathered.rows == 0)))
    }

    fn piece_bytes(&self) -> usize {
        let gathered = GATHERED_BYTES.max(GATHERED_COLUMN_BYTES * self.leaves);
        gathered.min(self.limits.bytes.map_or(usize::MAX, |limit| limit / LOOKS))
    }

    /// Gives the gathered rows to the columns; `ends` if they are the last of their row group.
    fn hand_on(&mut self, ends: bool) -> Result<()> {
        let piece = std::mem::take(&mut self.gathered);
        self.settle(AHEAD_BYTES.saturating_sub(piece.bytes))?;
        self.rows += piece.rows;
        let ends = ends || self.rows == self.limits.rows;
        self.columns.add(&piece.batches, piece.bytes, ends);
        drop(piece);
        if ends {
            self.begin_row_group();
        } else if let Some(limit) = self.limits.bytes {
            // How long a row group is is only known when all columns have come so far.
            self.settle(0)?;
            self.look_at_bytes(limit);
        }
        if self.one_thread { self.settle(0) } else { Ok(()) }
    }

    /// Ends the row group if it is as long as it may be, or would be with another row.
    fn look_at_bytes(&mut self, limit: usize) {
        let bytes = self.columns.stored_bytes();
        let row_bytes = bytes / self.rows;
        self.rows_that_fit =
            limit.saturating_sub(bytes).checked_div(row_bytes).unwrap_or(usize::MAX);
        if limit <= bytes || self.rows_that_fit == 0 {
            self.end_row_group();
        }
    }

    fn end_row_group(&mut self) {
        self.columns.end_row_group();
        self.begin_row_group();
    }

    fn begin_row_group(&mut self) {
        self.rows = 0;
        self.rows_that_fit = usize::MAX;
    }

    /// Waits until at most `bytes` of rows are still to be encoded, and writes what is done.
    fn settle(&mut self, bytes: usize) -> Result<()> {
        loop {
            self.write_row_groups()?;
            if self.columns.bytes_under_way() <= bytes || !self.columns.help()? {
                return Ok(());
            }
        }
    }

    fn write_row_groups(&mut self) -> Result<()> {
        while let Some(chunks) = self.columns.take_row_group() {
            let (name, failure, writer) = (&self.name, &self.failure, &mut self.writer);
            guard(name, || append(writer, chunks).map_err(|error| failure.told(name, &error)))?;
        }
        Ok(())
    }
}

fn append(
    writer: &mut SerializedFileWriter<Sink>,
    chunks: Vec<ColumnChunk>,
) -> Result<(), ParquetError> {
    let mut row_group = writer.next_row_group()?;
    for chunk in chunks {
        chunk.append_to(&mut row_group)?;
    }
    row_group.close()?;
    writer.flush().map_err(ParquetError::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoint::{Destination, OutputOptions};
    use crate::parquet_file::write::properties::properties;
    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use arrow::datatypes::{DataType, Field, Schema};
    use parquet::arrow::ArrowSchemaConverter;

    fn begun(schema: &SchemaRef, threads: usize) -> RowGroups {
        let destination = Destination::Path("/dev/null".into());
        let output = OutputOptions { destination, ..OutputOptions::default() };
        let sink = Sink::new(Output::create(&output, &[]).unwrap(), &Failure::default());
        let options = EncodeOptions { threads, row_group_rows: 10, ..EncodeOptions::default() };
        let leaves = ArrowSchemaConverter::new().convert(schema).unwrap();
        let properties = properties(&options, &leaves, Vec::new(), &[], &[]).unwrap();
        let page_memory = PageMemory::default();
        RowGroups::try_new(sink, "out", schema, &leaves, properties, &options, page_memory).unwrap()
    }

    #[test]
    fn a_panic_in_a_thread_is_an_error_of_the_next_call() {
        let fields = [("a", DataType::Int64), ("b", DataType::Int64)];
        let fields = fields.map(|(name, data_type)| Field::new(name, data_type, false));
        let schema: SchemaRef = Arc::new(Schema::new(fields.to_vec()));
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..1000));
        let text: ArrayRef = Arc::new(StringArray::from_iter_values(vec!["x"; 1000]));
        // Text where the schema has numbers: the writer panics.
        let wrong = RecordBatch::try_from_iter([("a", numbers), ("b", text)]).unwrap();
        for threads in [1, 2, 4] {
            let mut row_groups = begun(&schema, threads);
            let written = row_groups.write(&wrong);
            let ended = written.and_then(|()| row_groups.finish().map(drop));
            let message = ended.unwrap_err().to_string();
            assert!(
                message.starts_with("out: ") || message.starts_with("cannot write out: "),
                "{message}"
            );
        }
    }
}
