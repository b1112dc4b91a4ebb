//! One row of each group: its first, its last, or one that another value decides.

use super::accumulator::{Accumulator, Rows, StateField, failed, grow};
use crate::batch::vector_bytes;
use crate::error::Result;
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, UInt64Array, new_null_array};
use arrow::compute::{interleave, take};
use arrow::datatypes::DataType;
use std::ops::Range;
use std::sync::Arc;

/// The value of one row of each group.
#[derive(Debug)]
pub(super) struct Picks {
    /// The picked values; the first part is a null, for groups without a row.
    parts: Vec<ArrayRef>,
    places: Vec<Place>,
    /// The rows in all parts.
    rows: usize,
    bytes: usize,
}

/// A part, and a row in it.
type Place = (u32, u32);

const NOWHERE: Place = (0, 0);

/// Values that are no longer picked are dropped if there are more of them than of others, and more
/// than this.
const SPARE_ROWS: usize = 1 << 14;

impl Picks {
    pub(super) fn new(data_type: &DataType) -> Self {
        let parts = vec![new_null_array(data_type, 1)];
        Self { parts, places: Vec::new(), rows: 0, bytes: 0 }
    }

    pub(super) fn grow(&mut self, count: usize) {
        grow(&mut self.places, count, NOWHERE);
    }

    /// Whether a row of the group was picked.
    pub(super) fn has(&self, group: u32) -> bool {
        self.places[group as usize] != NOWHERE
    }

    /// Picks rows of an array: `picked` has groups and their rows; of several, the last one counts.
    ///
    /// # Errors
    /// More bytes than an array can have.
    pub(super) fn pick(&mut self, array: &ArrayRef, picked: &[(u32, usize)]) -> Result<()> {
        if picked.is_empty() {
            return Ok(());
        }
        let rows = UInt64Array::from_iter_values(picked.iter().map(|(_, row)| *row as u64));
        let part = take(array, &rows, None).map_err(failed)?;
        self.rows += part.len();
        self.bytes += part.get_buffer_memory_size();
        for (place, (group, _)) in (0..).zip(picked) {
            self.places[*group as usize] = (self.parts.len() as u32, place);
        }
        self.parts.push(part);
        if 2 * self.places.len() + SPARE_ROWS < self.rows {
            self.drop_spare()?;
        }
        Ok(())
    }

    fn drop_spare(&mut self) -> Result<()> {
        let part = self.values(0..self.places.len())?;
        for (row, place) in (0..).zip(&mut self.places) {
            if *place != NOWHERE {
                *place = (1, row);
            }
        }
        (self.rows, self.bytes) = (part.len(), part.get_buffer_memory_size());
        self.parts.truncate(1);
        self.parts.push(part);
        Ok(())
    }

    /// The values of some groups; null for those without a row.
    ///
    /// # Errors
    /// More bytes than an array can have.
    pub(super) fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        let parts: Vec<&dyn Array> = self.parts.iter().map(|part| &**part).collect();
        let places = self.places[groups].iter();
        let places: Vec<_> = places.map(|(part, row)| (*part as usize, *row as usize)).collect();
        interleave(&parts, &places).map_err(failed)
    }

    /// Whether a row of each of some groups was picked.
    pub(super) fn known(&self, groups: Range<usize>) -> ArrayRef {
        let known = self.places[groups].iter().map(|place| Some(*place != NOWHERE));
        Arc::new(known.collect::<BooleanArray>())
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes + vector_bytes(&self.places)
    }
}

/// The row that is picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pick {
    First,
    /// The first one that is not null.
    FirstValue,
    Last,
}

/// The values of the first or the last rows of groups.
#[derive(Debug)]
pub(super) struct Picked {
    data_type: DataType,
    pick: Pick,
    picks: Picks,
    /// For each group the last call in which a row was picked.
    picked_in: Vec<u32>,
    call: u32,
}

impl Picked {
    pub(super) fn new(data_type: &DataType, pick: Pick) -> Self {
        let (picks, picked_in) = (Picks::new(data_type), Vec::new());
        Self { data_type: data_type.clone(), pick, picks, picked_in, call: 0 }
    }

    fn add_rows(&mut self, rows: Rows<'_>, is_candidate: impl Fn(usize) -> bool) -> Result<()> {
        self.picks.grow(rows.count);
        grow(&mut self.picked_in, rows.count, 0);
        self.call += 1;
        let mut picked: Vec<(u32, usize)> = Vec::new();
        let mut look = |row: usize| {
            let group = rows.groups[row];
            let picked_in = &mut self.picked_in[group as usize];
            let is_open = self.pick == Pick::Last || !self.picks.has(group);
            if is_open && *picked_in != self.call && is_candidate(row) {
                *picked_in = self.call;
                picked.push((group, row));
            }
        };
        match self.pick {
            Pick::Last => (0..rows.groups.len()).rev().for_each(&mut look),
            _ => (0..rows.groups.len()).for_each(&mut look),
        }
        self.picks.pick(&rows.arguments[0], &picked)
    }
}

impl Accumulator for Picked {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        let nulls = rows.arguments[0].logical_nulls().filter(|_| self.pick == Pick::FirstValue);
        self.add_rows(rows, |row| nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)))
    }

    fn state_fields(&self) -> Vec<StateField> {
        vec![("value", self.data_type.clone()), ("is_known", DataType::Boolean)]
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        let known = states.arguments[1].as_boolean().clone();
        self.add_rows(states, |row| known.value(row))
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        self.picks.grow(count);
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.picks.values(groups.clone())?, self.picks.known(groups)])
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        self.picks.values(groups)
    }

    fn bytes(&self) -> usize {
        self.picks.bytes() + vector_bytes(&self.picked_in)
    }
}
