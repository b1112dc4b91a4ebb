//! The nearest row of the table: times as numbers, and the search among the rows of a key.

use super::common::{Meeting, meeting};
use super::keys::{cannot_meet, converted};
use super::names::Nearest;
use crate::error::{Error, Result};
use crate::expression::{Kind, describe, interval, value_reader};
use crate::schema::{expand, plain_type};
use crate::text::escaped;
use arrow::array::{Array, ArrayRef, RecordBatch};
use arrow::datatypes::{DataType, Field};

/// The columns of an as-of join.
#[derive(Debug, Clone)]
pub(super) struct AsOf {
    pub(super) stream: usize,
    pub(super) table: usize,
    nearest: Nearest,
    form: Form,
    /// Values are converted to this type first.
    to: Option<DataType>,
    tolerance: Option<i128>,
}

/// How values are read as numbers of the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Integer,
    Nanoseconds,
    Float,
    Decimal,
}

impl AsOf {
    /// # Errors
    /// Types that cannot be compared, or have no distance (usage errors).
    pub(super) fn bind(
        nearest: Nearest,
        (stream, left): (usize, &Field),
        (table, right): (usize, &Field),
        tolerance: Option<&str>,
    ) -> Result<Self> {
        let met = meeting(left.data_type(), right.data_type());
        let Some(met) = met else { return Err(cannot_meet(left, right)) };
        let plain = plain_type(left.data_type());
        let common = match &met {
            Meeting::Same => plain,
            Meeting::Common(common) => common,
        };
        let (form, to) = match (Kind::of(common), common) {
            (Kind::Integer, _) => (Form::Integer, None),
            // Read as they are: a finer unit may be unable to hold them.
            (Kind::Date | Kind::Timestamp | Kind::Time | Kind::Duration, _) => {
                (Form::Nanoseconds, None)
            }
            (Kind::Float, _) => (Form::Float, Some(DataType::Float64)),
            (Kind::Decimal, DataType::Decimal256(..)) => return Err(has_no_order(left)),
            (Kind::Decimal, common) => (Form::Decimal, Some(common.clone())),
            _ => return Err(has_no_order(left)),
        };
        let tolerance = tolerance.map(|text| distance(text, form, left)).transpose()?;
        Ok(Self { stream, table, nearest, form, to, tolerance })
    }

    /// The values of the stream's column as numbers; `None` for null.
    ///
    /// # Errors
    /// Values that Arrow cannot convert.
    pub(super) fn of_stream(&self, batch: &RecordBatch) -> Result<Vec<Option<i128>>> {
        self.numbers(batch.column(self.stream))
    }

    /// The same for the table's column.
    ///
    /// # Errors
    /// Values that Arrow cannot convert.
    pub(super) fn of_table(&self, batch: &RecordBatch) -> Result<Vec<Option<i128>>> {
        self.numbers(batch.column(self.table))
    }

    fn numbers(&self, array: &ArrayRef) -> Result<Vec<Option<i128>>> {
        let mut array = expand(array).map_err(super::failed)?;
        if let Some(to) = &self.to {
            array = converted(&array, to)?;
        }
        let read = match self.form {
            Form::Integer => value_reader::integers(&array),
            Form::Nanoseconds => value_reader::nanoseconds(&array),
            Form::Float => value_reader::floats(&array).map(|read| {
                let ordered: value_reader::Reader<'_, i128> =
                    Box::new(move |row| ordered(read(row)));
                ordered
            }),
            Form::Decimal => value_reader::decimals(&array).map(|(read, _)| {
                let units: value_reader::Reader<'_, i128> =
                    Box::new(move |row| read(row).to_i128().unwrap_or_default());
                units
            }),
        };
        let read = read.ok_or_else(|| Error::failed("cannot compare the columns of --as-of"))?;
        Ok((0..array.len()).map(|row| array.is_valid(row).then(|| read(row))).collect())
    }

    /// The place of the partner among the times of a key's rows, which are ascending.
    pub(super) fn nearest(&self, time: i128, times: &[i128]) -> Option<usize> {
        let place = if self.nearest.is_before() {
            times.partition_point(|other| self.is_beside(time, *other)).checked_sub(1)
        } else {
            Some(times.partition_point(|other| !self.is_beside(time, *other)))
        };
        place.filter(|place| times.get(*place).is_some_and(|other| self.is_near(time, *other)))
    }

    /// Whether a row of the table may be the partner of a row of the stream: if no other is nearer.
    pub(super) fn may_meet(&self, time: i128, other: i128) -> bool {
        self.is_beside(time, other) && self.is_near(time, other)
    }

    /// Whether a row of the table is no partner of a row of the stream with this time, nor of later
    /// ones; `next` is the time of the next row with the same key.
    pub(super) fn is_passed(&self, time: i128, other: i128, next: Option<i128>) -> bool {
        if self.nearest.is_before() {
            let is_far = other < time && !self.is_near(time, other);
            is_far || next.is_some_and(|next| self.is_beside(time, next))
        } else {
            !self.is_beside(time, other)
        }
    }

    /// The partner of a row of the stream with this time is known when the table has been read to a
    /// time above this one. Joins with later rows have a tolerance.
    pub(super) fn reach(&self, time: i128) -> i128 {
        match self.nearest {
            Nearest::AtOrBefore => time,
            Nearest::Before => time.saturating_sub(1),
            Nearest::AtOrAfter | Nearest::After => {
                self.tolerance.map_or(i128::MAX, |most| time.saturating_add(most))
            }
        }
    }

    /// Whether a row of the table is on the side where partners are.
    fn is_beside(&self, time: i128, other: i128) -> bool {
        match self.nearest {
            Nearest::AtOrBefore => other <= time,
            Nearest::Before => other < time,
            Nearest::AtOrAfter => time <= other,
            Nearest::After => time < other,
        }
    }

    fn is_near(&self, time: i128, other: i128) -> bool {
        self.tolerance.is_none_or(|most| other.abs_diff(time) <= most.unsigned_abs())
    }
}

/// A tolerance as a number.
///
/// # Errors
/// Text that is no distance of such values.
fn distance(text: &str, form: Form, field: &Field) -> Result<i128> {
    let shown = escaped(text);
    match form {
        Form::Nanoseconds => {
            let length = interval::parse(text)
                .map(|array| interval::lengths(&array).map(|length| length(0)))
                .map_err(|e| Error::usage(format!("--tolerance: {e}")))?;
            length.filter(|length| *length >= 0)
        }
        Form::Integer => {
            text.replace('_', "").parse().ok().filter(|distance: &i128| *distance >= 0)
        }
        Form::Float | Form::Decimal => {
            let (name, what) = (escaped(field.name()), describe(field.data_type()));
            return Err(Error::usage(format!(
                "--tolerance needs a column of times or integers; \"{name}\" is {what}"
            )));
        }
    }
    .ok_or_else(|| Error::usage(format!("--tolerance {shown}: not a distance of 0 or more")))
}

fn has_no_order(field: &Field) -> Error {
    let (name, what) = (escaped(field.name()), describe(field.data_type()));
    Error::usage(format!("--as-of needs times or numbers; column \"{name}\" is {what}"))
}

/// A number with the order of the floats: NaN is the largest, and -0 equals 0.
fn ordered(value: f64) -> i128 {
    if value.is_nan() {
        return i128::MAX;
    }
    let bits = (value + 0.0).to_bits() as i64;
    let order = bits ^ (((bits >> 63) as u64) >> 1) as i64;
    order.into()
}
