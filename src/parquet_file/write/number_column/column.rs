//! The encoder of a column of numbers in a row group.

use super::super::byte_column::{DataPage, Limits, NumberOrder, Pages, hybrid, write_levels};
use super::delta::Delta;
use super::dictionary::Dictionary;
use super::number::Number;
use arrow::array::{Array, ArrayRef};
use arrow::buffer::ScalarBuffer;
use arrow::datatypes::ToByteSlice;
use parquet::basic::Encoding;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};

/// The most values that are added before the size of the page is checked.
const STEP: usize = 1 << 10;

/// A column of numbers that is being encoded; floats are numbers with the same bits.
pub(crate) struct NumberColumn<N> {
    pub(super) pages: Pages,
    pub(super) page: Page,
    /// The values of the page, if they are plain.
    pub(super) values: Vec<N>,
    /// The values of the page as differences, if they are not plain.
    pub(super) delta: Option<Delta<N>>,
    /// The dictionary, unless there is none, or it was abandoned.
    pub(super) dictionary: Option<Dictionary<N>>,
    pub(super) order: NumberOrder,
    pub(super) is_nullable: bool,
    pub(super) limits: Limits,
    /// The encoded page, which is kept for the next one.
    pub(super) body: Vec<u8>,
}

/// The page that is being filled.
#[derive(Debug, Default)]
pub(super) struct Page {
    rows: usize,
    nulls: usize,
    nans: usize,
    /// Whether rows are null or not, by adjacent rows of the same kind.
    levels: Vec<(bool, usize)>,
    /// Indices of the dictionary.
    codes: Vec<u32>,
    /// The ranks of the min and the max.
    bounds: Option<(u64, u64)>,
}

impl Page {
    fn add_rows(&mut self, rows: usize, are_valid: bool) {
        self.rows += rows;
        self.nulls += if are_valid { 0 } else { rows };
        match self.levels.last_mut() {
            Some((same, count)) if *same == are_valid => *count += rows,
            _ => self.levels.push((are_valid, rows)),
        }
    }

    fn clear(&mut self) {
        self.levels.clear();
        self.codes.clear();
        (self.rows, self.nulls, self.nans, self.bounds) = (0, 0, 0, None);
    }
}

impl<N: Number> NumberColumn<N> {
    /// Adds rows: plain values of a type with the width of `N`.
    ///
    /// # Errors
    /// A null in a column that has none; a type of another width.
    pub(crate) fn write(&mut self, array: &ArrayRef) -> Result<()> {
        let nulls = array.nulls().filter(|nulls| nulls.null_count() > 0);
        if nulls.is_some() && !self.is_nullable {
            return Err(ParquetError::General("a column without nulls has a null".to_owned()));
        }
        let data = array.to_data();
        let buffer = data.buffers().first().cloned().unwrap_or_default();
        if array.data_type().primitive_width() != Some(size_of::<N>()) {
            let wrong = format!("{} is not stored as such a number", array.data_type());
            return Err(ParquetError::General(wrong));
        }
        let values = ScalarBuffer::<N>::new(buffer, data.offset(), data.len());
        let Some(nulls) = nulls else { return self.write_valid(&values) };
        let mut end = 0;
        for (start, valid_end) in nulls.valid_slices() {
            self.write_nulls(start - end)?;
            self.write_valid(&values[start..valid_end])?;
            end = valid_end;
        }
        self.write_nulls(values.len() - end)
    }

    fn write_nulls(&mut self, mut rows: usize) -> Result<()> {
        while rows > 0 {
            let some = rows.min(self.limits.page_rows - self.page.rows);
            self.page.add_rows(some, false);
            rows -= some;
            self.end_full_page()?;
        }
        Ok(())
    }

    fn write_valid(&mut self, values: &[N]) -> Result<()> {
        let mut left = values;
        while !left.is_empty() {
            let most = (self.limits.page_rows - self.page.rows).min(STEP);
            let added = self.add(&left[..left.len().min(most)]);
            let (part, rest) = left.split_at(added);
            if self.pages.has_bounds() {
                self.add_bounds(part);
            }
            self.page.add_rows(added, true);
            left = rest;
            self.end_full_page()?;
        }
        Ok(())
    }

