//! Several Parquet files of equal schema as one sequence of record batches.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use parquet::arrow::ProjectionMask;
use parquet::basic::Type as PhysicalType;
use parquet::file::metadata::ColumnChunkMetaData;
use std::sync::Arc;

use super::decode::{Decoder, Decoding, Run};
use super::file::{ParquetFile, rows};
use super::leaves;
use super::prune;
use crate::batch::limit::Limit;
use crate::error::{Error, Result};
use crate::expression::Predicate;
use crate::schema::{Projection, conform, unite};

/// What to read of the files.
#[derive(Debug, Clone, Default)]
pub struct ScanOptions {
    /// The columns, in the order they come out; `a.b` gives the struct `a` holding only `b`. All
    /// without it.
    pub columns: Option<Vec<String>>,
    /// An SQL expression: only rows for which it is true. It may use columns that do not come out.
    pub predicate: Option<String>,
    /// For each file the row groups, in the order they are read. All without it.
    pub row_groups: Option<Vec<Vec<usize>>>,
    /// Rows of a batch. Without it as many as make about 2 MiB.
    pub batch_rows: Option<usize>,
    /// Rows to leave out at the start, counted after the predicate.
    pub skip: u64,
    /// At most this many rows come out.
    pub limit: Option<u64>,
}

/// A batch is sized to about this many bytes where the number of rows is not given: large enough
/// that the costs of a batch do not show, small enough to stay in a processor's cache.
const BATCH_BYTES: usize = 2 << 20;

/// No batch is made larger than this for its rows being narrow.
const MOST_BATCH_ROWS: usize = 1 << 16;

/// With a predicate, larger row groups are read in runs of this many rows, since the selection of
/// rows is kept for a whole run. Most writers make no larger row groups.
const RUN_ROWS: usize = 1 << 20;

/// So many rows show how large rows are: few enough for values of a dictionary page's size (1 MiB by
/// custom) to take a hundred MiB at most.
const PROBE_ROWS: usize = 100;

/// A sequence of record batches from Parquet files.
pub struct Scan {
    files: Vec<ParquetFile>,
    projection: Projection,
    predicate: Option<Arc<Predicate>>,
    /// For each file, the row groups to read.
    chosen: Vec<Vec<usize>>,
    /// What comes next: the file, and the place in its list.
    next: (usize, usize),
    /// Runs of the present row group that were not started.
    runs: std::vec::IntoIter<Run>,
    decoder: Option<Decoder>,
    batch_rows: Option<usize>,
    /// What a row of the last batch took in memory; 0 before the first.
    seen_row_bytes: usize,
    limit: Limit,
}

impl Scan {
    /// Checks everything that can be checked before data is read.
    ///
    /// # Errors
    /// Files of different schemas, a column no file has, an expression that makes no sense, a row
    /// group a file does not have, batches of no rows.
    pub fn try_new(files: Vec<ParquetFile>, options: ScanOptions) -> Result<Self> {
        if options.batch_rows == Some(0) {
            return Err(Error::usage("batches of 0 rows would never end; give at least 1"));
        }
        let Some((first, others)) = files.split_first() else {
            return Err(Error::usage("no Parquet file is given"));
        };
        let mut schema = first.schema().as_ref().clone();
        for other in others {
            schema = unite(&schema, other.schema()).map_err(|e| e.with(other.name()))?;
        }
        let projection = Projection::try_new(&schema, options.columns.as_deref())?;
        let predicate = match &options.predicate {
            Some(text) => Some(Arc::new(Predicate::bind(text, &schema)?)),
            None => None,
        };
        Ok(Self {
            chosen: choose(&files, options.row_groups)?,
            files,
            projection,
            predicate,
            next: (0, 0),
            runs: Vec::new().into_iter(),
            decoder: None,
            batch_rows: options.batch_rows,
            seen_row_bytes: 0,
            limit: Limit::new(options.skip, options.limit),
        })
    }

