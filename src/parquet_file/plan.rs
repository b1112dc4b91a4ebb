//! Which runs of rows are read, in order, and in batches of how many rows.
//!
//! All of it follows from the files and the options alone: how many threads decode, and how fast,
//! never moves the border of a batch.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::DataType;
use parquet::arrow::ProjectionMask;
use parquet::basic::Type as PhysicalType;
use parquet::file::metadata::ColumnChunkMetaData;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::decode::{Decoder, Run, Selected, Source};
use super::file::{ParquetFile, rows};
use super::pages::Pages;
use super::{leaves, prune};
use crate::batch::limit::Limit;
use crate::expression::Predicate;
use crate::schema::Projection;

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

/// The runs that have still to be read.
pub(super) struct Plan {
    pub(super) files: Vec<ParquetFile>,
    /// For each file, the row groups to read.
    pub(super) chosen: Vec<Vec<usize>>,
    pub(super) projection: Projection,
    pub(super) predicate: Option<Arc<Predicate>>,
    pub(super) batch_rows: Option<usize>,
    /// Without a predicate: which rows are passed over, and after how many no more are read.
    pub(super) limit: Limit,
    /// What comes next: the file, and the place in its list.
    pub(super) next: (usize, usize),
    /// The file that is being read.
    pub(super) source: Option<Arc<Source>>,
    /// What is left of the present row group.
    pub(super) rest: Option<Run>,
}

impl Plan {
    /// How many rows come out altogether, if that is known: without a predicate.
    pub(super) fn total_rows(&self) -> Option<u64> {
        if self.predicate.is_some() {
            return None;
        }
        let rows_of = |(file, chosen): (&ParquetFile, &Vec<usize>)| -> u64 {
            chosen.iter().map(|number| rows(file.parquet().row_group(*number))).sum()
        };
        let all: u64 = self.files.iter().zip(&self.chosen).map(rows_of).sum();
        Some(self.limit.passing(all))
    }

    /// The next run that can hold a row that comes out; none at the end.
    pub(super) fn next_run(&mut self) -> Option<Run> {
        loop {
            if let Some(run) = self.rest.take() {
                return Some(self.split(run));
            }
            if self.limit.is_done() {
                return None;
            }
            let (file, place) = self.next;
            match self.chosen.get(file)?.get(place) {
                None => {
                    self.next = (file + 1, 0);
                    self.source = None;
                }
                Some(row_group) => {
                    let row_group = *row_group;
                    self.next = (file, place + 1);
                    self.rest = self.run(file, row_group);
                }
            }
        }
    }

    /// The rows of a row group that may come out; none if statistics or `skip` rule it out.
    fn run(&mut self, file: usize, row_group: usize) -> Option<Run> {
        let all = rows(self.files[file].parquet().row_group(row_group)) as usize;
        let rows = match &self.predicate {
            Some(predicate) if prune::can_match(&self.files[file], row_group, predicate) => 0..all,
            Some(_) => return None,
            // It is known which rows are skipped: they are not even decoded.
            None => {
                let first = self.limit.pass_over(all as u64) as usize;
                first..first + self.limit.take(all as u64 - first as u64) as usize
            }
        };
        if rows.is_empty() {
            return None;
        }
        let source = self.source(file);
        let batch_rows = self.batch_rows.unwrap_or_else(|| batch_rows(&source, row_group, &rows));
        Some(Run { source, row_group, rows, batch_rows })
    }

    /// Takes the first rows of a run with a predicate, and leaves the rest for later.
    fn split(&mut self, run: Run) -> Run {
        let end = run.rows.start + RUN_ROWS;
        if self.predicate.is_none() || run.rows.end <= end {
            return run;
        }
        self.rest = Some(Run { rows: end..run.rows.end, ..run.clone() });
        Run { rows: run.rows.start..end, ..run }
    }

