//! The parts of an object that were fetched, are being fetched, or will be fetched: which requests
//! are made, and in what order. Plain data, without requests.

use bytes::{Bytes, BytesMut};
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

/// The size of a request for a long range: at 100 MB/s and 30 ms of latency, waiting for the first
/// byte takes a quarter of the time, and eight requests at a time hide it.
pub(super) const BLOCK_BYTES: u64 = 8 << 20;

/// Ranges with a smaller gap are fetched by one request: the gap takes less than its latency.
const GAP_BYTES: u64 = 64 << 10;

/// The bytes that are fetched before they are needed: in flight, and waiting to be read.
const MOST_AHEAD_BYTES: u64 = 64 << 20;

/// The requests for planned ranges that are made at a time.
const MOST_REQUESTS: usize = 16;

/// A request for a few bytes reads this many: the next ones are likely to follow.
const LEAST_REQUEST_BYTES: u64 = 16 << 10;

/// The parts of one object. They never overlap.
#[derive(Debug, Default)]
pub(super) struct Extents {
    /// By their start.
    parts: BTreeMap<u64, Extent>,
    /// Announced ranges that were not requested yet, in the order of their need.
    planned: VecDeque<Range<u64>>,
    /// Starts of parts that were read to their end, which may be dropped, oldest first.
    passed: VecDeque<u64>,
    /// The bytes of all parts but pinned ones.
    held_bytes: u64,
    /// The requests without an answer.
    in_flight: usize,
}

#[derive(Debug)]
struct Extent {
    end: u64,
    /// None while they are being fetched.
    bytes: Option<Bytes>,
    /// Whether it stays: the end of the object.
    is_pinned: bool,
    /// Whether it was forgotten before it arrived.
    is_unwanted: bool,
}

/// The state of a range.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Here(Bytes),
    /// It is being fetched.
    Coming,
    /// This must be requested first.
    Missing(Range<u64>),
}

impl Extents {
    /// Keeps the end of the object for good.
    pub(super) fn pin(&mut self, start: u64, bytes: Bytes) {
        let end = start + bytes.len() as u64;
        self.parts
            .insert(start, Extent { end, bytes: Some(bytes), is_pinned: true, is_unwanted: false });
    }

    /// The bytes of a range, which is in an object of `size` bytes.
    pub(super) fn find(&self, range: &Range<u64>, size: u64) -> Found {
        let mut place = range.start;
        let mut pieces: Vec<Bytes> = Vec::new();
        while place < range.end {
            let Some((start, extent)) = self.around(place) else {
                return Found::Missing(self.request_at(place, range.end, size));
            };
            let (start, end) = (*start, extent.end.min(range.end));
            let Some(bytes) = &extent.bytes else {
                // What is missing after it is requested at once, too.
                return self.first_missing(range, size).map_or(Found::Coming, Found::Missing);
            };
            pieces.push(bytes.slice((place - start) as usize..(end - start) as usize));
            place = end;
        }
        Found::Here(match &mut pieces[..] {
            [] => Bytes::new(),
            [piece] => std::mem::take(piece),
            pieces => {
                let mut whole = BytesMut::with_capacity((range.end - range.start) as usize);
                pieces.iter().for_each(|piece| whole.extend_from_slice(piece));
                whole.freeze()
            }
        })
    }

    /// The end of the bytes at hand from `start` on; `start` if there are none.
    pub(super) fn end_at_hand(&self, start: u64) -> u64 {
        let here = self.around(start).filter(|(_, extent)| extent.bytes.is_some());
        here.map_or(start, |(_, extent)| extent.end)
    }

    /// Plans to fetch ranges that are not here yet.
    pub(super) fn plan(&mut self, ranges: &[Range<u64>]) {
        let mut wanted: Vec<Range<u64>> =
            ranges.iter().flat_map(|r| self.without_parts(r)).collect();
        wanted.sort_by_key(|range| range.start);
        self.planned.extend(in_order_of_need(joined(&wanted)));
    }

    /// The next planned request, if there is room for it.
    pub(super) fn next_request(&mut self) -> Option<Range<u64>> {
        loop {
            if MOST_REQUESTS <= self.in_flight {
                return None;
            }
            let next = self.planned.front()?.clone();
            let bytes = next.end - next.start;
            while MOST_AHEAD_BYTES < self.held_bytes + bytes {
                let passed = self.passed.pop_front()?;
                self.drop_part(passed);
            }
            self.planned.pop_front();
            // Meanwhile a part of it may have been requested by itself.
            let mut left = self.without_parts(&next);
            if left.is_empty() {
                continue;
            }
            let first = left.remove(0);
            left.into_iter().rev().for_each(|rest| self.planned.push_front(rest));
            return Some(first);
        }
    }

