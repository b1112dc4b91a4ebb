//! Which record batches of a stream are read, by number. A stream goes from front to back, so its
//! numbers must, too; a file's need not (`messages` knows where each one lies).

use super::framing::{Frame, Frames};
use crate::endpoint::{NumberList, missing};
use crate::error::{Error, Result};
use arrow_ipc::MessageHeader;
use std::collections::VecDeque;
use std::ops::RangeInclusive;

/// What messages call one of them.
pub(super) const WHAT: &str = "record batch";

/// The record batches that are still to come, and those that are asked for.
#[derive(Debug)]
pub(super) struct Picked {
    ranges: VecDeque<RangeInclusive<usize>>,
    /// The number of the next record batch.
    next: usize,
}

impl Picked {
    /// Reads a list for a stream that was not begun yet.
    ///
    /// # Errors
    /// A list that does not ascend; one that counts from the end, where the end is not at hand.
    pub(super) fn try_new(list: &NumberList, frames: &mut Frames) -> Result<Self> {
        let ranges = match list.resolve_ranges(None, WHAT) {
            // Only a list that needs it is worth a walk through all headers.
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

    /// Goes one record batch further: whether it is to be read.
    pub(super) fn takes_next(&mut self) -> bool {
        let place = self.next;
        self.next += 1;
        let takes = self.ranges.front().is_some_and(|range| range.contains(&place));
        if self.ranges.front().is_some_and(|range| *range.end() <= place) {
            self.ranges.pop_front();
        }
        takes
    }

    /// Whether nothing more is asked for: the producer need not be asked either.
    pub(super) fn is_done(&self) -> bool {
        self.ranges.is_empty()
    }

    /// At the end of the input all must have come.
    ///
    /// # Errors
    /// A number above that of the last one.
    pub(super) fn check_end(&self) -> Result<()> {
        match self.ranges.front() {
            None => Ok(()),
            Some(range) => {
                let number = if range.contains(&self.next) { *range.end() } else { *range.start() };
                Err(missing(number as i64, self.next, WHAT))
            }
        }
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
