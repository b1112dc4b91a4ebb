//! `CAST`, `TRY_CAST` and `::`: the supported conversions, and their evaluation.
//!
//! A cast loses only what SQL allows: the time of day from a timestamp to a date, the last bits
//! from a double to a float, digits beyond a decimal's scale. Any other value that does not fit is
//! an error that names row and value, or null with `TRY_CAST`. `cast_value` converts single values.

use super::cast_nested;
use super::cast_primitive::narrowed;
use super::cast_value as value;
use super::cast_value::{Converted, cannot_convert};
use super::node::Node;
use super::rows::Rows;
use crate::error::{Error, Result, guard};
use crate::expression::syntax::error_place::shown;
use crate::expression::values::common_type::common_type;
use crate::expression::values::kind::{Kind, describe, plain_array, type_nanoseconds};
use crate::expression::values::nested_text::has_text;
use crate::expression::values::value_reader::{Reader, Values};
use crate::expression::values::{interval, value_text};
use crate::text::escaped;
use arrow::array::{
    Array, ArrayRef, BooleanArray, IntervalMonthDayNanoArray, PrimitiveArray, downcast_integer,
    new_null_array,
};
use arrow::compute::cast;
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    Float16Type, Float32Type, Float64Type,
};
use sqlparser::ast::Expr;
use std::sync::Arc;

/// How to treat the part of a point in time that a coarser unit cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FinerTime {
    /// An error, with the way out of it.
    Refused(&'static str),
    CutOff,
}

/// A cast of a bound operand.
#[derive(Debug, Clone)]
pub(crate) struct Conversion {
    pub(crate) operand: Node,
    pub(crate) to: DataType,
    /// `TRY_CAST`.
    pub(crate) null_on_failure: bool,
    pub(crate) finer_time: FinerTime,
    /// Whether the result is an integer although its type is a decimal: HUGEINT.
    pub(crate) whole: bool,
    /// The expression's text, for messages.
    pub(crate) text: String,
}

impl Conversion {
    /// Whether any value of one type could be converted to the other.
    pub(crate) fn is_possible(from: &DataType, to: &DataType) -> bool {
        use Kind::{Binary, Boolean, Date, Duration, Interval, Null, Other, Text, Time, Timestamp};
        let (from_kind, to_kind) = (Kind::of(from), Kind::of(to));
        match (from_kind, to_kind) {
            _ if from == to => true,
            (Null, _) => true,
            (Other, Text) => has_text(from),
            (Other, Other) => cast_nested::is_possible(from, to),
            (Duration, Text) => true,
            (Other | Duration, _) | (_, Other | Duration) => false,
            (Text, _) | (_, Text) => true,
            (Interval, _) | (_, Interval) => from_kind == to_kind,
            (Boolean, to) => to.is_number(),
            (from, Boolean) => from.is_number(),
            (Binary, Binary) | (Date | Timestamp, Date | Timestamp) => true,
            (Time | Timestamp, Time) => true,
            (from, to) => from.is_number() && to.is_number(),
        }
    }

    /// An implicit conversion, to a type to which a conversion is known to be possible.
    pub(crate) fn exact(operand: Node, to: DataType, expression: &Expr) -> Node {
        Node::Convert(Box::new(Self {
            operand,
            to,
            null_on_failure: false,
            finer_time: FinerTime::CutOff,
            whole: false,
            text: shown(expression),
        }))
    }

    /// Whether some value may have no equivalent in the type; true is always safe.
    pub(crate) fn can_fail(&self) -> bool {
        let (from, to) = (self.operand.data_type(), &self.to);
        let widened = common_type(from, to).as_ref() == Some(to)
            && matches!(Kind::of(from), Kind::Integer | Kind::Decimal | Kind::Text | Kind::Binary);
        !self.null_on_failure && !widened
    }

    /// The converted value of each row.
    ///
    /// # Errors
    /// A value that does not fit the type, naming the row; none with `TRY_CAST`.
    pub(crate) fn values(&self, rows: &Rows) -> Result<Values> {
        let values = self.operand.values(rows)?;
        if values.array.data_type() == &self.to {
            return Ok(values);
        }
        let count = if values.constant { 1 } else { rows.count };
        let (array, to) = (&values.array, &self.to);
        let work = CastWork { conversion: self, rows, array, count, to, parents: None };
        Ok(Values { array: work.convert()?, constant: values.constant })
    }
}

/// One evaluation of a cast.
pub(crate) struct CastWork<'a> {
    pub(crate) conversion: &'a Conversion,
    rows: &'a Rows,
    pub(crate) array: &'a ArrayRef,
    count: usize,
    /// The type of the result: that of the conversion, or of a part of it.
    pub(crate) to: &'a DataType,
    /// The row of each value, if the values are parts of lists.
    parents: Option<&'a [usize]>,
}