    /// Notes that a range has been requested.
    pub(super) fn requested(&mut self, range: &Range<u64>) {
        self.held_bytes += range.end - range.start;
        self.in_flight += 1;
        let extent = Extent { end: range.end, bytes: None, is_pinned: false, is_unwanted: false };
        self.parts.insert(range.start, extent);
    }

    /// Stores the bytes of a request.
    pub(super) fn arrived(&mut self, start: u64, bytes: Bytes) {
        self.in_flight = self.in_flight.saturating_sub(1);
        let Some(extent) = self.parts.get_mut(&start) else { return };
        extent.bytes = Some(bytes);
        if extent.is_unwanted {
            self.drop_part(start);
        }
    }

    /// Notes that somebody waits for a range.
    pub(super) fn want(&mut self, range: &Range<u64>) {
        let first = self.around(range.start).map_or(range.start, |(start, _)| *start);
        self.parts.range_mut(first..range.end).for_each(|(_, extent)| extent.is_unwanted = false);
    }

    /// Drops ranges that are not needed any more.
    pub(super) fn forget(&mut self, ranges: &[Range<u64>]) {
        let is_in = |inner: &Range<u64>| {
            let around = |outer: &Range<u64>| outer.start <= inner.start && inner.end <= outer.end;
            ranges.iter().any(around)
        };
        self.planned.retain(|planned| !is_in(planned));
        let unneeded = self.parts.iter_mut().filter(|(start, extent)| {
            // A joined part may begin or end in the gap between two of the ranges.
            let ends = [**start..**start + 1, extent.end - 1..extent.end];
            ends.iter().all(is_in)
        });
        let unneeded = unneeded.map(|(start, extent)| {
            extent.is_unwanted = true;
            *start
        });
        let unneeded: Vec<u64> = unneeded.collect();
        unneeded.into_iter().for_each(|start| self.drop_part(start));
    }

    fn drop_part(&mut self, start: u64) {
        if self.parts.get(&start).is_some_and(|extent| !extent.is_pinned && extent.bytes.is_some())
            && let Some(extent) = self.parts.remove(&start)
        {
            self.held_bytes -= extent.end - start;
        }
    }

    /// The part that contains a place.
    fn around(&self, place: u64) -> Option<(&u64, &Extent)> {
        let (start, extent) = self.parts.range(..=place).next_back()?;
        (place < extent.end).then_some((start, extent))
    }

    fn first_missing(&self, range: &Range<u64>, size: u64) -> Option<Range<u64>> {
        let missing = self.without_parts(range).into_iter().next()?;
        Some(self.request_at(missing.start, missing.end, size))
    }

    /// The request for bytes at a place that no part has: the planned one, or one for the bytes up
    /// to `end`.
    fn request_at(&self, place: u64, end: u64, size: u64) -> Range<u64> {
        let planned = self.planned.iter().find(|planned| planned.contains(&place));
        let end = planned.map_or(end.max(place + LEAST_REQUEST_BYTES), |planned| planned.end);
        let next = self.parts.range(place..).next().map_or(size, |(start, _)| *start);
        place..end.min(next).min(size)
    }

    /// The pieces of a range that are in no part.
    fn without_parts(&self, range: &Range<u64>) -> Vec<Range<u64>> {
        let mut left = Vec::new();
        let mut place = range.start;
        while place < range.end {
            match self.around(place) {
                Some((_, extent)) => place = extent.end,
                None => {
                    let next =
                        self.parts.range(place..).next().map_or(range.end, |(start, _)| *start);
                    let end = next.min(range.end);
                    left.push(place..end);
                    place = end;
                }
            }
        }
        left
    }

    /// Notes that a range was read: parts that end in it make room for others.
    pub(super) fn passed(&mut self, range: &Range<u64>) {
        let Some((start, _)) = self.around(range.start) else { return };
        let ended = self.parts.range(*start..range.end).filter(|(_, part)| part.end <= range.end);
        let ended: Vec<u64> = ended.map(|(start, _)| *start).collect();
        for start in ended {
            if !self.passed.contains(&start) {
                self.passed.push_back(start);
            }
        }
    }
}

