//! The encoder of a column of text or binary values in a row group.

use super::LENGTH_BYTES;
use super::dictionary::{Dictionary, Known, UNKNOWN};
use super::page::Page;
use super::pages::Pages;
use super::values::Values;
use crate::schema::expand;
use arrow::array::{Array, ArrayRef, AsArray, downcast_integer_array};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{ArrowNativeType, DataType};
use parquet::bloom_filter::Sbbf;
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use std::ops::Range;

/// The most rows that are added before the sizes of the page and of the dictionary are checked.
const STEP_ROWS: usize = 1 << 10;

/// A column of text or binary values that is being encoded.
pub(crate) struct ByteColumn {
    pub(super) pages: Pages,
    pub(super) page: Page,
    /// The dictionary, unless there is none, or it was abandoned.
    pub(super) dictionary: Option<Dictionary>,
    /// The codes of the last incoming dictionary.
    pub(super) known: Known,
    /// The keys of an incoming dictionary, kept for the next batch.
    pub(super) keys: Vec<u32>,
    pub(super) bloom: Option<(Sbbf, f64)>,
    pub(super) is_nullable: bool,
    pub(super) limits: Limits,
}

/// The sizes at which pages end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) page_rows: usize,
    pub(crate) page_bytes: usize,
    pub(crate) dictionary_bytes: usize,
}

impl Limits {
    /// The sizes for a column.
    pub(crate) fn of(properties: &WriterProperties, path: &ColumnPath) -> Self {
        Self {
            page_rows: properties.column_data_page_row_count_limit(path),
            page_bytes: properties.column_data_page_size_limit(path),
            dictionary_bytes: properties.column_dictionary_page_size_limit(path),
        }
    }
}

/// Values of a batch; with keys, the values of a dictionary.
struct Batch<'a, V> {
    values: &'a V,
    keys: Option<&'a [u32]>,
}

