//! Writes record batches of any size as a Parquet file with row groups of the requested size.

use super::choose_encoding::{SAMPLE_ROWS, advise};
use super::file_schema::FileSchema;
use super::footers::Footer;
use super::gathered::Gathered;
use super::options::EncodeOptions;
use super::page_memory::PageMemory;
use super::prepare::{coarser, exactly, prepared};
use super::properties::{properties, sorting_columns};
use super::row_groups::RowGroups;
use super::sink::Sink;
use crate::batch::{OrderCheck, batch_bytes};
use crate::error::{Error, Result};
use crate::io::Output;
use crate::parquet_file::store::{expanded, store, with_types};
use crate::schema::expand;
use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::schema::types::SchemaDescriptor;

/// The most bytes of small batches to buffer before the first row is encoded.
const FIRST_BYTES: usize = 16 << 20;

/// A Parquet file being written. If dropped without [`Encoder::finish`], it leaves no file, or one
/// without a footer in a pipe.
pub struct Encoder {
    stage: Stage,
    /// The name of the output in messages.
    name: String,
    /// The types of the stream with coarser units of time, if the target needs them.
    coarser: Option<SchemaRef>,
    schema: SchemaRef,
    /// The number of rows so far.
    rows: u64,
    parquet_schema: SchemaDescriptor,
    options: EncodeOptions,
    metadata: Vec<KeyValue>,
    /// The requested order, as row groups declare it, and the check that the rows have it.
    sorted_by: Vec<SortingColumn>,
    order: Option<OrderCheck>,
    page_memory: PageMemory,
}

enum Stage {
    /// Buffering the first rows, which decide how columns are encoded.
    Waiting(Box<Sink>, Gathered),
    Writing(Box<RowGroups>),
    /// Ended by an error.
    Failed,
}

impl Encoder {
    /// Starts a file. Types and options are checked now, and nothing is written before the first
    /// batch.
    ///
    /// # Errors
    /// A type that Parquet cannot hold; invalid options.
    pub fn create(output: Output, schema: &Schema, options: &EncodeOptions) -> Result<Self> {
        let name = output.name().to_owned();
        let given = schema;
        let schema = &prepared(given, options)?;
        let coarser = coarser(given, schema);
        let FileSchema { stored, parquet: parquet_schema, metadata } =
            FileSchema::try_new(&name, schema, &options.metadata)?;
        let order = options.sorted_by.as_ref().map(|order| order.bind(schema)).transpose();
        let order = order.map_err(|e| e.with("--sorted-by"))?;
        let sorted_by = sorting_columns(order.as_deref().unwrap_or_default(), &parquet_schema)?;
        let order = order.map(|columns| OrderCheck::try_new(&stored, &columns)).transpose();
        properties(options, &parquet_schema, metadata.clone(), &[], &sorted_by)?;
        Ok(Self {
            stage: Stage::Waiting(Box::new(Sink::new(output)), Gathered::default()),
            name,
            coarser,
            schema: stored,
            rows: 0,
            parquet_schema,
            options: options.clone(),
            metadata,
            sorted_by,
            order: order.map_err(|e| e.with("--sorted-by"))?,
            page_memory: PageMemory::default(),
        })
    }

    /// Shares memory for encoded pages with other files. Must be called before the first row is
    /// written.
    pub fn sharing(mut self, page_memory: &PageMemory) -> Self {
        self.page_memory = page_memory.clone();
        self
    }

