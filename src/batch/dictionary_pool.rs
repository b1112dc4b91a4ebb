//! One dictionary for all batches, to which values are only ever added.
//!
//! A stream may have another dictionary in every batch. The first one is used whole; from later
//! ones, only values that are used and new are added.

use super::numbering::Numbering;
use crate::error::{Error, Result};
use crate::schema::cast_exactly;
use crate::text::escaped;
use arrow::array::{AnyDictionaryArray, Array, ArrayRef, UInt32Array, UInt64Array, new_null_array};
use arrow::compute::{concat, take};
use arrow::datatypes::DataType;
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};
use std::sync::OnceLock;

/// All values of one dictionary, with keys instead of the dictionaries inside them.
#[derive(Debug)]
pub(super) struct DictionaryPool {
    /// The column, for messages.
    path: String,
    key_type: DataType,
    /// Whether values may be added after the first dictionary.
    may_grow: bool,
    converter: RowConverter,
    /// Numbers that equal the positions of the values here.
    numbering: Numbering,
    /// The values of the first dictionary, until they are numbered for the second one.
    first: Option<ArrayRef>,
    /// The values in the pieces in which they were added.
    pieces: Vec<ArrayRef>,
    /// The concatenated pieces, made on demand.
    values: OnceLock<ArrayRef>,
    /// The values of the most recent dictionary.
    last: Option<ArrayRef>,
    /// The position here of each of them, [`UNKNOWN`] if it was not used yet; `None` if it is the
    /// same as there.
    places: Option<Vec<u32>>,
}

/// The position of a value that is not here.
const UNKNOWN: u32 = u32::MAX;

impl DictionaryPool {
    /// # Errors
    /// Values that cannot be compared.
    pub(super) fn try_new(
        path: &str,
        key_type: &DataType,
        value_type: DataType,
        may_grow: bool,
    ) -> Result<Self> {
        let converter = RowConverter::new(vec![SortField::new(value_type)]);
        Ok(Self {
            path: path.to_owned(),
            key_type: key_type.clone(),
            may_grow,
            converter: converter.map_err(|e| cannot_merge(&e))?,
            numbering: Numbering::default(),
            first: None,
            pieces: Vec::new(),
            values: OnceLock::new(),
            last: None,
            places: None,
        })
    }

    pub(super) fn key_type(&self) -> &DataType {
        &self.key_type
    }

    /// The number of values.
    pub(super) fn len(&self) -> usize {
        self.first.as_ref().map_or(self.numbering.len(), |first| first.len())
    }

    pub(super) fn values(&self) -> Result<ArrayRef, ArrowError> {
        if let Some(values) = self.values.get() {
            return Ok(values.clone());
        }
        let pieces: Vec<&dyn Array> = self.pieces.iter().map(|piece| piece.as_ref()).collect();
        let values = concat(&pieces)?;
        Ok(self.values.get_or_init(|| values).clone())
    }

    /// Removes the values that were added for the last batch.
    pub(super) fn take_joined(&mut self) -> Option<ArrayRef> {
        self.pieces.pop()
    }

    /// Returns the keys of a column in this dictionary, after adding its new values. `lower`
    /// replaces the dictionaries inside values.
    ///
    /// # Errors
    /// More distinct values than the keys can number, with the column and the way out.
    pub(super) fn keys(
        &mut self,
        column: &dyn AnyDictionaryArray,
        mut lower: impl FnMut(&ArrayRef) -> Result<ArrayRef>,
    ) -> Result<ArrayRef> {
        let values = column.values();
        match self.last.replace(values.clone()) {
            None => {
                let lowered = lower(values)?;
                self.first = Some(lowered.clone());
                self.pieces.push(lowered);
            }
            Some(last) => self.place_known(&last, values),
        }
        let keys = match &self.places {
            Some(places) if !places.is_empty() => column.normalized_keys(),
            _ => Vec::new(),
        };
        self.place_used(column, &keys, lower)?;
        let keys = match &self.places {
            None => cast_exactly(column.keys(), &self.key_type),
            Some(places) if places.is_empty() => Ok(new_null_array(&self.key_type, column.len())),
            Some(places) => {
                // Nulls may have keys of values that were never used.
                let place = |key: &usize| if places[*key] == UNKNOWN { 0 } else { places[*key] };
                let nulls = column.keys().nulls().cloned();
                let keys = UInt32Array::new(keys.iter().map(place).collect(), nulls);
                cast_exactly(&keys, &self.key_type)
            }
        };
        keys.map_err(|e| self.cannot_merge(&e))
    }

