//! Casts to numbers, dates, times and timestamps.

use super::cast::{CastWork, FinerTime};
use super::cast_value as value;
use super::cast_value::{Converted, out_of_range};
use crate::error::Result;
use crate::expression::values::kind::{Kind, decimal_digits, describe, type_nanoseconds};
use crate::expression::values::value_reader::Reader;
use arrow::array::{ArrayRef, downcast_temporal};
use arrow::datatypes::{ArrowPrimitiveType, DecimalType, i256};

impl CastWork<'_> {
    pub(crate) fn integers<T: ArrowPrimitiveType<Native: TryFrom<i128>>>(
        &self,
    ) -> Result<ArrayRef> {
        let read = self.known(value::integers(self.array))?;
        self.primitive::<T>(Box::new(move |row| {
            T::Native::try_from(read(row)?).map_err(|_| out_of_range(&T::DATA_TYPE))
        }))
    }

    pub(crate) fn floats<T: ArrowPrimitiveType>(
        &self,
        narrow: impl Fn(f64) -> T::Native,
        is_finite: impl Fn(T::Native) -> bool,
    ) -> Result<ArrayRef> {
        let read = self.known(value::floats(self.array))?;
        self.primitive::<T>(Box::new(move |row| {
            let double = read(row)?;
            let narrowed = narrow(double);
            let fits = is_finite(narrowed) || !double.is_finite();
            fits.then_some(narrowed).ok_or_else(|| out_of_range(&T::DATA_TYPE))
        }))
    }

    pub(crate) fn decimals<T: DecimalType>(
        &self,
        narrow: impl Fn(i256) -> Option<T::Native>,
    ) -> Result<ArrayRef> {
        let (precision, scale) = self.known(decimal_digits(self.to))?;
        let read: Reader<'_, Converted<Option<i256>>> = if self.conversion.whole {
            let read = self.known(value::integers(self.array))?;
            Box::new(move |row| read(row).map(|integer| Some(i256::from_i128(integer))))
        } else {
            let read = self.known(value::decimals(self.array, scale))?;
            Box::new(move |row| read(row).map(|number| number.rounded(scale)))
        };
        let limit = i256::from_i128(10).checked_pow(u32::from(precision)).unwrap_or(i256::MAX);
        let to = self.to;
        self.primitive::<T>(Box::new(move |row| {
            read(row)?
                .filter(|units| *units < limit && units.wrapping_neg() < limit)
                .and_then(&narrow)
                .ok_or_else(|| out_of_range(to))
        }))
    }

    pub(crate) fn any_times(&self) -> Result<ArrayRef> {
        macro_rules! times {
            ($type:ty) => {
                self.times::<$type>()
            };
        }
        downcast_temporal! {
            self.to => (times),
            _ => Err(self.impossible()),
        }
    }

    fn times<T: ArrowPrimitiveType<Native: TryFrom<i128>>>(&self) -> Result<ArrayRef> {
        let to = self.to;
        let read = self.known(value::nanoseconds(self.array, to))?;
        let unit = type_nanoseconds(to).unwrap_or(1);
        let kind = Kind::of(to);
        let finer_time = self.conversion.finer_time;
        self.primitive::<T>(Box::new(move |row| {
            let nanoseconds = read(row)?;
            let nanoseconds = match kind {
                Kind::Date => value::start_of_day(nanoseconds),
                Kind::Time => value::within_a_day(nanoseconds)?,
                _ => nanoseconds,
            };
            if let FinerTime::Refused(way_out) = finer_time
                && nanoseconds.rem_euclid(unit) != 0
            {
                return Err(format!("{} has a coarser unit ({way_out})", describe(to)));
            }
            T::Native::try_from(nanoseconds.div_euclid(unit)).map_err(|_| out_of_range(to))
        }))
    }
}

pub(crate) fn narrowed<T: TryFrom<i128>>(units: i256) -> Option<T> {
    units.to_i128()?.try_into().ok()
}