    /// Adds the rows of a batch, whose schema must be that of the file, but that columns may have
    /// the same values in a dictionary or in runs.
    ///
    /// # Errors
    /// I/O errors; a value that Parquet cannot hold; a row out of the requested order. The encoder
    /// cannot be used after an error.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let exactly = |column: &_, field: &_| exactly(column, field, self.rows);
        let coarse = self.coarser.as_ref().map(|schema| with_types(batch, schema, exactly));
        let coarse = coarse.transpose()?;
        let mut batch = store(coarse.as_ref().unwrap_or(batch), &self.schema, self.rows)?;
        self.rows += batch.num_rows() as u64;
        if let Some(order) = &mut self.order {
            batch = expanded(&batch, &self.schema)?;
            order.check(&batch).map_err(|e| e.with("--sorted-by"))?;
        }
        if let Stage::Waiting(_, first) = &mut self.stage {
            let bytes = batch_bytes(&batch);
            first.add(batch, bytes);
            if !are_enough(first) {
                return Ok(());
            }
            self.stage = Stage::Writing(self.started()?);
        } else {
            let mut row_groups = self.started()?;
            row_groups.write(&batch)?;
            self.stage = Stage::Writing(row_groups);
        }
        Ok(())
    }

    /// Writes the last row group and the footer, and makes the output visible.
    ///
    /// # Errors
    /// I/O errors; an earlier error.
    pub fn finish(self) -> Result<()> {
        self.close()?.0.commit()
    }

    /// Writes the last row group and the footer. Returns the footer and the output, which is
    /// complete but not yet visible.
    ///
    /// # Errors
    /// The same as [`Encoder::finish`].
    pub fn close(mut self) -> Result<(Output, Footer)> {
        self.started()?.finish()
    }

    /// Ends the current row group, if it has any rows, and writes it.
    ///
    /// # Errors
    /// The same as [`Encoder::write`].
    pub fn end_row_group(&mut self) -> Result<()> {
        let mut row_groups = self.started()?;
        row_groups.end()?;
        self.stage = Stage::Writing(row_groups);
        Ok(())
    }

    /// The approximate size of the file if it ended here. All rows are encoded first, so that the
    /// answer is the same for any number of threads.
    ///
    /// # Errors
    /// The same as [`Encoder::write`].
    pub fn stored_bytes(&mut self) -> Result<usize> {
        let mut row_groups = self.started()?;
        let bytes = row_groups.stored_bytes()?;
        self.stage = Stage::Writing(row_groups);
        Ok(bytes)
    }

    /// The output, for a caller that wants to close its file for a while. All finished row groups
    /// have been written to it.
    ///
    /// # Errors
    /// I/O errors; an earlier error.
    pub fn output(&mut self) -> Result<&mut Output> {
        match &mut self.stage {
            Stage::Waiting(sink, _) => sink.output().map_err(|e| Error::write(&self.name, &e)),
            Stage::Writing(row_groups) => row_groups.flushed(),
            Stage::Failed => Err(failed_earlier(&self.name)),
        }
    }

    /// The row groups, started with the first rows if necessary. The stage is `Failed` until the
    /// caller puts them back.
    fn started(&mut self) -> Result<Box<RowGroups>> {
        let name = &self.name;
        let (sink, first) = match std::mem::replace(&mut self.stage, Stage::Failed) {
            Stage::Writing(row_groups) => return Ok(row_groups),
            Stage::Waiting(sink, first) => (sink, first),
            Stage::Failed => return Err(failed_earlier(name)),
        };
        let columns = self.schema.fields().iter().enumerate();
        let advice = columns.map(|(column, field)| {
            let parts = first.batches.iter().map(|batch| batch.column(column));
            let plain = parts.map(|part| {
                let is_plain = part.data_type() == field.data_type();
                if is_plain { Ok(part.clone()) } else { expand(part) }
            });
            let parts = plain.collect::<Result<Vec<_>, _>>().unwrap_or_default();
            advise(&parts.iter().collect::<Vec<_>>(), self.options.dictionary_page_bytes)
        });
        let advice: Vec<_> = advice.collect();
        let metadata = std::mem::take(&mut self.metadata);
        let (options, leaves) = (&self.options, &self.parquet_schema);
        let properties = properties(options, leaves, metadata, &advice, &self.sorted_by)?;
        let mut row_groups = RowGroups::try_new(
            *sink,
            name,
            &self.schema,
            leaves,
            properties,
            options,
            self.page_memory.clone(),
        )?;
        first.batches.iter().try_for_each(|batch| row_groups.write(batch))?;
        Ok(Box::new(row_groups))
    }
}

/// Whether these rows are enough to choose encodings: a full sample, or as many bytes as may be
/// buffered.
fn are_enough(first: &Gathered) -> bool {
    first.rows >= SAMPLE_ROWS || first.bytes >= FIRST_BYTES
}