    /// The schema of the batches.
    pub fn schema(&self) -> &SchemaRef {
        self.projection.schema()
    }

    /// How many rows come out altogether, counted from here on, if that is known without reading:
    /// without a predicate.
    pub fn total_rows(&self) -> Option<u64> {
        if self.predicate.is_some() || self.next != (0, 0) {
            return None;
        }
        let rows_of = |(file, chosen): (&ParquetFile, &Vec<usize>)| -> u64 {
            chosen.iter().map(|number| rows(file.parquet().row_group(*number))).sum()
        };
        let all: u64 = self.files.iter().zip(&self.chosen).map(rows_of).sum();
        Some(self.limit.passing(all))
    }

    /// The next batch, or none at the end. No batch is empty.
    ///
    /// # Errors
    /// Damaged data, or an error of the expression, with the file and row group.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        while !self.limit.is_done() {
            if self.decoder.is_none() && !self.start_next_run()? {
                break;
            }
            let Some(decoder) = &mut self.decoder else { continue };
            match decoder.next_batch()? {
                None => self.decoder = None,
                Some(batch) => {
                    self.seen_row_bytes = batch.get_array_memory_size() / batch.num_rows().max(1);
                    let batch = self.limit.apply(batch);
                    if batch.num_rows() > 0 {
                        return self.shape(&batch).map(Some);
                    }
                }
            }
        }
        // Nothing more is read after a limit: what is mapped and decoded can go.
        self.decoder = None;
        Ok(None)
    }

    /// Starts the next run that can hold a row that comes out; false at the end.
    fn start_next_run(&mut self) -> Result<bool> {
        loop {
            if let Some(run) = self.runs.next() {
                let file = &self.files[run.file];
                let decoding = self.decoding(file, run.row_group);
                self.decoder = Some(Decoder::start(file, &run, &decoding)?);
                return Ok(true);
            }
            let (file, place) = self.next;
            let Some(chosen) = self.chosen.get(file) else { return Ok(false) };
            match chosen.get(place) {
                None => self.next = (file + 1, 0),
                Some(row_group) => {
                    let runs = self.plan(file, *row_group);
                    self.next = (file, place + 1);
                    self.runs = runs.into_iter();
                }
            }
        }
    }

    /// The runs of a row group; none if statistics or `skip` rule it out.
    fn plan(&mut self, file: usize, row_group: usize) -> Vec<Run> {
        let parquet_file = &self.files[file];
        let all = rows(parquet_file.parquet().row_group(row_group)) as usize;
        let run = |rows| Run { file, row_group, rows };
        match &self.predicate {
            // Without a predicate it is known which rows are skipped: they are not even decoded.
            None => {
                let skipped = self.limit.pass_over(all as u64) as usize;
                let first = self.probe_rows(parquet_file, row_group).min(all - skipped);
                let runs = [skipped..skipped + first, skipped + first..all];
                runs.into_iter().filter(|rows| !rows.is_empty()).map(run).collect()
            }
            Some(predicate) if prune::can_match(parquet_file, row_group, predicate) => {
                let first = self.probe_rows(parquet_file, row_group).min(all);
                let starts = (first..all).step_by(RUN_ROWS);
                let later = starts.map(|start| start..all.min(start + RUN_ROWS));
                let runs = std::iter::once(0..first).chain(later);
                runs.filter(|rows| !rows.is_empty()).map(run).collect()
            }
            Some(_) => Vec::new(),
        }
    }

    /// How many rows to read first, to see how large they are: none where the footer tells.
    fn probe_rows(&self, file: &ParquetFile, row_group: usize) -> usize {
        let chunks = file.parquet().row_group(row_group).columns();
        let is_unknown = self.batch_rows.is_none() && self.seen_row_bytes == 0;
        if is_unknown && chunks.iter().any(hides_its_size) { PROBE_ROWS } else { 0 }
    }

    fn decoding(&self, file: &ParquetFile, row_group: usize) -> Decoding {
        let columns = leaves::mask(&self.projection, file.parquet().file_metadata().schema_descr());
        Decoding {
            batch_rows: self.batch_rows.unwrap_or_else(|| {
                // What the predicate reads is decoded too, whether it comes out or not.
                let asked = self.predicate.as_ref().map(|predicate| {
                    ProjectionMask::roots(
                        file.parquet().file_metadata().schema_descr(),
                        predicate.columns().iter().copied(),
                    )
                });
                let is_read = |leaf| {
                    columns.leaf_included(leaf)
                        || asked.as_ref().is_some_and(|asked| asked.leaf_included(leaf))
                };
                let bytes = row_bytes(file, row_group, is_read).max(self.seen_row_bytes);
                (BATCH_BYTES / bytes.max(1)).clamp(1, MOST_BATCH_ROWS)
            }),
            columns,
            predicate: self.predicate.clone(),
            most_rows: self.limit.needed().map(|most| usize::try_from(most).unwrap_or(usize::MAX)),
        }
    }

    /// Gives a decoded batch the order and schema in which it comes out.
    fn shape(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let ordered = match self.projection.order() {
            None => conform(batch, self.schema()),
            Some(order) => batch
                .project(order)
                .map_err(|e| Error::failed(format!("cannot reorder columns: {e}")))
                .and_then(|batch| conform(&batch, self.schema())),
        };
        ordered
            .map_err(|error| error.with(self.files[self.next.0.min(self.files.len() - 1)].name()))
    }
}