    /// Adds the first of some values to the page. Returns their number.
    fn add(&mut self, values: &[N]) -> usize {
        if let Some(dictionary) = &mut self.dictionary {
            let most = self.limits.dictionary_bytes.div_ceil(size_of::<N>());
            if dictionary.values().len() + values.len() < most {
                self.page.codes.extend(values.iter().map(|value| dictionary.code(*value)));
                return values.len();
            }
            for (place, value) in values.iter().enumerate() {
                self.page.codes.push(dictionary.code(*value));
                if most <= dictionary.values().len() {
                    return place + 1;
                }
            }
            return values.len();
        }
        if let Some(delta) = &mut self.delta {
            delta.add(values);
            return values.len();
        }
        let room = self.limits.page_bytes.saturating_sub(size_of_val(&self.values[..]));
        let fits = values.len().min(room.div_ceil(size_of::<N>()).max(1));
        self.values.extend_from_slice(&values[..fits]);
        fits
    }

    fn add_bounds(&mut self, values: &[N]) {
        let order = self.order;
        // No number has these as min and max.
        let none = (u64::MAX, 0);
        let mut nans = 0;
        let (mut min, mut max) = self.page.bounds.unwrap_or(none);
        let mut add = |rank: u64| (min, max) = (min.min(rank), max.max(rank));
        let bits = values.iter().map(|value| value.number() as u64);
        if order.is_of_floats() {
            for bits in bits {
                if order.is_nan(bits) {
                    nans += 1;
                } else {
                    add(order.rank(bits));
                }
            }
        } else {
            bits.for_each(|bits| add(order.rank(bits)));
        }
        self.page.nans += nans;
        if nans < values.len() {
            self.page.bounds = Some((min, max));
        }
    }

    fn end_full_page(&mut self) -> Result<()> {
        if self.limits.page_rows <= self.page.rows || self.limits.page_bytes <= self.page_bytes() {
            self.end_page()?;
        }
        let most = self.limits.dictionary_bytes;
        let is_full = |dictionary: &Dictionary<N>| most <= size_of_val(dictionary.values());
        if self.dictionary.as_ref().is_some_and(is_full) {
            self.end_dictionary()?;
        }
        Ok(())
    }

    /// The approximate size of the page.
    fn page_bytes(&self) -> usize {
        match (&self.dictionary, &self.delta) {
            (Some(dictionary), _) => {
                1 + hybrid::most_bytes(self.page.codes.len(), index_width(dictionary))
            }
            (None, Some(delta)) => delta.bytes(),
            (None, None) => size_of_val(&self.values[..]),
        }
    }

    fn end_page(&mut self) -> Result<()> {
        let Page { rows, nulls, nans, levels, codes, bounds } = &self.page;
        if *rows == 0 {
            return Ok(());
        }
        self.body.clear();
        if self.is_nullable {
            write_levels(levels, &mut self.body);
        }
        let encoding = match (&self.dictionary, &mut self.delta) {
            (Some(dictionary), _) => {
                let width = index_width(dictionary);
                self.body.push(width as u8);
                hybrid::write(codes, width, &mut self.body);
                Encoding::RLE_DICTIONARY
            }
            (None, Some(delta)) => {
                delta.finish(&mut self.body);
                Encoding::DELTA_BINARY_PACKED
            }
            (None, None) => {
                self.body.extend_from_slice(self.values.to_byte_slice());
                Encoding::PLAIN
            }
        };
        let bounds = bounds.map(|(min, max)| [min, max].map(|rank| self.order.to_bytes(rank)));
        let bounds = bounds.as_ref().map(|[min, max]| (&min[..], &max[..]));
        let (rows, nulls, nans, body) = (*rows, *nulls, *nans, &self.body[..]);
        self.pages.add(&DataPage { body, encoding, rows, nulls, nans, value_bytes: 0, bounds })?;
        self.page.clear();
        self.values.clear();
        Ok(())
    }

    /// Ends the page, and writes the dictionary.
    fn end_dictionary(&mut self) -> Result<()> {
        self.end_page()?;
        let Some(dictionary) = self.dictionary.take() else { return Ok(()) };
        let values = dictionary.values();
        self.pages.add_dictionary(values.to_byte_slice(), values.len())
    }

    /// The approximate stored size of the column so far.
    pub(crate) fn stored_bytes(&self) -> usize {
        let dictionary = self.dictionary.as_ref();
        let dictionary_bytes = dictionary.map_or(0, |known| size_of_val(known.values()));
        self.pages.stored_bytes() + self.page_bytes() + dictionary_bytes
    }

    /// Ends the row group.
    ///
    /// # Errors
    /// A page that is too long; out of memory.
    pub(crate) fn close(mut self) -> Result<ColumnCloseResult> {
        self.end_page()?;
        self.end_dictionary()?;
        self.pages.close(None)
    }
}

/// The bits of an index.
fn index_width<N: Number>(dictionary: &Dictionary<N>) -> usize {
    hybrid::width_of(dictionary.values().len().saturating_sub(1))
}