fn failed_earlier(name: &str) -> Error {
    Error::failed(format!("cannot write {name}: an earlier write failed"))
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder").field("name", &self.name).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::options::{Destination, OutputOptions};
    use crate::parquet_file::storable::storable;
    use crate::parquet_file::{Compression, DictionaryColumns, ParquetFile, Scan, ScanOptions};
    use arrow::array::{ArrayRef, Int64Array, new_null_array};
    use arrow::datatypes::{DataType, Field};
    use std::io::Write;
    use std::path::Path;
    use std::sync::Arc;

    fn ints(range: std::ops::Range<i64>) -> RecordBatch {
        let schema = Arc::new(Schema::new(vec![Field::new("a", DataType::Int64, false)]));
        let column: ArrayRef = Arc::new(Int64Array::from_iter_values(range));
        RecordBatch::try_new(schema, vec![column]).unwrap()
    }

    /// The bytes of a file that holds these batches.
    pub(crate) fn encode(batches: &[RecordBatch], options: &EncodeOptions) -> Vec<u8> {
        try_encode(batches, options).unwrap()
    }

    /// The bytes of a file with this schema that holds these batches.
    pub(crate) fn encode_as(
        schema: &Schema,
        batches: &[RecordBatch],
        options: &EncodeOptions,
    ) -> Vec<u8> {
        try_encode_as(schema, batches, options).unwrap()
    }

    fn try_encode(batches: &[RecordBatch], options: &EncodeOptions) -> Result<Vec<u8>> {
        try_encode_as(&batches[0].schema(), batches, options)
    }

    pub(crate) fn try_encode_as(
        schema: &Schema,
        batches: &[RecordBatch],
        options: &EncodeOptions,
    ) -> Result<Vec<u8>> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out");
        let mut encoder = Encoder::create(output(&path), schema, options)?;
        for batch in batches {
            encoder.write(batch)?;
        }
        encoder.finish()?;
        Ok(std::fs::read(&path).unwrap())
    }

    fn output(path: &Path) -> Output {
        let destination = Destination::Path(path.to_owned());
        let options = OutputOptions { destination, no_sync: true, ..OutputOptions::default() };
        Output::create(&options, &[]).unwrap()
    }

    fn opened(bytes: &[u8]) -> ParquetFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let mapping = crate::io::MappedFile::open(file.path()).unwrap();
        ParquetFile::open(mapping, "in".to_owned()).unwrap()
    }

    fn row_group_rows(bytes: &[u8]) -> Vec<i64> {
        opened(bytes).parquet().row_groups().iter().map(|group| group.num_rows()).collect()
    }

    fn read(bytes: &[u8]) -> Result<Vec<RecordBatch>> {
        let mut scan = Scan::try_new(vec![opened(bytes).into()], ScanOptions::default())?;
        std::iter::from_fn(|| scan.next_batch().transpose()).collect()
    }

    #[test]
    fn tiny_batches_fill_row_groups_and_large_ones_are_cut() {
        let options = EncodeOptions { row_group_rows: 1000, ..EncodeOptions::default() };
        let tiny: Vec<_> = (0..250).map(|i| ints(i * 10..i * 10 + 10)).collect();
        assert_eq!(row_group_rows(&encode(&tiny, &options)), [1000, 1000, 500]);
        assert_eq!(row_group_rows(&encode(&[ints(0..2500)], &options)), [1000, 1000, 500]);
    }

    #[test]
    fn row_groups_end_at_a_size_in_bytes() {
        let options = EncodeOptions {
            row_group_bytes: Some(100_000),
            dictionary: DictionaryColumns::None,
            compression: Compression::parse("none").unwrap(),
            ..EncodeOptions::default()
        };
        // Differences of squares modulo a prime take about 20 bits.
        let batches: Vec<_> = (0..50)
            .map(|part| {
                let values = (part * 10_000..(part + 1) * 10_000).map(|i| i * i % 1_000_003);
                let column: ArrayRef = Arc::new(Int64Array::from_iter_values(values));
                RecordBatch::try_new(ints(0..0).schema(), vec![column]).unwrap()
            })
            .collect();
        let file = opened(&encode(&batches, &options));
        let sizes: Vec<i64> =
            file.parquet().row_groups().iter().map(|group| group.compressed_size()).collect();
        assert!(sizes.len() > 8 && sizes.iter().all(|size| *size < 150_000), "{sizes:?}");
        assert_eq!(file.rows(), 500_000);
    }

    #[test]
    fn without_rows_the_file_has_no_row_groups() {
        let bytes = encode(&[ints(0..0)], &EncodeOptions::default());
        assert_eq!(opened(&bytes).schema(), &ints(0..0).schema());
        assert!(row_group_rows(&bytes).is_empty());
    }

    #[test]
    fn rows_are_read_back_with_every_codec() {
        for codec in ["none", "snappy", "lz4", "zstd:3", "gzip:9", "brotli:1", "zstd"] {
            let options = EncodeOptions {
                compression: Compression::parse(codec).unwrap(),
                ..EncodeOptions::default()
            };
            let back = read(&encode(&[ints(0..1000)], &options));
            assert_eq!(back, Ok(vec![ints(0..1000)]), "{codec}");
        }
    }

    #[test]
    fn metadata_of_the_schema_stays_and_is_replaced_by_key() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        let metadata = [pair("kept", "1"), pair("replaced", "2")];
        let schema = Schema::new_with_metadata(ints(0..0).schema().fields().clone(), metadata);
        let batch = ints(0..5).with_schema(Arc::new(schema));
        let options = EncodeOptions {
            metadata: vec![pair("replaced", "3"), pair("added", "4")],
            ..EncodeOptions::default()
        };
        let file = opened(&encode(&[batch.unwrap_or_else(|_| ints(0..5))], &options));
        let expected = [pair("kept", "1"), pair("replaced", "3"), pair("added", "4")];
        let found = file.schema().metadata();
        assert!(expected.iter().all(|(key, value)| found.get(key) == Some(value)), "{found:?}");
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn dictionary_columns_are_selected_by_name() {
        let options = |name: &str| EncodeOptions {
            dictionary: DictionaryColumns::Named(vec![name.to_owned()]),
            ..EncodeOptions::default()
        };
        let file = opened(&encode(&[ints(0..5)], &options("a")));
        assert!(file.parquet().row_group(0).column(0).dictionary_page_offset().is_some());
        let error = try_encode(&[ints(0..0)], &options("aa"));
        assert_eq!(
            error.unwrap_err().to_string(),
            "no column \"aa\" to encode with a dictionary (did you mean \"a\"?)"
        );
    }

    #[test]
    fn row_groups_of_size_0_are_refused() {
        let options = EncodeOptions { row_group_rows: 0, ..EncodeOptions::default() };
        let error = try_encode(&[ints(0..0)], &options);
        assert_eq!(error.unwrap_err().exit_status(), 2);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn an_output_error_is_reported_as_such() {
        let options = EncodeOptions { row_group_rows: 10, ..EncodeOptions::default() };
        let batch = ints(0..100_000);
        let full = output(Path::new("/dev/full"));
        let mut encoder = Encoder::create(full, &batch.schema(), &options).unwrap();
        let error = encoder.write(&batch).unwrap_err();
        assert_eq!(error.to_string(), "cannot write /dev/full: no space left on device");
        assert!(encoder.write(&batch).is_err() && encoder.finish().is_err());
    }

    #[test]
    fn every_type_is_read_back_or_refused_before_anything_is_written() {
        let types = crate::parquet_file::storable::tests::all_types();
        let wrong: Vec<String> = types.iter().filter_map(difference).collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    fn difference(data_type: &DataType) -> Option<String> {
        let schema = Arc::new(Schema::new(vec![Field::new("a", data_type.clone(), true)]));
        let stored = match storable(&schema) {
            Ok(stored) => stored,
            Err(refused) => {
                let message = refused.to_string();
                return (!message.starts_with("cannot store column \"a")).then_some(message);
            }
        };
        let tell = |what: &dyn std::fmt::Display| Some(format!("{data_type}: {what}"));
        let batch =
            RecordBatch::try_new(schema.clone(), vec![new_null_array(data_type, 3)]).unwrap();
        let bytes = try_encode(&[batch], &EncodeOptions::default());
        let back = match bytes.and_then(|bytes| read(&bytes)) {
            Ok(back) => back,
            Err(error) => return tell(&error),
        };
        let rows: usize = back.iter().map(RecordBatch::num_rows).sum();
        let fields = back[0].schema_ref().fields();
        if rows != 3 || fields != stored.declared.fields() {
            return tell(&format!("{rows} rows of {}", fields[0]));
        }
        None
    }
}
