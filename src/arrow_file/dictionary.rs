//! One dictionary for all batches of a file, to which values are only ever added.
//!
//! A stream may replace a dictionary with every batch. A file must not, because its batches may be
//! read in any order. The first dictionary is used whole; from later ones, only values that are
//! used and new are added.

use crate::batch::numbering::Numbering;
use crate::error::{Error, Result};
use crate::text::escaped;
use arrow::array::{
    AnyDictionaryArray, Array, ArrayRef, AsArray, Int64Array, UInt64Array, make_array,
};
use arrow::compute::{CastOptions, cast_with_options, take};
use arrow::datatypes::{DataType, Int64Type};
use arrow::error::ArrowError;
use arrow::row::{RowConverter, SortField};

/// The values so far, by number only, because they were already written.
#[derive(Debug)]
pub(super) struct Dictionary {
    /// The column, for messages.
    path: String,
    key_type: DataType,
    /// The number of values.
    count: usize,
    /// The values of the most recent dictionary.
    last: Option<ArrayRef>,
    /// The position here of each value of the most recent dictionary; [`UNKNOWN`] if it was not
    /// used yet.
    places: Vec<u32>,
    /// Whether each of them has the same position here as there.
    agrees: bool,
    known: Known,
}

/// The position of a value that is not here.
const UNKNOWN: u32 = u32::MAX;

/// Values that can be looked up.
#[derive(Debug)]
struct Known {
    /// `None` for types whose values cannot be compared: all of them are treated as new.
    converter: Option<RowConverter>,
    numbering: Numbering,
    /// The position of each number: a dictionary may contain a value twice.
    places: Vec<u32>,
    /// Whether values are numbered, which starts with the second dictionary.
    is_begun: bool,
}

impl Dictionary {
    pub(super) fn new(path: String, key_type: &DataType) -> Self {
        let known = Known {
            converter: None,
            numbering: Numbering::default(),
            places: Vec::new(),
            is_begun: false,
        };
        let key_type = key_type.clone();
        Self { path, key_type, count: 0, last: None, places: Vec::new(), agrees: true, known }
    }

    /// Returns the keys of a column in this dictionary, and the values that are added to it first.
    ///
    /// # Errors
    /// More distinct values than the keys can number, with the column and the way out.
    pub(super) fn keys(
        &mut self,
        column: &dyn AnyDictionaryArray,
    ) -> Result<(ArrayRef, Option<ArrayRef>)> {
        let joining = match self.last.take() {
            None => {
                self.count = column.values().len();
                self.places = (0..self.count as u32).collect();
                Some(column.values().clone())
            }
            Some(last) => {
                self.meet(&last, column.values())?;
                if self.agrees { None } else { self.learn(column)? }
            }
        };
        self.last = Some(column.values().clone());
        let keys = self.renumbered(column).map_err(|e| self.cannot(&e))?;
        Ok((keys, joining))
    }

    /// Prepares for a dictionary that may equal the last one, extend it, or differ.
    fn meet(&mut self, last: &ArrayRef, values: &ArrayRef) -> Result<()> {
        let (one, other) = (last.to_data(), values.to_data());
        if one.ptr_eq(&other) || one == other {
            return Ok(());
        }
        if !self.known.is_begun {
            // The first dictionary was used whole, in its order.
            let places: Vec<u32> = (0..last.len() as u32).collect();
            self.known.add(last, &places).map_err(|e| self.cannot(&e))?;
        }
        let continues = last.len() <= values.len() && other.slice(0, last.len()) == one;
        if !continues {
            self.places.clear();
        }
        self.places.resize(values.len(), UNKNOWN);
        self.agrees = false;
        Ok(())
    }

    /// Looks up the used values that have no position yet; returns those that are added.
    fn learn(&mut self, column: &dyn AnyDictionaryArray) -> Result<Option<ArrayRef>> {
        let values = column.values();
        let mut is_wanted = vec![false; values.len()];
        for key in keys_of(column).map_err(|e| self.cannot(&e))?.iter().flatten() {
            let key = key as usize;
            is_wanted[key] = self.places[key] == UNKNOWN;
        }
        let wanted: Vec<u64> = (0..).zip(&is_wanted).filter(|(_, w)| **w).map(|(i, _)| i).collect();
        if wanted.is_empty() {
            return Ok(None);
        }
        let (found, mut joining) = (self.find(values, &wanted)?, Vec::new());
        for (index, place) in wanted.iter().zip(found) {
            self.places[*index as usize] = match place {
                Some(place) => place,
                None => {
                    joining.push(*index);
                    self.count += 1;
                    self.count as u32 - 1
                }
            };
        }
        self.agrees = (0..).zip(&self.places).all(|(index, place)| index == *place);
        if self.most_values() < self.count {
            return Err(self.too_many());
        }
        let joining = take(values, &UInt64Array::from(joining), None);
        let joining = joining.map_err(|e| self.cannot(&e))?;
        Ok(if joining.is_empty() { None } else { Some(joining) })
    }

