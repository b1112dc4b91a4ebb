//! The selection of record batches in a stream, by number. A stream is read from front to back, so
//! the numbers must ascend; those of a file need not (`messages` knows the position of each batch).

use super::framing::{Frame, Frames};
use crate::error::{Error, Result};
use crate::options::{NumberList, missing};
use arrow_ipc::MessageHeader;
use std::collections::VecDeque;
use std::ops::RangeInclusive;

/// The name of an item in messages.
pub(super) const WHAT: &str = "record batch";

/// The selected record batches that are still to come.
#[derive(Debug)]
pub(super) struct BatchSelection {
    ranges: VecDeque<RangeInclusive<usize>>,
    /// The number of the next record batch.
    next: usize,
}

impl BatchSelection {
    /// Resolves a list for a stream that has not been started yet.
    ///
    /// # Errors
    /// A list that is not ascending; one that counts from an end that is not known.
    pub(super) fn try_new(list: &NumberList, frames: &mut Frames) -> Result<Self> {
        let ranges = match list.resolve_ranges(None, WHAT) {
            // The headers are scanned only for a list that needs it.
            Err(_) if frames.remaining_bytes().is_some() => {
                list.resolve_ranges(Some(record_batches(frames)?), WHAT)?
            }
            ranges => ranges?,
        };
        if ranges.iter().zip(ranges.iter().skip(1)).any(|(one, next)| next.start() <= one.end()) {
            return Err(Error::failed(
                "record batches of a stream are read from front to back: name them in ascending \
                 order (those of a file can be read in any)",
            ));
        }
        Ok(Self { ranges: ranges.into(), next: 0 })
    }

    /// Advances by one record batch; returns whether it is selected.
    pub(super) fn takes_next(&mut self) -> bool {
        let place = self.next;
        self.next += 1;
        let takes = self.ranges.front().is_some_and(|range| range.contains(&place));
        if self.ranges.front().is_some_and(|range| *range.end() <= place) {
            self.ranges.pop_front();
        }
        takes
    }

    /// Whether no more batches are selected; then nothing more is requested from the producer
    /// either.
    pub(super) fn is_done(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Checks at the end of the input that all selected batches were found.
    ///
    /// # Errors
    /// A number above that of the last batch.
    pub(super) fn check_end(&self) -> Result<()> {
        let Some(range) = self.ranges.front() else { return Ok(()) };
        let number = if range.contains(&self.next) { *range.end() } else { *range.start() };
        Err(missing(number as i64, self.next, WHAT))
    }
}

/// Counts the record batches of a mapped input by their headers, and returns to its start.
fn record_batches(frames: &mut Frames) -> Result<usize> {
    frames.look_ahead(|frames| {
        let (mut count, mut is_open) = (0, false);
        loop {
            match frames.next(!is_open)? {
                Frame::Message(header) => {
                    is_open = true;
                    let is_batch = header.message()?.header_type() == MessageHeader::RecordBatch;
                    count += usize::from(is_batch);
                    frames.skip_body(&header)?;
                }
                Frame::EndMarker => is_open = false,
                Frame::EndOfInput => return Ok(count),
            }
        }
    })
}
