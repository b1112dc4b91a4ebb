//! A data page that is being filled.

use super::bounds::{Bounds, bounds_of};
use super::dictionary::Dictionary;
use super::hybrid;
use super::pages::DataPage;
use super::values::{Slot, Values};
use parquet::basic::Encoding;
use std::ops::Range;

/// Rows of a page, as indices of a dictionary or as values.
#[derive(Debug, Default)]
pub(super) struct Page {
    rows: usize,
    nulls: usize,
    /// Whether rows are null or not, by adjacent rows of the same kind.
    levels: Vec<(bool, usize)>,
    indices: Indices,
    plain: Plain,
    /// The bytes of the values, without their lengths.
    value_bytes: usize,
    /// The min and max of values; those of indices are found at the end.
    bounds: Bounds,
    /// The encoded page, which is kept for the next one.
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

/// Values in the plain encoding. The bytes after `length` are left from earlier pages.
#[derive(Debug, Default)]
struct Plain {
    bytes: Vec<u8>,
    length: usize,
}

impl Page {
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The approximate size of the page; `dictionary` is that of its indices.
    pub(super) fn bytes(&self, dictionary: Option<&Dictionary>) -> usize {
        match dictionary {
            Some(dictionary) => 1 + hybrid::most_bytes(self.indices.all.len(), width(dictionary)),
            None => self.plain.length,
        }
    }

    /// Adds rows whose values are added otherwise, or null.
    pub(super) fn add_rows(&mut self, rows: usize, are_valid: bool) {
        self.rows += rows;
        self.nulls += if are_valid { 0 } else { rows };
        match self.levels.last_mut() {
            Some((same, count)) if *same == are_valid => *count += rows,
            _ => self.levels.push((are_valid, rows)),
        }
    }

    /// Adds an index of the dictionary.
    pub(super) fn add_index(&mut self, index: u32, dictionary: &Dictionary) {
        self.value_bytes += dictionary.length(index);
        let Indices { all, used, last, page } = &mut self.indices;
        all.push(index);
        if last.len() < dictionary.len() {
            last.resize(dictionary.len(), 0);
        }
        let last = &mut last[index as usize];
        if *last != *page + 1 {
            *last = *page + 1;
            used.push(index);
        }
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
        let Plain { bytes, length } = &mut self.plain;
        let end = *length + value_bytes + LENGTH_BYTES * rows.len();
        if bytes.len() < end + Slot::SLACK_BYTES {
            bytes.resize((end + Slot::SLACK_BYTES).max(2 * bytes.len()), 0);
        }
        let mut place = *length;
        for at in rows.clone() {
            let slot = slot(at);
            bytes[place..place + LENGTH_BYTES].copy_from_slice(&(slot.len() as u32).to_le_bytes());
            slot.copy_to(&mut bytes[place + LENGTH_BYTES..]);
            place += LENGTH_BYTES + slot.len();
        }
        *length = end;
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
        self.body.clear();
        if is_nullable {
            write_levels(&self.levels, &mut self.body);
        }
        let (encoding, bounds) = match dictionary {
            Some(dictionary) => {
                let width = width(dictionary);
                self.body.push(width as u8);
                hybrid::write(&self.indices.all, width, &mut self.body);
                let values = self.indices.used.iter().map(|index| dictionary.value(*index));
                let bounds = has_bounds.then(|| bounds_of(values.map(Slot::alone))).flatten();
                (Encoding::RLE_DICTIONARY, bounds)
            }
            None => (Encoding::PLAIN, self.bounds.get()),
        };
        let plain = &self.plain.bytes[..self.plain.length];
        let body = if dictionary.is_some() {
            &self.body
        } else if is_nullable {
            self.body.extend_from_slice(plain);
            &self.body
        } else {
            plain
        };
        let (rows, nulls, value_bytes) = (self.rows, self.nulls, self.value_bytes);
        DataPage { body, encoding, rows, nulls, nans: 0, value_bytes, bounds }
    }

    /// Starts the next page.
    pub(super) fn clear(&mut self) {
        (self.rows, self.nulls, self.value_bytes) = (0, 0, 0);
        self.levels.clear();
        self.indices.all.clear();
        self.indices.used.clear();
        self.indices.page += 1;
        self.plain.length = 0;
        self.bounds.clear();
    }
}

/// The bytes of a value's length.
pub(super) const LENGTH_BYTES: usize = 4;

/// The bits of an index.
fn width(dictionary: &Dictionary) -> usize {
    hybrid::width_of(dictionary.len().saturating_sub(1))
}

/// Writes the definition levels, after their length in bytes.
pub(crate) fn write_levels(levels: &[(bool, usize)], to: &mut Vec<u8>) {
    let start = to.len();
    to.extend_from_slice(&[0; LENGTH_BYTES]);
    match levels {
        [(level, rows)] => hybrid::write_run(u32::from(*level), *rows, 1, to),
        several => {
            let each = several
                .iter()
                .flat_map(|(level, rows)| std::iter::repeat_n(u32::from(*level), *rows));
            hybrid::write(&each.collect::<Vec<_>>(), 1, to);
        }
    }
    let length = (to.len() - start - LENGTH_BYTES) as u32;
    to[start..start + LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
}
