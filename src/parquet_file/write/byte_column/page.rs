//! A data page that is being filled.

use super::bounds::{Bounds, bounds_of};
use super::dictionary::Dictionary;
use super::levels::Levels;
use super::pages::DataPage;
use super::plain_values::PlainValues;
use super::values::{Slot, Values};
use super::{LENGTH_BYTES, hybrid};
use parquet::basic::Encoding;
use std::ops::Range;

/// Rows of a page, as indices of a dictionary or as values.
#[derive(Debug, Default)]
pub(super) struct Page {
    levels: Levels,
    indices: Indices,
    plain: PlainValues,
    /// The bytes of the values, without their lengths.
    value_bytes: usize,
    /// The min and max of values; those of indices are found at the end.
    bounds: Bounds,
    /// The encoded page, of plain values only the levels; it is kept for the next one.
    body: Vec<u8>,
}

/// Indices of a dictionary.
#[derive(Debug, Default)]
struct Indices {
    all: Vec<u32>,
    /// Each once.
    used: Vec<u32>,
    /// For each index, the number of the last page that uses it.
    last: Vec<u32>,
    /// The number of this page, from 1.
    page: u32,
}

impl Page {
    pub(super) fn rows(&self) -> usize {
        self.levels.rows()
    }

    /// The approximate size of the page; `dictionary` is that of its indices.
    pub(super) fn bytes(&self, dictionary: Option<&Dictionary>) -> usize {
        match dictionary {
            Some(dictionary) => 1 + hybrid::most_bytes(self.indices.all.len(), width(dictionary)),
            None => self.plain.len(),
        }
    }

    /// Adds rows whose values are added otherwise, or null.
    pub(super) fn add_rows(&mut self, rows: usize, are_valid: bool) {
        self.levels.add(rows, are_valid);
    }

    /// Adds the indices that `append` appends. Returns them.
    pub(super) fn add_indices(
        &mut self,
        dictionary: &mut Dictionary,
        append: impl FnOnce(&mut Dictionary, &mut Vec<u32>),
    ) -> &[u32] {
        let Indices { all, used, last, page } = &mut self.indices;
        let before = all.len();
        append(dictionary, all);
        last.resize(dictionary.len(), 0);
        let this = *page + 1;
        for index in &all[before..] {
            let last = &mut last[*index as usize];
            if *last != this {
                *last = this;
                used.push(*index);
            }
        }
        &all[before..]
    }

    /// Adds the bytes of values that were added by their indices.
    pub(super) fn add_value_bytes(&mut self, bytes: usize) {
        self.value_bytes += bytes;
    }

    /// Adds values of some rows, which have `value_bytes` bytes. `row` gives the place of a row's
    /// value.
    pub(super) fn add_values(
        &mut self,
        values: &impl Values,
        rows: Range<usize>,
        row: impl Fn(usize) -> usize,
        value_bytes: usize,
        has_bounds: bool,
    ) {
        let slot = |at: usize| values.slot(row(at));
        let length = value_bytes + LENGTH_BYTES * rows.len();
        let mut to = self.plain.add(length, Slot::SLACK_BYTES);
        for at in rows.clone() {
            let slot = slot(at);
            to[..LENGTH_BYTES].copy_from_slice(&(slot.len() as u32).to_le_bytes());
            slot.copy_to(&mut to[LENGTH_BYTES..]);
            to = &mut to[LENGTH_BYTES + slot.len()..];
        }
        self.value_bytes += value_bytes;
        if has_bounds {
            bounds_of(rows.map(slot)).into_iter().for_each(|bounds| self.bounds.add(bounds));
        }
    }

    /// Encodes the page. `dictionary` is that of its indices; `is_nullable` says that the column
    /// has levels.
    pub(super) fn finished<'a>(
        &'a mut self,
        dictionary: Option<&'a Dictionary>,
        is_nullable: bool,
        has_bounds: bool,
    ) -> DataPage<'a> {
        let Self { levels, indices, plain, value_bytes, bounds, body } = self;
        let (rows, nulls, value_bytes) = (levels.rows(), levels.nulls(), *value_bytes);
        body.clear();
        if is_nullable {
            levels.write(body);
        }
        let (body, encoding, bounds) = match dictionary {
            Some(dictionary) => {
                let width = width(dictionary);
                body.push(width as u8);
                hybrid::write(&indices.all, width, body);
                let values = indices.used.iter().map(|index| dictionary.value(*index));
                let bounds = has_bounds.then(|| bounds_of(values.map(Slot::alone))).flatten();
                (&body[..], Encoding::RLE_DICTIONARY, bounds)
            }
            None => (plain.page(body), Encoding::PLAIN, bounds.get()),
        };
        DataPage { body, encoding, rows, nulls, nans: 0, value_bytes, bounds }
    }

    /// Starts the next page.
    pub(super) fn clear(&mut self) {
        self.value_bytes = 0;
        self.levels.clear();
        self.indices.all.clear();
        self.indices.used.clear();
        self.indices.page += 1;
        self.plain.clear();
        self.bounds.clear();
    }
}

/// The bits of an index.
fn width(dictionary: &Dictionary) -> usize {
    hybrid::width_of(dictionary.len().saturating_sub(1))
}
