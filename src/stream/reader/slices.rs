//! Batches returned in slices: those with more rows than bits, and those whose values take far more
//! bytes when each row has its own.

use super::{Plain, Reader};
use crate::batch::{bytes_with_dictionaries, most_plain_bytes, plain_row_bytes, shares_values};
use crate::error::Result;
use crate::options::InputOptions;
use crate::schema::{plain_field, plain_schema};
use crate::stream::limits::Shared;
use crate::stream::undecoded_batch::{Content, Parts, conformed};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use std::sync::Arc;

/// The most rows of a slice. Ordinary batches have about as many.
pub(super) const SLICE_ROWS: usize = 1 << 16;

/// A batch whose plain values take no more bytes than this is not cut.
const WHOLE_BYTES: u64 = 256 << 20;

/// The most plain bytes of a slice, unless it has only one row.
const SLICE_BYTES: u64 = 64 << 20;

impl Reader {
    /// Like [`Reader::open`], for the final consumer in a pipe: columns that are encoded only in
    /// transit are returned as plain columns.
    ///
    /// # Errors
    /// Those of [`Reader::open`].
    pub fn open_plain(options: &InputOptions) -> Result<Self> {
        Self::open(options).map(|reader| reader.made_plain(Plain::Marked))
    }

    /// Like [`Reader::open_plain`], for a consumer that writes the values of each row, whether or
    /// not rows share them: batches of many such bytes are returned in slices.
    ///
    /// # Errors
    /// Those of [`Reader::open`].
    pub fn open_values(options: &InputOptions) -> Result<Self> {
        Self::open(options).map(|reader| reader.made_plain(Plain::All).passing_on())
    }

    pub(super) fn made_plain(mut self, plain: Plain) -> Self {
        self.plain = plain;
        self.schema = plain_schema(&self.schema);
        self
    }

    /// For a consumer to which columns that are encoded only in transit are plain, but which takes
    /// their batches as they are: the schema has plain columns, the batches have encoded ones.
    pub fn with_encoded_batches(mut self) -> Self {
        self.encoded = Some(self.whole_schema.clone());
        self
    }

    /// The schema of the returned batches.
    pub(super) fn batch_schema(&self) -> &SchemaRef {
        self.encoded.as_ref().unwrap_or(&self.schema)
    }

    /// For a consumer that passes columns on without looking at the values of each row: rows may
    /// share any number of bytes, as views and list views do.
    pub fn passing_on(self) -> Self {
        Self { shared: Shared::Passed, ..self }
    }

    /// The first rows of a batch that was just decoded; the others wait. `is_cut` says that no
    /// slice may have more than [`SLICE_ROWS`].
    ///
    /// # Errors
    /// More plain bytes than the limits allow.
    pub(super) fn first_slice(&mut self, batch: RecordBatch, is_cut: bool) -> Result<RecordBatch> {
        let grows = || {
            self.plain != Plain::No
                && !Arc::ptr_eq(&plain_schema(batch.schema_ref()), batch.schema_ref())
        };
        let mut rows = batch.num_rows();
        if SLICE_ROWS < rows && (is_cut || grows()) {
            rows = SLICE_ROWS;
        }
        // The rest of a batch is measured slice by slice: each time as a whole would take quadratic
        // time.
        rows = if is_cut {
            self.rows_within_bytes(&batch.slice(0, rows), rows, SLICE_BYTES)?
        } else {
            self.rows_within_bytes(&batch, rows, WHOLE_BYTES)?
        };
        if rows < batch.num_rows() {
            self.waiting = Some(batch.slice(rows, batch.num_rows() - rows));
            return Ok(batch.slice(0, rows));
        }
        Ok(batch)
    }

    /// The next slice of a batch.
    ///
    /// # Errors
    /// Nulls in a column that has none in the first stream; more plain bytes than the limits allow.
    /// Errors name the input.
    pub(super) fn next_slice(&mut self, rest: RecordBatch) -> Result<RecordBatch> {
        let part =
            self.first_slice(rest, true).and_then(|part| conformed(&part, self.batch_schema()));
        part.map_err(|error| error.with(self.messages.name()))
    }

