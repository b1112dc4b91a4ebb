//! Which runs of rows are read, in order, and in batches of how many rows.
//!
//! All of it follows from the files and the options alone: how many threads decode, and how fast,
//! never moves the border of a batch.

use parquet::arrow::ProjectionMask;
use std::collections::{BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use super::coded::Shape;
use super::decode::{Run, Source};
use super::file::{ParquetFile, rows};
use super::leaves;
use super::pages::Pages;
use super::prune::{self, GAP_ROWS};
use super::row_size::{self, RowSize};
use crate::batch::limit::Limit;
use crate::expression::Predicate;
use crate::schema::Projection;

/// A batch is sized to about this many bytes where the number of rows is not given: large enough
/// that the costs of a batch do not show, small enough to stay in a processor's cache.
const BATCH_BYTES: usize = 2 << 20;

/// No batch is made larger than this for its rows being narrow.
const MOST_BATCH_ROWS: usize = 1 << 16;

/// A column that most of the work goes to is decoded in parts of a row group of this size, so that
/// threads share it. To begin in the middle costs the dictionary and a part of a page again, which
/// by custom are 1 MiB at most.
const PART_BYTES: usize = 4 << 20;

/// With a predicate, larger row groups are read in runs of this many rows, since the selection of
/// rows is kept for a whole run. Most writers make no larger row groups.
const RUN_ROWS: usize = 1 << 20;

/// The runs that have still to be read.
pub(super) struct Plan {
    pub(super) files: Vec<ParquetFile>,
    /// For each file, the row groups to read.
    pub(super) chosen: Vec<Vec<usize>>,
    pub(super) projection: Projection,
    /// For each column that is kept, in the order of the file, the shape in which it comes out.
    pub(super) shapes: Vec<Shape>,
    pub(super) predicate: Option<Arc<Predicate>>,
    pub(super) batch_rows: Option<usize>,
    pub(super) threads: usize,
    /// Without a predicate: which rows are passed over, and after how many no more are read.
    pub(super) limit: Limit,
    /// What comes next: the file, and the place in its list.
    pub(super) next: (usize, usize),
    /// The file that is being read.
    pub(super) source: Option<Arc<Source>>,
    /// What is left of the present row group, and how many of its rows are read at a time.
    pub(super) rest: VecDeque<(Run, usize)>,
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
            if let Some((run, part_rows)) = self.rest.pop_front() {
                return Some(self.split(run, part_rows));
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
                    self.rest = self.runs(file, row_group);
                }
            }
        }
    }

    /// The rows of a row group that may come out, as runs, and how many of them to read at a time;
    /// none if statistics or `skip` rule it out.
    fn runs(&mut self, file: usize, row_group: usize) -> VecDeque<(Run, usize)> {
        let all = rows(self.files[file].parquet().row_group(row_group)) as usize;
        let ranges = match &self.predicate {
            Some(predicate) => {
                prune::matching_rows(&self.files[file], row_group, predicate, GAP_ROWS)
            }
            // It is known which rows are skipped: they are not even decoded.
            None => {
                let first = self.limit.pass_over(all as u64) as usize;
                let end = first + self.limit.take(all as u64 - first as u64) as usize;
                std::iter::once(first..end).collect()
            }
        };
        let ranges = ranges.into_iter().filter(|rows| !rows.is_empty());
        ranges.map(|rows| self.run(file, row_group, rows)).collect()
    }

    fn run(&mut self, file: usize, row_group: usize, rows: Range<usize>) -> (Run, usize) {
        let source = self.source(file);
        let size = row_size::of(&source, row_group, &rows);
        let usual = (BATCH_BYTES / size.bytes.max(1)).clamp(1, MOST_BATCH_ROWS);
        let batch_rows = self.batch_rows.unwrap_or(usual);
        let batch_bytes = batch_rows.min(rows.len()).saturating_mul(size.bytes);
        let part_rows = match self.predicate {
            Some(_) => RUN_ROWS,
            None => self.part_batches(&size, batch_rows).saturating_mul(batch_rows),
        };
        (Run { source, row_group, rows, batch_rows, batch_bytes }, part_rows)
    }

    /// In how many batches at a time a row group is read without a predicate: all, unless a column
    /// is more than one thread's share of the work. The borders of batches do not move.
    fn part_batches(&self, size: &RowSize, batch_rows: usize) -> usize {
        let threads = size.largest_column_bytes.saturating_mul(self.threads);
        let is_shared = self.threads > 1 && size.bytes + size.bytes / 4 < threads;
        // A run or a dictionary would be another where a part begins.
        let is_plain = self.shapes.iter().all(|shape| *shape == Shape::Plain);
        if !is_shared || !is_plain || size.is_repeated {
            return usize::MAX;
        }
        (PART_BYTES / size.largest_column_bytes.saturating_mul(batch_rows).max(1)).max(1)
    }

    /// Takes the first rows of a run, and leaves the rest for later.
    fn split(&mut self, run: Run, part_rows: usize) -> Run {
        let end = run.rows.start.saturating_add(part_rows);
        if run.rows.end <= end {
            return run;
        }
        let (source, rest) = (run.source.clone(), end..run.rows.end);
        self.rest.push_front((Run { source, rows: rest, ..run }, part_rows));
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
            shapes: self.shapes.clone(),
            asked: mask(asked),
            read: read.into_iter().collect(),
            file: file.clone(),
        });
        self.source = Some(source.clone());
        source
    }
}