/// Joins ranges with small gaps between them, up to the size of a block. They are in order.
fn joined(ranges: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut joined: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match joined.last_mut() {
            Some(last)
                if range.start <= last.end + GAP_BYTES
                    && range.end.max(last.end) - last.start <= BLOCK_BYTES =>
            {
                last.end = last.end.max(range.end);
            }
            _ => joined.push(range.clone()),
        }
    }
    joined
}

/// Divides long ranges into blocks. Column chunks are read side by side, so the first blocks of all
/// of them come first.
fn in_order_of_need(ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    let mut blocks: Vec<(u64, Range<u64>)> = Vec::new();
    for range in ranges {
        let bytes = (range.end - range.start).max(1);
        let mut start = range.start;
        while start < range.end {
            let end = (start + BLOCK_BYTES).min(range.end);
            // In thousandths of the range.
            blocks.push(((start - range.start).saturating_mul(1000) / bytes, start..end));
            start = end;
        }
    }
    blocks.sort_by_key(|(need, _)| *need);
    blocks.into_iter().map(|(_, block)| block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn bytes(range: &Range<u64>) -> Bytes {
        (range.start..range.end).map(|place| place as u8).collect::<Vec<_>>().into()
    }

    #[test]
    fn near_ranges_are_one_request_and_long_ones_several() {
        let mut extents = Extents::default();
        extents.plan(&[0..MIB, MIB + 1..2 * MIB, 4 * MIB..5 * MIB]);
        assert_eq!(extents.planned, [0..2 * MIB, 4 * MIB..5 * MIB]);
        let mut extents = Extents::default();
        extents.plan(&[100 * MIB..117 * MIB, 0..9 * MIB]);
        let first = [0..8 * MIB, 100 * MIB..108 * MIB];
        let then = [108 * MIB..116 * MIB, 8 * MIB..9 * MIB, 116 * MIB..117 * MIB];
        assert_eq!(extents.planned, [&first[..], &then].concat());
    }

    #[test]
    fn bytes_are_found_within_and_across_parts() {
        let mut extents = Extents::default();
        let size = 100 * MIB;
        extents.plan(std::slice::from_ref(&(0..200)));
        assert_eq!(extents.find(&(10..20), size), Found::Missing(10..200));
        extents.requested(&(10..200));
        assert_eq!(extents.find(&(10..20), size), Found::Coming);
        extents.arrived(10, bytes(&(10..200)));
        assert_eq!(extents.find(&(10..20), size), Found::Here(bytes(&(10..20))));
        assert_eq!(extents.next_request(), Some(0..10));
        extents.requested(&(0..10));
        extents.arrived(0, bytes(&(0..10)));
        assert_eq!(extents.next_request(), None);
        assert_eq!(extents.find(&(5..15), size), Found::Here(bytes(&(5..15))));
        assert_eq!(extents.end_at_hand(15), 200);
        // A few bytes are fetched with those that follow.
        assert_eq!(extents.find(&(199..201), size), Found::Missing(200..200 + 16 * 1024));
        assert_eq!(extents.find(&(size - 1..size), size), Found::Missing(size - 1..size));
        extents.requested(&(300..400));
        extents.forget(&[0..200, 250..500]);
        assert_eq!((extents.parts.len(), extents.held_bytes), (1, 100));
        extents.arrived(300, bytes(&(300..400)));
        assert_eq!((extents.parts.len(), extents.held_bytes), (0, 0));
    }

    #[test]
    fn only_so_much_is_fetched_ahead() {
        let mut extents = Extents::default();
        extents.plan(std::slice::from_ref(&(0..200 * MIB)));
        let mut ahead = 0;
        while let Some(request) = extents.next_request() {
            extents.requested(&request);
            extents.arrived(request.start, Bytes::from(vec![0; BLOCK_BYTES as usize]));
            ahead += request.end - request.start;
        }
        assert_eq!(ahead, MOST_AHEAD_BYTES);
        // What was read to its end makes room.
        assert!(matches!(extents.find(&(7 * MIB..8 * MIB), 200 * MIB), Found::Here(_)));
        assert_eq!(extents.next_request(), None);
        extents.passed(&(7 * MIB..8 * MIB));
        assert_eq!(extents.next_request(), Some(64 * MIB..72 * MIB));
        assert!(matches!(extents.find(&(0..1), 200 * MIB), Found::Missing(_)));
    }
}