impl CastWork<'_> {
    /// Converts parts in the same way: elements or fields, each in one of these rows.
    ///
    /// # Errors
    /// A part that does not fit its type.
    pub(crate) fn part(
        &self,
        array: &ArrayRef,
        to: &DataType,
        parents: Option<&[usize]>,
    ) -> Result<ArrayRef> {
        let array = &plain_array(array)?;
        if array.data_type() == to {
            return Ok(array.clone());
        }
        let rows: Option<Vec<usize>> = match (parents, self.parents) {
            (Some(own), Some(outer)) => Some(own.iter().map(|row| outer[*row]).collect()),
            (Some(own), None) => Some(own.to_vec()),
            (None, outer) => outer.map(<[usize]>::to_vec),
        };
        let (conversion, count) = (self.conversion, array.len());
        CastWork { conversion, rows: self.rows, array, count, to, parents: rows.as_deref() }
            .convert()
    }

    fn convert(&self) -> Result<ArrayRef> {
        let to = self.to;
        if self.array.data_type() == &DataType::Null {
            return Ok(new_null_array(to, self.count));
        }
        if let Some(converted) = self.by_kernel()? {
            return Ok(converted);
        }
        macro_rules! integers {
            ($type:ty) => {
                self.integers::<$type>()
            };
        }
        downcast_integer! {
            to => (integers),
            DataType::Boolean => {
                let read = self.known(value::booleans(self.array))?;
                Ok(Arc::new(BooleanArray::from(self.each(read)?)))
            }
            DataType::Float16 => self.floats::<Float16Type>(
                <Float16Type as ArrowPrimitiveType>::Native::from_f64,
                |half| half.is_finite(),
            ),
            DataType::Float32 => self.floats::<Float32Type>(|double| double as f32, f32::is_finite),
            DataType::Float64 => self.floats::<Float64Type>(|double| double, |_| true),
            DataType::Decimal32(..) => self.decimals::<Decimal32Type>(narrowed),
            DataType::Decimal64(..) => self.decimals::<Decimal64Type>(narrowed),
            DataType::Decimal128(..) => self.decimals::<Decimal128Type>(narrowed),
            DataType::Decimal256(..) => self.decimals::<Decimal256Type>(Some),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => self.texts(),
            DataType::Binary | DataType::LargeBinary | DataType::BinaryView => self.binaries(),
            DataType::FixedSizeBinary(width) => self.fixed_binaries(*width),
            DataType::Interval(_) => self.intervals(),
            DataType::List(element) => cast_nested::lists(self, element),
            DataType::Struct(fields) => cast_nested::structs(self, fields),
            _ => self.any_times(),
        }
    }

    fn intervals(&self) -> Result<ArrayRef> {
        let values = self.each(self.known(interval::read(self.array))?)?;
        Ok(Arc::new(values.into_iter().collect::<IntervalMonthDayNanoArray>()))
    }

    /// The conversions for which arrow's kernels give exactly the right result. If they give null
    /// without a reason, or an infinity, the slow path finds the cause.
    fn by_kernel(&self) -> Result<Option<ArrayRef>> {
        let (from, to) = (self.array.data_type(), self.to);
        let kinds = (Kind::of(from), Kind::of(to));
        let same = match kinds {
            (Kind::Integer, Kind::Integer | Kind::Decimal) => true,
            (Kind::Decimal, Kind::Decimal) => !self.conversion.whole,
            (Kind::Integer, Kind::Float) => to != &DataType::Float16,
            (Kind::Float, Kind::Float) => from.primitive_width() < to.primitive_width(),
            (Kind::Integer | Kind::Boolean | Kind::Text, Kind::Text) => true,
            (Kind::Binary, Kind::Binary) => !matches!(to, DataType::FixedSizeBinary(_)),
            // Between zones the point in time is kept; arrow would keep the local time.
            (Kind::Timestamp, Kind::Timestamp) => match (from, to) {
                (DataType::Timestamp(_, from_zone), DataType::Timestamp(_, to_zone)) => {
                    from_zone == to_zone && type_nanoseconds(from) >= type_nanoseconds(to)
                }
                _ => false,
            },
            _ => false,
        };
        if !same {
            return Ok(None);
        }
        let converted = guard("cannot convert", || cast(self.array, to).map_err(cannot_convert))?;
        Ok((converted.null_count() == self.array.null_count()).then_some(converted))
    }

    pub(crate) fn primitive<T: ArrowPrimitiveType>(
        &self,
        read: Reader<'_, Converted<T::Native>>,
    ) -> Result<ArrayRef> {
        let array: PrimitiveArray<T> = self.each(read)?.into_iter().collect();
        Ok(Arc::new(array.with_data_type(self.to.clone())))
    }

    /// Converts every non-null row.
    pub(crate) fn each<T>(&self, read: Reader<'_, Converted<T>>) -> Result<Vec<Option<T>>> {
        let mut converted = Vec::with_capacity(self.count);
        for row in 0..self.count {
            if self.array.is_null(row) {
                converted.push(None);
                continue;
            }
            match read(row) {
                Ok(value) => converted.push(Some(value)),
                Err(_) if self.conversion.null_on_failure => converted.push(None),
                Err(why) => return Err(self.failure(row, &why)),
            }
        }
        Ok(converted)
    }

    pub(crate) fn known<T>(&self, reader: Option<T>) -> Result<T> {
        reader.ok_or_else(|| self.impossible())
    }

    fn failure(&self, row: usize, why: &str) -> Error {
        let shown = value_text::texts(self.array).map(|text| text(row)).unwrap_or_default();
        let shown = escaped(&shown);
        let row = self.parents.map_or(row, |parents| parents[row]);
        self.rows.error(row, &self.conversion.text, format!("'{shown}': {why}"))
    }

    pub(crate) fn impossible(&self) -> Error {
        Error::failed(format!(
            "cannot convert {} to {}",
            describe(self.array.data_type()),
            describe(self.to)
        ))
    }
}
