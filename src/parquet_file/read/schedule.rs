//! The schedule: what is decoded next, and how far ahead of the output. It has no threads of its
//! own.
//!
//! Each row range takes one step per batch and column, preceded by a row selection step if there is
//! a predicate. An idle thread takes the first free step, in the order of batches; the steps of one
//! column run one after another. The columns of a row group therefore advance nearly in lockstep,
//! the next row group starts while the previous one finishes, and decoding is never more than a few
//! batches per thread ahead of the output. Two alternatives are worse: whole row groups side by
//! side need memory for one row group per thread, or stall each other; and one thread that decodes
//! while another writes leaves nothing for a third to do.

use super::column_decoder::ColumnDecoder;
use super::column_work::{ColumnWork, Decoded, Next, Outcome, Step};
use super::source::{Matches, RowRange, Selected};
use crate::error::{Error, Result};
use crate::threads::crew::Queue;
use arrow::array::ArrayRef;
use std::collections::VecDeque;
use std::ops::RangeInclusive;

/// Below this size, one thread decodes several columns of a batch: waking another thread takes as
/// long.
const SMALL_BATCH_BYTES: usize = 128 << 10;

/// The amount of data per thread that may be in decoding or waiting for output: two batches of the
/// usual size.
const AHEAD_BYTES: usize = 4 << 20;

/// The number of batches per thread that may be ahead: at least the lower bound, and at most the
/// upper bound if batches are small.
const AHEAD_BATCHES: RangeInclusive<usize> = 2..=16;

/// Row ranges that are started but not finished, in order.
pub(crate) struct Schedule {
    open: VecDeque<OpenRange>,
    /// The number of the first one, counted from the start of the scan.
    first: u64,
    threads: usize,
    is_selective: bool,
    /// How many rows are still wanted from row ranges whose rows are not counted yet.
    wanted: Option<u64>,
}

struct OpenRange {
    range: RowRange,
    stage: Stage,
    /// The state of each column, once the selected rows are known.
    columns: Vec<ColumnState>,
    rows: usize,
    /// The number of batches returned.
    given: usize,
}

enum Stage {
    /// The predicate must be evaluated, or is being evaluated.
    Unselected { is_taken: bool },
    /// Evaluated, but an earlier row range is not, and that decides how many of these rows are
    /// wanted.
    Counted(Matches),
    /// Columns can be decoded.
    Ready(Selected),
    /// No further rows follow.
    Failed(Error),
}

#[derive(Default)]
struct ColumnState {
    decoder: Option<ColumnDecoder>,
    is_taken: bool,
    /// The number of decoded batches, including a failed one.
    steps: usize,
    has_failed: bool,
    waiting: VecDeque<Result<ArrayRef>>,
}

impl ColumnState {
    /// Whether the next batch can be decoded now, if there are `batches` in total.
    fn has_step(&self, batches: usize) -> bool {
        !self.is_taken && !self.has_failed && self.steps < batches
    }
}

impl Schedule {
    pub(crate) fn new(threads: usize, is_selective: bool, wanted: Option<u64>) -> Self {
        Self { open: VecDeque::new(), first: 0, threads, is_selective, wanted }
    }

    /// Whether another row range should be opened, so that there is work while a batch is written.
    pub(crate) fn wants_more(&self) -> bool {
        let unselected = self.open.iter().filter(|open| !open.is_ready()).count();
        let batches: usize = self.open.iter().map(OpenRange::batches_left).sum();
        let most_batches = self.open.back().map_or(0, |open| self.batches_ahead(&open.range));
        self.wanted != Some(0) && unselected < self.ranges_ahead() && batches <= most_batches
    }

    pub(crate) fn open(&mut self, range: RowRange) {
        let rows = range.rows.len();
        let columns = std::iter::repeat_with(ColumnState::default).take(range.source.columns.len());
        self.open.push_back(OpenRange {
            stage: if self.is_selective {
                Stage::Unselected { is_taken: false }
            } else {
                Stage::Ready(Selected::All)
            },
            columns: columns.collect(),
            rows,
            given: 0,
            range,
        });
    }

    /// Whether no row range is open, so that no batch can follow.
    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// The next batch, if it is complete.
    ///
    /// # Errors
    /// The first error in the order of rows, then of columns.
    pub(crate) fn next(&mut self) -> Result<Next> {
        loop {
            let Some(open) = self.open.front_mut() else { return Ok(Next::Nothing) };
            match &open.stage {
                Stage::Ready(_) if open.batches_left() == 0 => {}
                Stage::Ready(_) => return open.next_batch(),
                Stage::Failed(error) => return Err(error.clone()),
                Stage::Unselected { .. } | Stage::Counted(_) => return Ok(Next::Unfinished),
            }
            self.open.pop_front();
            self.first += 1;
        }
    }

    /// The index of a row range and of one of its columns, or no column if its rows must be
    /// selected.
    fn find_step(&self) -> Option<(usize, Option<usize>)> {
        let mut before = 0;
        let mut found: Option<(usize, (usize, Option<usize>))> = None;
        for (place, open) in self.open.iter().enumerate() {
            if matches!(open.stage, Stage::Unselected { is_taken: false }) {
                // Rows are selected ahead only if there is nothing to decode.
                return Some(found.map_or((place, None), |(_, step)| step));
            }
            if !open.is_ready() {
                continue;
            }
            let most_batches = self.batches_ahead(&open.range);
            for (column, state) in open.columns.iter().enumerate() {
                let ahead = before + state.steps - open.given;
                let is_first = found.is_none_or(|(least, _)| ahead < least);
                if is_first && ahead < most_batches && state.has_step(open.batches()) {
                    if ahead == 0 {
                        return Some((place, Some(column)));
                    }
                    found = Some((ahead, (place, Some(column))));
                }
            }
            before += open.batches_left();
        }
        found.map(|(_, step)| step)
    }