    /// The positions of values, `None` for new ones, which are known from then on.
    fn find(&mut self, values: &ArrayRef, wanted: &[u64]) -> Result<Vec<Option<u32>>> {
        let wanted = UInt64Array::from(wanted.to_vec());
        let values = take(values, &wanted, None).map_err(|e| self.cannot(&e))?;
        self.known.find_or_add(&values, self.count).map_err(|e| self.cannot(&e))
    }

    /// The keys of a column as they are written to the file.
    fn renumbered(&self, column: &dyn AnyDictionaryArray) -> Result<ArrayRef, ArrowError> {
        let keys = make_array(column.keys().to_data());
        if self.agrees && *keys.data_type() == self.key_type {
            return Ok(keys);
        }
        let mut numbers = keys_of(column)?;
        if !self.agrees {
            let place = |key: i64| i64::from(self.places.get(key as usize).map_or(0, |p| *p));
            numbers = numbers.iter().map(|key| key.map(place)).collect();
        }
        strictly(&numbers, &self.key_type)
    }

    fn most_values(&self) -> usize {
        match self.key_type {
            DataType::Int8 => 1 << 7,
            DataType::UInt8 => 1 << 8,
            DataType::Int16 => 1 << 15,
            DataType::UInt16 => 1 << 16,
            DataType::Int32 => 1 << 31,
            // Positions have 32 bits, and one value means that there is none.
            _ => UNKNOWN as usize,
        }
    }

    fn too_many(&self) -> Error {
        Error::failed(format!(
            "column \"{}\": more than {} distinct values, the most that {} keys can number \
             (--dictionary-keys int32 widens them, --dictionary-keys none writes plain values)",
            escaped(&self.path),
            self.most_values(),
            self.key_type.to_string().to_lowercase(),
        ))
    }

    fn cannot(&self, cause: &ArrowError) -> Error {
        let path = escaped(&self.path);
        Error::failed(format!("column \"{path}\": cannot change its dictionary: {cause}"))
    }
}

impl Known {
    /// Numbers values that have these positions.
    fn add(&mut self, values: &ArrayRef, places: &[u32]) -> Result<(), ArrowError> {
        self.is_begun = true;
        // By their own type, because dictionaries inside them may have wider keys in the file.
        let field = SortField::new(values.data_type().clone());
        self.converter = RowConverter::new(vec![field]).ok();
        let Some(converter) = &self.converter else { return Ok(()) };
        let rows = converter.convert_columns(std::slice::from_ref(values))?;
        for (row, place) in rows.iter().zip(places) {
            let key = self.numbering.key(0, row.data());
            let (_, is_new) = self.numbering.insert(key).map_err(external)?;
            if is_new {
                self.places.push(*place);
            }
        }
        Ok(())
    }

    /// The positions of values; new ones get the next positions starting at `next`.
    fn find_or_add(
        &mut self,
        values: &ArrayRef,
        mut next: usize,
    ) -> Result<Vec<Option<u32>>, ArrowError> {
        let Some(converter) = &self.converter else { return Ok(vec![None; values.len()]) };
        let rows = converter.convert_columns(std::slice::from_ref(values))?;
        let mut found = Vec::with_capacity(values.len());
        for row in &rows {
            let key = self.numbering.key(0, row.data());
            let (number, is_new) = self.numbering.insert(key).map_err(external)?;
            if is_new {
                self.places.push(next as u32);
                next += 1;
            }
            found.push((!is_new).then(|| self.places[number as usize]));
        }
        Ok(found)
    }
}

fn keys_of(column: &dyn AnyDictionaryArray) -> Result<Int64Array, ArrowError> {
    strictly(column.keys(), &DataType::Int64).map(|keys| keys.as_primitive::<Int64Type>().clone())
}

fn strictly(keys: &dyn Array, to: &DataType) -> Result<ArrayRef, ArrowError> {
    cast_with_options(keys, to, &CastOptions { safe: false, ..CastOptions::default() })
}

fn external(cause: Error) -> ArrowError {
    ArrowError::ExternalError(Box::new(cause))
}