fn choose(files: &[ParquetFile], asked: Option<Vec<Vec<usize>>>) -> Result<Vec<Vec<usize>>> {
    let Some(asked) = asked else {
        return Ok(files.iter().map(|file| (0..file.row_groups()).collect()).collect());
    };
    if asked.len() != files.len() {
        return Err(Error::usage("the row groups of some files are not given"));
    }
    for (file, list) in files.iter().zip(&asked) {
        if let Some(wrong) = list.iter().find(|number| file.row_groups() <= **number) {
            return Err(Error::failed(format!("{}: no row group {wrong}", file.name())));
        }
    }
    Ok(asked)
}

/// Whether a chunk's values may be any number of times larger than it says: text behind a
/// dictionary, in a file whose writer did not note its size.
fn hides_its_size(chunk: &ColumnChunkMetaData) -> bool {
    chunk.column_type() == PhysicalType::BYTE_ARRAY
        && chunk.dictionary_page_offset().is_some()
        && chunk.unencoded_byte_array_data_bytes().is_none()
}

/// About how many bytes a decoded row takes: the widths of types, or what the footer says where
/// that is more.
fn row_bytes(file: &ParquetFile, row_group: usize, kept: impl Fn(usize) -> bool) -> usize {
    let row_group = file.parquet().row_group(row_group);
    let all = (rows(row_group) as usize).max(1);
    let leaves = row_group.columns().iter().enumerate().filter(|(leaf, _)| kept(*leaf));
    let bytes = leaves.map(|(_, chunk)| {
        let text_bytes = chunk.unencoded_byte_array_data_bytes().unwrap_or(0);
        let bytes = chunk.uncompressed_size().max(text_bytes);
        let stored = usize::try_from(bytes).unwrap_or(0) / all;
        let width = match chunk.column_type() {
            PhysicalType::BOOLEAN => 1,
            PhysicalType::INT32 | PhysicalType::FLOAT => 4,
            // A view, or an offset and a short string.
            PhysicalType::BYTE_ARRAY => 16,
            PhysicalType::INT64 | PhysicalType::DOUBLE | PhysicalType::INT96 => 8,
            PhysicalType::FIXED_LEN_BYTE_ARRAY => {
                usize::try_from(chunk.column_descr().type_length()).unwrap_or(16)
            }
        };
        stored.max(width)
    });
    bytes.fold(0, usize::saturating_add)
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scan").field("files", &self.files.len()).finish_non_exhaustive()
    }
}