    /// The next slice of a decoded batch, for a consumer of undecoded ones.
    pub(super) fn next_parts(&mut self, batch: RecordBatch) -> Parts {
        let rows = batch.num_rows().min(SLICE_ROWS);
        if rows < batch.num_rows() {
            self.waiting = Some(batch.slice(rows, batch.num_rows() - rows));
        }
        let columns = self.columns.clone();
        // They are no longer at the start of their message.
        Parts { content: Content::Rows(batch.slice(0, rows), columns), skipped_rows: 1, rows }
    }

    /// How many of the first rows have no more plain bytes than a slice may have, but at least one;
    /// all if the batch has no more than `whole_bytes`.
    ///
    /// # Errors
    /// More plain bytes than the limits allow.
    fn rows_within_bytes(
        &self,
        batch: &RecordBatch,
        rows: usize,
        whole_bytes: u64,
    ) -> Result<usize> {
        let batch = match self.plain {
            Plain::No => return Ok(rows),
            Plain::Marked => &marked_columns(batch),
            Plain::All => batch,
        };
        let most = most_plain_bytes(batch, shares_values);
        if most <= whole_bytes {
            return Ok(rows);
        }
        let each = plain_row_bytes(batch, shares_values);
        self.limits.check_written_rows(&each, bytes_with_dictionaries(batch) as u64)?;
        if each.iter().copied().fold(0, u64::saturating_add) <= whole_bytes {
            return Ok(rows);
        }
        let mut sum: u64 = 0;
        let fits = each.iter().take(rows).take_while(|bytes| {
            sum = sum.saturating_add(**bytes);
            sum <= SLICE_BYTES
        });
        Ok(fits.count().max(1).min(rows))
    }
}

/// The columns that become plain.
fn marked_columns(batch: &RecordBatch) -> RecordBatch {
    let fields = batch.schema_ref().fields().iter().enumerate();
    let marked = fields.filter(|(_, field)| plain_field(field).is_some());
    let marked: Vec<usize> = marked.map(|(place, _)| place).collect();
    batch.project(&marked).unwrap_or_else(|_| batch.clone())
}

#[cfg(test)]
mod tests {
    use crate::options::{InputOptions, Operand};
    use crate::stream::Reader;
    use arrow::array::{ArrayRef, DictionaryArray, Int32Array, RecordBatch, StringArray};
    use arrow_ipc::writer::StreamWriter;
    use std::io::Write;
    use std::sync::Arc;

    /// Six hundred rows of the same mebibyte of text.
    fn input() -> (tempfile::NamedTempFile, InputOptions) {
        let text: ArrayRef = Arc::new(StringArray::from(vec!["x".repeat(1 << 20)]));
        let column = DictionaryArray::new(Int32Array::from(vec![0; 600]), text);
        let columns = [("a", Arc::new(column) as ArrayRef)];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        writer.write(&batch).unwrap();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&writer.into_inner().unwrap()).unwrap();
        let operands = vec![Operand::Path(file.path().to_owned())];
        (file, InputOptions { operands, ..InputOptions::default() })
    }

    fn rows(mut reader: Reader) -> Vec<usize> {
        let batches = std::iter::from_fn(|| reader.next_batch().unwrap());
        batches.map(|batch| batch.num_rows()).collect()
    }

    #[test]
    fn values_are_written_piece_by_piece_and_passed_on_whole() {
        let (_file, options) = input();
        assert_eq!(rows(Reader::open(&options).unwrap()), [600]);
        // It was not encoded only in transit, so a file keeps it.
        assert_eq!(rows(Reader::open_plain(&options).unwrap()), [600]);
        let slices = rows(Reader::open_values(&options).unwrap());
        // At most 64 MiB each, because all of them take more than 256 MiB.
        assert_eq!(slices, [64, 64, 64, 64, 64, 64, 64, 64, 64, 24]);
    }

    #[test]
    fn the_plain_bytes_of_a_row_have_a_limit() {
        let (_file, mut options) = input();
        // All rows together may take more than the limit, which is four times as much.
        options.max_message_bytes = Some(1 << 20);
        assert_eq!(rows(Reader::open_values(&options).unwrap()).iter().sum::<usize>(), 600);
        options.max_message_bytes = Some(200 << 10);
        let error = Reader::open_values(&options).unwrap().next_batch().unwrap_err().to_string();
        let why = "a row shares values with others: written alone it takes 1048576 bytes (raise";
        assert!(error.contains(why), "{error}");
        assert_eq!(rows(Reader::open(&options).unwrap()), [600]);
    }
}