    /// The file that is being read, opened once.
    fn source(&mut self, file: usize) -> Arc<Source> {
        if let Some(source) = &self.source {
            return source.clone();
        }
        let file = self.files[file].clone();
        let schema = file.parquet().file_metadata().schema_descr();
        let columns = leaves::of_columns(&self.projection, schema);
        let is_asked = |leaf: &usize| {
            let root = schema.get_column_root_idx(*leaf);
            self.predicate.iter().any(|predicate| predicate.columns().contains(&root))
        };
        let asked: Vec<usize> = (0..schema.num_columns()).filter(is_asked).collect();
        let read: BTreeSet<usize> = columns.iter().flatten().chain(&asked).copied().collect();
        let mask = |leaves: Vec<usize>| ProjectionMask::leaves(schema, leaves);
        let source = Arc::new(Source {
            pages: Pages::new(file.mapping().clone()),
            columns: columns.into_iter().map(mask).collect(),
            asked: mask(asked),
            read: read.into_iter().collect(),
            file: file.clone(),
        });
        self.source = Some(source.clone());
        source
    }
}

/// How many rows make a batch of the usual size.
fn batch_rows(source: &Arc<Source>, row_group: usize, rows: &Range<usize>) -> usize {
    let chunks = source.file.parquet().row_group(row_group).columns();
    let stored = row_bytes(&source.file, row_group, &source.read);
    let hidden = |leaf: &&usize| hides_its_size(&chunks[**leaf], rows.len());
    let hidden: Vec<usize> = source.read.iter().filter(hidden).copied().collect();
    let bytes = match hidden.is_empty() {
        true => stored,
        false => stored.saturating_add(hidden_row_bytes(source, row_group, rows, hidden)),
    };
    (BATCH_BYTES / bytes.max(1)).clamp(1, MOST_BATCH_ROWS)
}

/// Whether a chunk's values may be many times larger than it says: text behind a dictionary, in a
/// file whose writer did not note its size. No value is larger than all values of the dictionary.
fn hides_its_size(chunk: &ColumnChunkMetaData, rows: usize) -> bool {
    let most_bytes = usize::try_from(chunk.uncompressed_size()).unwrap_or(usize::MAX);
    chunk.column_type() == PhysicalType::BYTE_ARRAY
        && chunk.dictionary_page_offset().is_some()
        && chunk.unencoded_byte_array_data_bytes().is_none()
        && BATCH_BYTES < most_bytes.saturating_mul(rows)
}

/// The bytes of text in a row, as the first rows show them. Where they cannot be decoded, whoever
/// reads them in their turn will say so.
fn hidden_row_bytes(
    source: &Arc<Source>,
    row_group: usize,
    rows: &Range<usize>,
    leaves: Vec<usize>,
) -> usize {
    let count = rows.len().min(PROBE_ROWS);
    let probed = rows.start..rows.start + count;
    let run = Run { source: source.clone(), row_group, rows: probed, batch_rows: count };
    let schema = source.file.parquet().file_metadata().schema_descr();
    let columns = ProjectionMask::leaves(schema, leaves);
    let batch = Decoder::start(&run, columns, &Selected::All, count).and_then(|mut d| d.next());
    batch.map_or(0, |batch| batch.columns().iter().map(text_bytes).sum::<usize>() / count)
}

/// What the values take, as if each were held on its own.
fn text_bytes(column: &ArrayRef) -> usize {
    match column.data_type() {
        DataType::Utf8View => column.as_string_view().lengths().map(|bytes| bytes as usize).sum(),
        DataType::BinaryView => column.as_binary_view().lengths().map(|bytes| bytes as usize).sum(),
        // A value that is there once is no larger for being used often.
        DataType::Dictionary(_, _) => 0,
        _ => column.get_array_memory_size(),
    }
}

/// About how many bytes a decoded row takes: the widths of types, or what the footer says where
/// that is more.
fn row_bytes(file: &ParquetFile, row_group: usize, leaves: &[usize]) -> usize {
    let row_group = file.parquet().row_group(row_group);
    let all = (rows(row_group) as usize).max(1);
    let bytes = leaves.iter().map(|leaf| {
        let chunk = row_group.column(*leaf);
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