    /// Allows decoding of row ranges whose rows are counted, provided those of all earlier ranges
    /// are.
    fn admit(&mut self) {
        for open in &mut self.open {
            match &mut open.stage {
                Stage::Ready(_) => {}
                Stage::Counted(matches) => {
                    open.rows = matches.count;
                    if let Some(wanted) = &mut self.wanted {
                        open.rows = (*wanted).min(matches.count as u64) as usize;
                        *wanted -= open.rows as u64;
                    }
                    for (column, values) in matches.kept.drain(..) {
                        let values = values.slice(0, open.rows);
                        let kept = ColumnDecoder::Kept(values, open.range.batch_rows);
                        open.columns[column].decoder = Some(kept);
                    }
                    let rows = std::mem::replace(&mut matches.rows, Selected::All);
                    open.stage = Stage::Ready(rows);
                }
                Stage::Unselected { .. } | Stage::Failed(_) => return,
            }
        }
    }

    fn find(&mut self, number: u64) -> Option<&mut OpenRange> {
        self.open.get_mut(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// How many batches decoding may be ahead of the output.
    fn batches_ahead(&self, range: &RowRange) -> usize {
        if self.threads == 1 {
            return 1;
        }
        let each = AHEAD_BYTES / range.batch_bytes.max(1);
        self.threads.saturating_mul(each.clamp(*AHEAD_BATCHES.start(), *AHEAD_BATCHES.end()))
    }

    /// The number of row ranges whose rows are being selected or wait for earlier ranges: with a
    /// limit, no more than were needed so far.
    fn ranges_ahead(&self) -> usize {
        let ranges = if self.threads == 1 { 1 } else { self.threads.saturating_add(1) };
        let needed = usize::try_from(self.first).unwrap_or(usize::MAX).saturating_add(1);
        if self.wanted.is_none() { ranges } else { ranges.min(needed) }
    }
}

impl Queue for Schedule {
    type Job = Step;
    type Outcome = Outcome;

    /// Takes the first step that is ready and not taken yet.
    fn take(&mut self) -> Option<Step> {
        let (place, column) = self.find_step()?;
        let number = self.first + place as u64;
        let open = self.open.get_mut(place)?;
        let Some(first) = column else {
            open.stage = Stage::Unselected { is_taken: true };
            return Some(Step::Select { number, range: open.range.clone() });
        };
        let Stage::Ready(selected) = &open.stage else { return None };
        let batches = open.batches();
        // Narrow columns are taken together, up to the size of a small batch: finding the next step
        // means looking at every column.
        let share = open.columns.len().saturating_mul(SMALL_BATCH_BYTES);
        let most_columns = share.div_ceil(open.range.batch_bytes.max(1)).max(1);
        let steps = open.columns[first].steps;
        let columns = open.columns.iter_mut().enumerate().skip(first);
        let ready = columns.filter(|(_, state)| state.steps == steps && state.has_step(batches));
        let work = ready.take(most_columns).map(|(column, state)| {
            state.is_taken = true;
            ColumnWork {
                range: open.range.clone(),
                column,
                selected: selected.clone(),
                rows: open.rows,
                decoder: state.decoder.take(),
            }
        });
        Some(Step::Decode { number, columns: work.collect() })
    }

    fn has_job(&self) -> bool {
        self.find_step().is_some()
    }

    fn put(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Selected { number, result } => {
                if let Some(open) = self.find(number) {
                    open.stage = result.map_or_else(Stage::Failed, Stage::Counted);
                }
                self.admit();
            }
            Outcome::Decoded { number, columns } => {
                let Some(open) = self.find(number) else { return };
                for (column, decoder, result) in columns {
                    let state = &mut open.columns[column];
                    state.is_taken = false;
                    state.decoder = decoder;
                    state.steps += 1;
                    state.has_failed = result.is_err();
                    state.waiting.push_back(result);
                }
            }
        }
    }
}

impl OpenRange {
    fn is_ready(&self) -> bool {
        matches!(self.stage, Stage::Ready(_))
    }

    /// The number of batches still to be returned, as far as it is known.
    fn batches_left(&self) -> usize {
        if self.is_ready() { self.batches() - self.given } else { 0 }
    }

    fn batches(&self) -> usize {
        self.rows.div_ceil(self.range.batch_rows)
    }

    fn next_batch(&mut self) -> Result<Next> {
        if self.columns.iter().any(|column| column.waiting.is_empty()) {
            return Ok(Next::Unfinished);
        }
        let arrays = self.columns.iter_mut().filter_map(|column| column.waiting.pop_front());
        let arrays: Vec<ArrayRef> = arrays.collect::<Result<_>>()?;
        let before = self.given * self.range.batch_rows;
        let rows = (self.rows - before).min(self.range.batch_rows);
        self.given += 1;
        let RowRange { source, row_group, .. } = self.range.clone();
        let first_row = self.range.rows.start + before;
        Ok(Next::Batch(Decoded { source, columns: arrays, rows, row_group, first_row }))
    }
}