    /// Sets the positions of values that are known from the last dictionary, which this one may equal,
    /// extend, or differ from.
    fn place_known(&mut self, last: &ArrayRef, values: &ArrayRef) {
        let (one, other) = (last.to_data(), values.to_data());
        if one.ptr_eq(&other) || one == other {
            return;
        }
        let continues = last.len() <= values.len() && other.slice(0, last.len()) == one;
        let mut places = if continues {
            self.places.take().unwrap_or_else(|| (0..last.len() as u32).collect())
        } else {
            Vec::new()
        };
        places.resize(values.len(), UNKNOWN);
        self.places = Some(places);
    }

    /// Looks up the used values that have no position yet, and adds those that are new.
    fn place_used(
        &mut self,
        column: &dyn AnyDictionaryArray,
        keys: &[usize],
        mut lower: impl FnMut(&ArrayRef) -> Result<ArrayRef>,
    ) -> Result<()> {
        let Some(places) = &mut self.places else { return Ok(()) };
        let mut wanted: Vec<u64> = Vec::new();
        for (row, key) in keys.iter().enumerate() {
            if places[*key] == UNKNOWN && column.is_valid(row) {
                // Until it is found, so that it is looked up once.
                places[*key] = 0;
                wanted.push(*key as u64);
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        wanted.sort_unstable();
        let used = take(column.values(), &UInt64Array::from(wanted.clone()), None);
        let found = self.find_or_add(&lower(&used.map_err(|e| self.cannot_merge(&e))?)?)?;
        if let Some(places) = &mut self.places {
            wanted.iter().zip(found).for_each(|(key, place)| places[*key as usize] = place);
            if (0..).zip(places.iter()).all(|(key, place)| key == *place) {
                self.places = None;
            }
        }
        Ok(())
    }

    /// The positions of values; new ones are added.
    fn find_or_add(&mut self, values: &ArrayRef) -> Result<Vec<u32>> {
        if let Some(first) = self.first.take() {
            self.number(&first, true)?;
        }
        let known = self.len();
        let places = self.number(values, false)?;
        if known == self.len() {
            return Ok(places);
        }
        if most_values(&self.key_type) < self.len() {
            return Err(self.too_many());
        }
        if !self.may_grow {
            return Err(self.dictionary_of_dictionaries());
        }
        // New values have the next numbers in their order; repetitions have those of the first.
        let mut next = known as u32;
        let mut is_new = |place: u32| {
            let is_next = place == next;
            next += u32::from(is_next);
            is_next
        };
        let added = (0..).zip(&places).filter(|(_, place)| is_new(**place));
        let added = UInt64Array::from_iter_values(added.map(|(index, _)| index));
        let added = take(values, &added, None);
        self.pieces.push(added.map_err(|e| self.cannot_merge(&e))?);
        self.values = OnceLock::new();
        Ok(places)
    }

    /// The numbers of values. In the first dictionary a repetition gets one, too, which only keeps
    /// numbers and positions equal.
    fn number(&mut self, values: &ArrayRef, is_first: bool) -> Result<Vec<u32>> {
        let rows = self.converter.convert_columns(std::slice::from_ref(values));
        let rows = rows.map_err(|e| self.cannot_merge(&e))?;
        let mut numbers = Vec::with_capacity(values.len());
        for row in &rows {
            let (number, is_new) = self.numbering.insert(self.numbering.key(0, row.data()))?;
            if is_first && !is_new {
                let place = self.numbering.len().to_le_bytes();
                self.numbering.insert(self.numbering.key(1, &place))?;
            }
            numbers.push(number);
        }
        Ok(numbers)
    }

    fn too_many(&self) -> Error {
        Error::failed(format!(
            "column \"{}\": more than {} distinct values, the most that {} keys can number \
             (--dictionary-keys int32 widens them, --dictionary-keys none writes plain values)",
            escaped(&self.path),
            most_values(&self.key_type),
            self.key_type.to_string().to_lowercase(),
        ))
    }

    /// pyarrow cannot read such a delta ("with an unresolved nested dictionary").
    fn dictionary_of_dictionaries(&self) -> Error {
        Error::failed(format!(
            "column \"{}\": its dictionary contains dictionaries and changes in the stream, which \
             few readers support (--dictionary-keys none writes plain values)",
            escaped(&self.path)
        ))
    }

    fn cannot_merge(&self, cause: &ArrowError) -> Error {
        cannot_merge(cause).with(format_args!("column \"{}\"", escaped(&self.path)))
    }
}

/// The number of values that keys of this type can number.
pub(super) fn most_values(key_type: &DataType) -> usize {
    match key_type {
        DataType::Int8 => 1 << 7,
        DataType::UInt8 => 1 << 8,
        DataType::Int16 => 1 << 15,
        DataType::UInt16 => 1 << 16,
        DataType::Int32 => 1 << 31,
        // Positions have 32 bits, and one value means that there is none.
        _ => UNKNOWN as usize,
    }
}

pub(super) fn cannot_merge(cause: &ArrowError) -> Error {
    Error::failed(format!("cannot merge dictionaries: {cause}"))
}
