//! Cuts rows into row groups and writes them in order, each while the columns of the next one are
//! being encoded.
//!
//! A column can only be written when all its values are known, so memory is bounded by the encoded
//! part of the current row group, plus the previous one until it is written.

use super::column_chunk::ColumnChunk;
use super::column_orders::{declare_type_order, order_bytes};
use super::columns::ColumnCrew;
use super::encoders::Encoders;
use super::footers::Footer;
use super::gathered::{Dictionaries, Gathered};
use super::options::EncodeOptions;
use super::page_memory::PageMemory;
use super::sink::{Failure, Sink};
use crate::batch::batch_bytes;
use crate::error::{Error, Result, guard};
use crate::io::Output;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::SchemaDescriptor;
use std::sync::Arc;

/// The most rows in a piece that is handed to the columns: small pieces keep the levels of nested
/// columns small, and spread the work evenly over threads.
const PIECE_ROWS: usize = 1 << 16;

/// Small batches are combined up to this size, to keep the overhead per piece low.
const GATHERED_BYTES: usize = 1 << 20;

/// Or up to this size per leaf column: then 10,000 columns of 20 rows are one piece, and no encoder
/// has to wait for a second one.
const GATHERED_COLUMN_BYTES: usize = 1 << 10;

/// The number of bytes to read ahead while columns are being encoded: enough work for a thread with
/// a slow column to continue alone while a row group is written. Twice as much is no faster on two
/// processors, and takes 25 MiB more; half as much is 15 % slower. A thread that only writes row
/// groups is no faster either: 2.05 s against 2.05 (medians of seven), for 20 MiB more.
const AHEAD_BYTES: usize = 16 << 20;

/// The number of times that a byte limit is checked while a row group grows to it.
const LOOKS: usize = 8;

/// A file whose row groups are being written.
pub(crate) struct RowGroups {
    writer: SerializedFileWriter<Sink>,
    page_memory: PageMemory,
    columns: ColumnCrew,
    /// The number of leaf columns.
    leaves: usize,
    /// The number of rows at which a row group ends.
    row_limit: usize,
    /// The stored size in bytes at which a row group ends.
    byte_limit: Option<usize>,
    one_thread: bool,
    /// The batches of the next piece.
    gathered: Gathered,
    dictionaries: Dictionaries,
    /// The rows of the current row group that were handed to the columns.
    rows: usize,
    /// The estimated number of rows that still fit within the byte limit.
    rows_that_fit: usize,
    /// The name of the output in messages.
    name: String,
    failure: Failure,
}