impl ByteColumn {
    /// Adds rows: text or binary values of any layout, as they are, in a dictionary or in runs.
    ///
    /// # Errors
    /// A null in a column that has none; another type.
    pub(crate) fn write(&mut self, array: &ArrayRef) -> Result<()> {
        let values_of =
            |array: &dyn Array| array.as_any_dictionary_opt().map(|d| d.values().clone());
        let (array, values) = match (array.data_type(), values_of(array)) {
            (DataType::RunEndEncoded(..), _) => (&expand(array)?, None),
            (_, values) => (array, values),
        };
        let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0);
        if nulls.is_some() && !self.is_nullable {
            return Err(ParquetError::General("a column without nulls has a null".to_owned()));
        }
        let mut keys = std::mem::take(&mut self.keys);
        let nulls = nulls.as_ref();
        let written = match values {
            None => self.write_array(array, None, nulls, array.len()),
            Some(values) => {
                read_keys(array, &mut keys);
                self.write_array(&values, Some(&keys), nulls, array.len())
            }
        };
        self.keys = keys;
        written
    }

    fn write_array(
        &mut self,
        values: &ArrayRef,
        keys: Option<&[u32]>,
        nulls: Option<&NullBuffer>,
        rows: usize,
    ) -> Result<()> {
        let mut known = std::mem::take(&mut self.known);
        let codes: &mut [u32] = if keys.is_some() && self.dictionary.is_some() {
            known.codes_of(values)
        } else {
            &mut []
        };
        macro_rules! write {
            ($values:expr) => {
                self.write_rows(&Batch { values: $values, keys }, nulls, rows, codes)
            };
        }
        let written = match values.data_type() {
            DataType::Utf8 => write!(values.as_string::<i32>()),
            DataType::LargeUtf8 => write!(values.as_string::<i64>()),
            DataType::Utf8View => write!(values.as_string_view()),
            DataType::Binary => write!(values.as_binary::<i32>()),
            DataType::LargeBinary => write!(values.as_binary::<i64>()),
            DataType::BinaryView => write!(values.as_binary_view()),
            other => Err(ParquetError::General(format!("{other} is not stored as bytes"))),
        };
        self.known = known;
        written
    }

    fn write_rows<V: Values>(
        &mut self,
        batch: &Batch<'_, V>,
        nulls: Option<&NullBuffer>,
        rows: usize,
        codes: &mut [u32],
    ) -> Result<()> {
        let Some(nulls) = nulls else { return self.write_valid(batch, 0..rows, codes) };
        let mut end = 0;
        for (start, valid_end) in nulls.valid_slices() {
            self.write_nulls(start - end)?;
            self.write_valid(batch, start..valid_end, codes)?;
            end = valid_end;
        }
        self.write_nulls(rows - end)
    }

    fn write_nulls(&mut self, mut rows: usize) -> Result<()> {
        while rows > 0 {
            let some = rows.min(self.limits.page_rows - self.page.rows());
            self.page.add_rows(some, false);
            rows -= some;
            self.end_full_page()?;
        }
        Ok(())
    }

    fn write_valid<V: Values>(
        &mut self,
        batch: &Batch<'_, V>,
        mut rows: Range<usize>,
        codes: &mut [u32],
    ) -> Result<()> {
        while !rows.is_empty() {
            let most = (self.limits.page_rows - self.page.rows()).min(STEP_ROWS);
            let step = rows.start..rows.end.min(rows.start + most);
            let added = self.add(batch, step, codes);
            self.page.add_rows(added, true);
            rows.start += added;
            self.end_full_page()?;
        }
        Ok(())
    }

    /// Adds the values of the first of some rows to the page. Returns the number of rows, of which
    /// only the last exceeds the size of a page or of the dictionary.
    fn add<V: Values>(
        &mut self,
        batch: &Batch<'_, V>,
        rows: Range<usize>,
        codes: &mut [u32],
    ) -> usize {
        let Batch { values, keys } = batch;
        let Some(dictionary) = &mut self.dictionary else { return self.add_plain(batch, rows) };
        let (start, most) = (rows.start, self.limits.dictionary_bytes);
        let added = self.page.add_indices(dictionary, |dictionary, indices| match keys {
            None => dictionary.append_codes(rows.map(|row| values.slot(row)), most, indices),
            Some(keys) => {
                for key in keys[rows].iter().map(|key| *key as usize) {
                    if codes[key] == UNKNOWN {
                        codes[key] = dictionary.code(values.slot(key));
                    }
                    indices.push(codes[key]);
                    if most <= dictionary.page().len() {
                        break;
                    }
                }
            }
        });
        let (count, bytes) = match keys {
            None => (added.len(), values.bytes(start..start + added.len())),
            Some(_) => (added.len(), added.iter().map(|index| dictionary.length(*index)).sum()),
        };
        self.page.add_value_bytes(bytes);
        count
    }

    fn add_plain<V: Values>(&mut self, batch: &Batch<'_, V>, rows: Range<usize>) -> usize {
        let Batch { values, keys } = batch;
        let place = |row: usize| keys.map_or(row, |keys| keys[row] as usize);
        let mut bytes = match keys {
            None => values.bytes(rows.clone()),
            Some(_) => rows.clone().map(|row| values.slot(place(row)).len()).sum(),
        };
        let mut rows = rows;
        if self.limits.page_bytes < bytes {
            let mut left = self.limits.page_bytes;
            let fits = rows.clone().take_while(|row| {
                let has_room = left > 0;
                left = left.saturating_sub(LENGTH_BYTES + values.slot(place(*row)).len());
                has_room
            });
            rows = rows.start..rows.start + fits.count().max(1);
            bytes = rows.clone().map(|row| values.slot(place(row)).len()).sum();
        }
        if let Some((filter, _)) = &mut self.bloom {
            rows.clone().for_each(|row| filter.insert(values.slot(place(row)).value()));
        }
        let has_bounds = self.pages.has_bounds();
        match keys {
            None => self.page.add_values(*values, rows.clone(), |row| row, bytes, has_bounds),
            Some(_) => self.page.add_values(*values, rows.clone(), place, bytes, has_bounds),
        }
        rows.len()
    }

    fn end_full_page(&mut self) -> Result<()> {
        let dictionary = self.dictionary.as_ref();
        if self.limits.page_rows <= self.page.rows()
            || self.limits.page_bytes <= self.page.bytes(dictionary)
        {
            self.end_page()?;
        }
        let most = self.limits.dictionary_bytes;
        if self.dictionary.as_ref().is_some_and(|dictionary| most <= dictionary.page().len()) {
            self.end_dictionary()?;
        }
        Ok(())
    }

    fn end_page(&mut self) -> Result<()> {
        if self.page.rows() > 0 {
            let has_bounds = self.pages.has_bounds();
            let page = self.page.finished(self.dictionary.as_ref(), self.is_nullable, has_bounds);
            self.pages.add(&page)?;
            self.page.clear();
        }
        Ok(())
    }

    /// Ends the page, and writes the dictionary.
    fn end_dictionary(&mut self) -> Result<()> {
        self.end_page()?;
        let Some(dictionary) = self.dictionary.take() else { return Ok(()) };
        if let Some((filter, _)) = &mut self.bloom {
            dictionary.values().for_each(|value| filter.insert(value));
        }
        self.known = Known::default();
        self.pages.add_dictionary(dictionary.page(), dictionary.len())
    }

    /// The approximate stored size of the column so far.
    pub(crate) fn stored_bytes(&self) -> usize {
        let dictionary = self.dictionary.as_ref();
        let dictionary_bytes = dictionary.map_or(0, |dictionary| dictionary.page().len());
        self.pages.stored_bytes() + self.page.bytes(dictionary) + dictionary_bytes
    }

    /// Ends the row group.
    ///
    /// # Errors
    /// A page that is too long; out of memory.
    pub(crate) fn close(mut self) -> Result<ColumnCloseResult> {
        self.end_page()?;
        self.end_dictionary()?;
        let bloom = self.bloom.map(|(mut filter, positives)| {
            filter.fold_to_target_fpp(positives);
            filter
        });
        self.pages.close(bloom)
    }
}

/// Reads the keys of a dictionary array; those of nulls may be anything.
fn read_keys(array: &dyn Array, to: &mut Vec<u32>) {
    to.clear();
    let Some(dictionary) = array.as_any_dictionary_opt() else { return };
    let keys = dictionary.keys();
    downcast_integer_array!(
        keys => to.extend(keys.values().iter().map(|key| key.as_usize() as u32)),
        _ => {}
    );
}
