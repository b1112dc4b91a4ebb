//! The encoder of a column of numbers in a row group.

use super::super::byte_column::{
    DataPage, Levels, Limits, NumberOrder, Pages, PlainValues, hybrid,
};
use super::delta::Delta;
use super::dictionary::Dictionary;
use super::number::Number;
use arrow::array::{Array, ArrayRef};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::datatypes::ToByteSlice;
use parquet::basic::Encoding;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};

/// The most rows that are added before the size of the page is checked.
const STEP: usize = 1 << 10;

/// A dictionary may be almost full for many rows: it gets longer than its limit by fewer values.
const LEAST_STEP: usize = 64;

/// A column of numbers that is being encoded; floats are numbers with the same bits.
pub(crate) struct NumberColumn<N> {
    pub(super) pages: Pages,
    pub(super) page: Page,
    /// The values of the page, if they are plain.
    pub(super) values: PlainValues,
    /// The values of the page as differences, if they are not plain.
    pub(super) delta: Option<Delta<N>>,
    /// The dictionary, unless there is none, or it was abandoned.
    pub(super) dictionary: Option<Dictionary<N>>,
    pub(super) order: NumberOrder,
    pub(super) is_nullable: bool,
    pub(super) limits: Limits,
    /// The encoded page, of plain values only the levels; it is kept for the next one.
    pub(super) body: Vec<u8>,
    /// The values among rows with nulls, kept for the next rows.
    pub(super) valid: Vec<N>,
}

/// The page that is being filled.
#[derive(Debug, Default)]
pub(super) struct Page {
    levels: Levels,
    nans: usize,
    /// Indices of the dictionary.
    codes: Vec<u32>,
    /// The ranks of the min and the max.
    bounds: Option<(u64, u64)>,
}

impl Page {
    fn clear(&mut self) {
        self.levels.clear();
        self.codes.clear();
        (self.nans, self.bounds) = (0, None);
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
        let mut start = 0;
        while start < values.len() {
            let rows = values.len().min(start + self.most_rows()) - start;
            let some = &values[start..start + rows];
            match nulls {
                None => {
                    self.page.levels.add(rows, true);
                    self.add(some);
                }
                Some(nulls) => self.add_some(some, &nulls.slice(start, rows)),
            }
            start += rows;
            self.end_full_page()?;
        }
        Ok(())
    }

    /// The most rows after which the page is not longer than at its limit, and the dictionary not
    /// by many values.
    fn most_rows(&self) -> usize {
        let most = (self.limits.page_rows - self.page.levels.rows()).min(STEP);
        let values = |bytes: usize| bytes.div_ceil(size_of::<N>());
        match (&self.dictionary, &self.delta) {
            (Some(dictionary), _) => {
                let left =
                    values(self.limits.dictionary_bytes).saturating_sub(dictionary.values().len());
                most.min(left.max(LEAST_STEP))
            }
            (None, Some(_)) => most,
            (None, None) => {
                let left = self.limits.page_bytes.saturating_sub(self.values.len());
                most.min(values(left).max(1))
            }
        }
    }

    /// Adds rows of which some are null.
    fn add_some(&mut self, values: &[N], nulls: &NullBuffer) {
        self.page.levels.add_some(nulls);
        let mut valid = std::mem::take(&mut self.valid);
        valid.clear();
        valid.resize(values.len(), N::default());
        let mut count = 0;
        for (value, is_valid) in values.iter().zip(nulls) {
            // Without a branch: no processor guesses which rows are null.
            valid[count] = *value;
            count += usize::from(is_valid);
        }
        self.add(&valid[..count]);
        self.valid = valid;
    }

    /// Adds values to the page.
    fn add(&mut self, values: &[N]) {
        if self.pages.has_bounds() {
            self.add_bounds(values);
        }
        if let Some(dictionary) = &mut self.dictionary {
            dictionary.append_codes(values, &mut self.page.codes);
        } else if let Some(delta) = &mut self.delta {
            delta.add(values);
        } else {
            self.values.append(values.to_byte_slice());
        }
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
        if self.limits.page_rows <= self.page.levels.rows()
            || self.limits.page_bytes <= self.page_bytes()
        {
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
            (None, None) => self.values.len(),
        }
    }

    fn end_page(&mut self) -> Result<()> {
        let Page { nans, levels, codes, bounds } = &self.page;
        let (rows, nulls, nans) = (levels.rows(), levels.nulls(), *nans);
        if rows == 0 {
            return Ok(());
        }
        self.body.clear();
        if self.is_nullable {
            levels.write(&mut self.body);
        }
        let (body, encoding) = match (&self.dictionary, &mut self.delta) {
            (Some(dictionary), _) => {
                let width = index_width(dictionary);
                self.body.push(width as u8);
                hybrid::write(codes, width, &mut self.body);
                (&self.body[..], Encoding::RLE_DICTIONARY)
            }
            (None, Some(delta)) => {
                delta.finish(&mut self.body);
                (&self.body[..], Encoding::DELTA_BINARY_PACKED)
            }
            (None, None) => (self.values.page(&self.body), Encoding::PLAIN),
        };
        let bounds = bounds.map(|(min, max)| [min, max].map(|rank| self.order.to_bytes(rank)));
        let bounds = bounds.as_ref().map(|[min, max]| (&min[..], &max[..]));
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