impl RowGroups {
    /// Starts the file.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn try_new(
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
        let properties = Arc::new(properties);
        let writer = guard(name, || {
            SerializedFileWriter::new(sink, root, properties.clone())
                .map_err(|error| failure.error(name, &error))
        })?;
        let encoders = Encoders {
            arrow_schema: schema.clone(),
            schema: parquet_schema.clone(),
            properties,
            page_memory: page_memory.clone(),
            checksums: options.checksums,
            content_defined: options.content_defined.then_some(options.data_page_bytes),
        };
        Ok(Self {
            writer,
            page_memory,
            columns: ColumnCrew::new(
                name,
                schema.clone(),
                parquet_schema,
                encoders,
                &options.threads,
            ),
            leaves: parquet_schema.num_columns(),
            row_limit: options.row_group_rows,
            byte_limit: options.row_group_bytes,
            one_thread: options.threads.count() < 2,
            gathered: Gathered::default(),
            dictionaries: Dictionaries::default(),
            rows: 0,
            rows_that_fit: usize::MAX,
            name: name.to_owned(),
            failure,
        })
    }

    /// Adds the rows of a batch, which has the stored types.
    ///
    /// # Errors
    /// I/O errors; a value that Parquet cannot hold.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let bytes = batch_bytes(batch) + self.dictionaries.new_bytes(batch);
        let row_bytes = bytes.checked_div(batch.num_rows()).unwrap_or(0).max(1);
        let mut start = 0;
        while start < batch.num_rows() {
            let rows = self.room(row_bytes).min(batch.num_rows() - start);
            if rows == 0 {
                self.hand_on(false)?;
                continue;
            }
            self.gathered.add(batch.slice(start, rows), rows.saturating_mul(row_bytes));
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
    /// The same as [`RowGroups::write`].
    pub(crate) fn finish(mut self) -> Result<(Output, Footer)> {
        self.end()?;
        let Self { mut writer, name, failure, .. } = self;
        guard(&name, || {
            let bytes = order_bytes(writer.schema_descr());
            writer.inner_mut().hold_end(bytes);
            let footer = writer.finish().map_err(|error| failure.error(&name, &error))?;
            let sink = writer.inner_mut();
            declare_type_order(sink.end(), footer.file_metadata().schema_descr());
            let output = sink.take_output().map_err(|error| failure.error(&name, &error.into()))?;
            Ok((output, Footer(footer)))
        })
    }

    /// Ends the current row group, if it has any rows, and writes it. Stops the threads and keeps
    /// little memory until more rows come.
    ///
    /// # Errors
    /// The same as [`RowGroups::write`].
    pub(crate) fn end(&mut self) -> Result<()> {
        if self.gathered.rows > 0 {
            self.hand_on(true)?;
        } else if self.rows > 0 {
            self.end_row_group();
        }
        self.settle(0)?;
        while self.columns.help()? {}
        self.columns.rest();
        self.write_row_groups()?;
        self.page_memory.rest();
        Ok(())
    }

    /// The approximate size of the file if it ended here.
    ///
    /// # Errors
    /// The same as [`RowGroups::write`].
    pub(crate) fn stored_bytes(&mut self) -> Result<usize> {
        if self.gathered.rows > 0 {
            self.hand_on(false)?;
        }
        self.settle(0)?;
        Ok(self.writer.bytes_written() + self.columns.stored_bytes())
    }

    /// The output, after all finished row groups have been written to it.
    ///
    /// # Errors
    /// I/O errors.
    pub(crate) fn flushed(&mut self) -> Result<&mut Output> {
        self.writer.flush().map_err(|e| self.failure.error(&self.name, &e.into()))?;
        let output = self.writer.inner_mut().output();
        output.map_err(|e| Error::write(&self.name, &e))
    }

    /// The number of rows of this size for which the next piece has room.
    fn room(&self, row_bytes: usize) -> usize {
        let most = PIECE_ROWS.min(self.row_limit - self.rows).min(self.rows_that_fit);
        let by_rows = most.saturating_sub(self.gathered.rows);
        let Some(limit) = self.byte_limit else { return by_rows };
        let by_bytes = (limit / LOOKS).saturating_sub(self.gathered.bytes) / row_bytes;
        // A row that is larger than that is a piece of its own.
        by_rows.min(by_bytes.max(usize::from(self.gathered.rows == 0)))
    }

    fn piece_bytes(&self) -> usize {
        let gathered = GATHERED_BYTES.max(GATHERED_COLUMN_BYTES * self.leaves);
        gathered.min(self.byte_limit.map_or(usize::MAX, |limit| limit / LOOKS))
    }

    /// Hands the gathered rows to the columns; `ends` says that they are the last of their row
    /// group.
    fn hand_on(&mut self, ends: bool) -> Result<()> {
        let piece = std::mem::take(&mut self.gathered);
        self.settle(AHEAD_BYTES.saturating_sub(piece.bytes))?;
        self.rows += piece.rows;
        let ends = ends || self.rows == self.row_limit;
        self.columns.add(&piece.batches, piece.bytes, ends);
        drop(piece);
        if ends {
            self.begin_row_group();
        } else if let Some(limit) = self.byte_limit {
            // The size of a row group is only known when all columns have been encoded up to here.
            self.settle(0)?;
            self.look_at_bytes(limit);
        }
        if self.one_thread { self.settle(0) } else { Ok(()) }
    }

    /// Ends the row group if it has reached the byte limit, or would with one more row.
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

    /// Waits until at most `bytes` bytes of rows are left to encode, and writes finished row
    /// groups.
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
            guard(name, || append(writer, chunks).map_err(|error| failure.error(name, &error)))?;
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
    use crate::options::{Destination, OutputOptions};
    use crate::parquet_file::write::properties::properties;
    use crate::threads::Threads;
    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use arrow::datatypes::{DataType, Field, Schema};
    use parquet::arrow::ArrowSchemaConverter;

    fn begun(schema: &SchemaRef, threads: usize) -> RowGroups {
        let destination = Destination::Path("/dev/null".into());
        let output = OutputOptions { destination, ..OutputOptions::default() };
        let sink = Sink::new(Output::create(&output, &[]).unwrap());
        let threads = Threads::new(threads);
        let options = EncodeOptions { threads, row_group_rows: 10, ..EncodeOptions::default() };
        let leaves = ArrowSchemaConverter::new().convert(schema).unwrap();
        let properties = properties(&options, &leaves, Vec::new(), &[], &[]).unwrap();
        let page_memory = PageMemory::default();
        RowGroups::try_new(sink, "out", schema, &leaves, properties, &options, page_memory).unwrap()
    }

    #[test]
    fn a_panic_in_a_thread_is_returned_as_an_error_by_the_next_call() {
        let fields = [("a", DataType::Int64), ("b", DataType::Int64)];
        let fields = fields.map(|(name, data_type)| Field::new(name, data_type, false));
        let schema: SchemaRef = Arc::new(Schema::new(fields.to_vec()));
        let numbers: ArrayRef = Arc::new(Int64Array::from_iter_values(0..1000));
        let text: ArrayRef = Arc::new(StringArray::from_iter_values(vec!["x"; 1000]));
        // The batch has text where the schema has numbers: the writer panics.
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
