//! Casts to dates, times and timestamps.

use super::cast::Work;
use super::cast_value as value;
use super::cast_value::out_of_range;
use crate::error::Result;
use crate::expression::values::kind::{Kind, describe, type_nanoseconds};
use arrow::array::{ArrayRef, downcast_temporal};
use arrow::datatypes::ArrowPrimitiveType;

/// How to treat the part of a point in time that a coarser unit cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FinerTime {
    /// An error, with the way out of it.
    Refused(&'static str),
    CutOff,
}

impl Work<'_> {
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
        let whole_days = Kind::of(to) == Kind::Date;
        let finer_time = self.conversion.finer_time;
        self.primitive::<T>(Box::new(move |row| {
            let nanoseconds = read(row)?;
            let nanoseconds =
                if whole_days { value::start_of_day(nanoseconds) } else { nanoseconds };
            if let FinerTime::Refused(way_out) = finer_time
                && nanoseconds.rem_euclid(unit) != 0
            {
                return Err(format!("{} has a coarser unit ({way_out})", describe(to)));
            }
            T::Native::try_from(nanoseconds.div_euclid(unit)).map_err(|_| out_of_range(to))
        }))
    }
}
