//! The row ranges that are read, in order, and the number of rows in their batches.
//!
//! All of this depends only on the files and the options: the number of threads and their speed
//! never move a batch boundary.

use super::batch_rows;
use super::chosen_rows::ChosenRows;
use super::encoded::output_encoding::OutputEncoding;
use super::row_size::{self, RowSize};
use super::scan_files::Files;
use super::source::{OpenFile, RowRange};
use crate::batch::limit::Limit;
use crate::error::Error;
use crate::parquet_file::file::rows;
use crate::threads::in_order::{Effort, Given, InOrder};
use std::collections::VecDeque;
use std::sync::Arc;

/// The approximate size of a batch if the number of rows is not given: large enough that the fixed
/// cost of a batch does not matter, small enough to stay in the processor cache.
const BATCH_BYTES: usize = 2 << 20;

/// The maximum number of rows in a batch of narrow rows.
const MOST_BATCH_ROWS: usize = 1 << 16;

/// A column that takes most of the work is decoded in parts of a row group of this size, so that
/// threads share it. Starting in the middle costs the dictionary and part of a page again, which
/// are usually 1 MiB at most.
const PART_BYTES: usize = 4 << 20;

/// With a predicate, larger row groups are read in row ranges of this many rows, because the
/// selection is kept for a whole range. Most writers make no larger row groups.
const RANGE_ROWS: usize = 1 << 20;

/// The row ranges still to be read.
pub(crate) struct ScanPlan {
    /// The files, opened ahead; pruned files yield `None`.
    pub(crate) sources: InOrder<Option<OpenFile>>,
    /// Whether there is a predicate.
    pub(crate) is_selective: bool,
    pub(crate) batch_rows: Option<usize>,
    pub(crate) threads: usize,
    /// Without a predicate: which rows are skipped, and after how many rows reading ends.
    pub(crate) limit: Limit,
    /// The file whose row groups are being chosen.
    pub(crate) choosing: Choosing,
    /// The next row groups, whose bytes are on their way if they are fetched.
    pub(crate) ahead: VecDeque<ChosenRows>,
    /// The rest of the current row group, and how many of its rows are read at a time.
    pub(crate) rest: VecDeque<(RowRange, usize)>,
}

/// How far the choice of row groups has come.
pub(crate) struct Choosing {
    pub(crate) files: Arc<Files>,
    /// The number of the next file that is opened.
    pub(crate) next_file: usize,
    /// The open file, and the position of its next row group in its list of row groups.
    pub(crate) current: Option<(Arc<OpenFile>, usize)>,
    /// Why the next file cannot be opened, as was found before its turn.
    pub(crate) failed: Option<Error>,
    /// The number of row groups that were passed on.
    pub(crate) passed: usize,
}

/// The row groups that are fetched while the first one is decoded. Later ones may be more.
const ROW_GROUPS_AHEAD: usize = 2;

/// Small row groups, often each in a file of its own, are fetched this far ahead ...
const MOST_GROUPS_AHEAD: usize = 16;

/// ... up to this many bytes: at 100 MB/s and 100 ms of latency, 10 MB are on their way.
const AHEAD_BYTES: u64 = 16 << 20;

impl ScanPlan {
    /// The next row range that may contain output rows; not yet if it depends on a file that is not
    /// open. `effort` limits what may be done to open the next file.
    ///
    /// # Errors
    /// A file that cannot be opened or has a different schema. Nothing follows an error.
    pub(crate) fn next_range(&mut self, effort: Effort) -> Given<RowRange> {
        loop {
            if let Some((range, part_rows)) = self.rest.pop_front() {
                return Given::Result(Ok(self.split(range, part_rows)));
            }
            if self.ahead.is_empty() {
                if self.limit.is_done() {
                    return Given::End;
                }
                match self.choose(effort) {
                    Given::Result(Ok(chosen)) => self.ahead.push_back(chosen),
                    Given::Result(Err(error)) => return Given::Result(Err(error)),
                    Given::NotYet => return Given::NotYet,
                    Given::End => return Given::End,
                }
            }
            if let Some(chosen) = self.ahead.pop_front() {
                chosen.source.pass(chosen.row_group);
                self.choosing.passed += 1;
                self.look_ahead();
                self.rest = chosen.row_ranges().map(|range| self.with_batches(range)).collect();
            }
        }
    }

    /// Chooses the rows of the next row group.
    fn choose(&mut self, effort: Effort) -> Given<ChosenRows> {
        loop {
            if let Some((source, place)) = self.choosing.current.take() {
                if let Some(row_group) = source.row_groups.get(place).copied() {
                    self.choosing.current = Some((Arc::clone(&source), place + 1));
                    return Given::Result(Ok(self.chosen_rows(source, row_group)));
                }
                continue;
            }
            if let Some(error) = self.choosing.failed.take() {
                return Given::Result(Err(error));
            }
            match self.sources.next(effort) {
                Given::Result(Ok(source)) => {
                    if let Some(ledger) = source.as_ref().and_then(|it| it.ledger.as_ref()) {
                        ledger.file();
                    }
                    self.choosing.next_file += 1;
                    self.choosing.current = source.map(|source| (Arc::new(source), 0));
                }
                Given::Result(Err(error)) => return Given::Result(Err(error)),
                Given::NotYet => return Given::NotYet,
                Given::End => return Given::End,
            }
        }
    }

    /// Chooses the rows of the next row groups if they are to be fetched: of this file, and of the
    /// next ones as soon as they are open.
    fn look_ahead(&mut self) {
        while self.has_room_ahead() && !self.limit.is_done() {
            let Choosing { files, next_file, current, failed, .. } = &self.choosing;
            let effort = match current {
                Some((source, place)) if *place < source.row_groups.len() => {
                    if !source.file.bytes().fetches() {
                        return;
                    }
                    Effort::Take
                }
                _ if failed.is_some() || !files.is_object(*next_file) => return,
                _ if files.opens_at_once(*next_file) => Effort::Work,
                _ => Effort::Take,
            };
            match self.choose(effort) {
                Given::Result(Ok(chosen)) => self.ahead.push_back(chosen),
                Given::Result(Err(error)) => {
                    self.choosing.failed = Some(error);
                    return;
                }
                Given::NotYet | Given::End => return,
            }
        }
    }

    /// Whether more row groups may be fetched ahead, no more than were read so far.
    fn has_room_ahead(&self) -> bool {
        let most = self.choosing.passed.min(MOST_GROUPS_AHEAD);
        let bytes = || self.ahead.iter().map(ChosenRows::fetched_bytes).sum::<u64>();
        self.ahead.len() < ROW_GROUPS_AHEAD || self.ahead.len() < most && bytes() < AHEAD_BYTES
    }

    /// The rows of a row group that may be output; none if statistics or `skip` exclude all of them.
    fn chosen_rows(&mut self, source: Arc<OpenFile>, row_group: usize) -> ChosenRows {
        if self.is_selective {
            return ChosenRows::matching(source, row_group);
        }
        // The skipped rows are known, so they are not even decoded.
        let all = rows(source.file.parquet().row_group(row_group));
        let first = self.limit.skip_next(all) as usize;
        let end = first + self.limit.take(all - first as u64) as usize;
        ChosenRows::unfiltered(source, row_group, first..end)
    }

    /// Chooses the batches of a row range, and how many of its rows are read at a time.
    fn with_batches(&self, mut range: RowRange) -> (RowRange, usize) {
        let size = row_size::of(&range);
        let row_bytes = size.bytes.saturating_add(range.source.constant_row_bytes);
        let usual = (BATCH_BYTES / row_bytes.max(1)).clamp(1, MOST_BATCH_ROWS);
        let batch_rows = batch_rows::bounded(&range, self.batch_rows.unwrap_or(usual));
        let part_rows = if self.is_selective {
            RANGE_ROWS
        } else {
            self.part_batches(&range.source, &size, batch_rows).saturating_mul(batch_rows)
        };
        range.batch_rows = batch_rows;
        range.batch_bytes = batch_rows.min(range.rows.len()).saturating_mul(row_bytes);
        (range, part_rows)
    }

    /// The number of batches of a row group that are read at a time without a predicate: all,
    /// unless one column is more than one thread's share of the work. Batch boundaries do not move.
    fn part_batches(&self, source: &OpenFile, size: &RowSize, batch_rows: usize) -> usize {
        let threads = size.largest_column_bytes.saturating_mul(self.threads);
        let others = size.bytes.saturating_add(size.bytes / 4);
        let is_shared = self.threads > 1 && others < threads;
        // Run ends or a dictionary would differ at the start of each part.
        let is_plain = source.columns.iter().all(|column| column.shape == OutputEncoding::Plain);
        // Each part walks from the start of its chunks, whose bytes would be fetched again.
        let is_fetched = source.file.bytes().fetches();
        if !is_shared || !is_plain || size.is_repeated || is_fetched {
            return usize::MAX;
        }
        (PART_BYTES / size.largest_column_bytes.saturating_mul(batch_rows).max(1)).max(1)
    }

    /// Takes the first rows of a row range, and leaves the rest for later.
    fn split(&mut self, range: RowRange, part_rows: usize) -> RowRange {
        let end = range.rows.start.saturating_add(part_rows);
        if range.rows.end <= end {
            return range;
        }
        let rest = RowRange { rows: end..range.rows.end, ..range.clone() };
        self.rest.push_front((rest, part_rows));
        RowRange { rows: range.rows.start..end, ..range }
    }
}
