//! Column builders that read texts, for every type without child fields. A value is read exactly or
//! refused with the reason.

use super::binary_text::read_uuid;
use super::conversion_error::ConversionError;
use super::parse_number::{boolean, decimal, float, integer};
use super::parse_temporal::{date, duration, interval, time, timestamp};
use crate::error::{Error, Result};
use crate::options::BinaryText;
use crate::schema::type_text;
use crate::time::zone::Zone;
use arrow::array::{
    ArrayBuilder, ArrayRef, ArrowPrimitiveType, BinaryBuilder, BinaryViewBuilder, BooleanBuilder,
    FixedSizeBinaryBuilder, LargeBinaryBuilder, LargeStringBuilder, NullBuilder, PrimitiveBuilder,
    StringBuilder, StringViewBuilder, downcast_integer, downcast_temporal,
};
use arrow::compute::DecimalCast;
use arrow::datatypes::*;

/// A builder of one column.
pub(crate) trait ValueBuilder {
    /// Appends the value that a text represents.
    fn append(&mut self, text: &str) -> Result<(), ConversionError>;

    /// Appends a null.
    fn append_null(&mut self);

    /// Returns the values so far as an array and resets the builder.
    fn finish(&mut self) -> ArrayRef;
}

/// An empty builder for a type; `None` for types with child fields and for dictionary- and run-end
/// encoded types.
///
/// # Errors
/// An unknown time zone.
pub(crate) fn values(
    data_type: &DataType,
    binary: BinaryText,
) -> Result<Option<Box<dyn ValueBuilder>>> {
    use DataType as D;
    use IntervalUnit::{DayTime, MonthDayNano, YearMonth};
    let of = data_type;
    macro_rules! integers {
        ($type:ty) => {
            primitive::<$type, _>(of, integer)
        };
    }
    macro_rules! counts {
        ($type:ty) => {
            counts::<$type>(of)?
        };
    }
    macro_rules! texts {
        ($builder:ty) => {
            made(
                <$builder>::new(),
                |b, text| {
                    b.append_value(text);
                    Ok(())
                },
                |b| b.append_null(),
            )
        };
    }
    macro_rules! bytes {
        ($builder:ty) => {
            made(
                <$builder>::new(),
                move |b, text| {
                    let bytes = binary.read(text).ok_or(ConversionError::Malformed)?;
                    b.append_value(bytes);
                    Ok(())
                },
                |b| b.append_null(),
            )
        };
    }
    Ok(Some(downcast_integer! {
        data_type => (integers),
        D::Null => {
            made(NullBuilder::new(), |_, _| Err(ConversionError::Malformed), |b| b.append_null())
        }
        D::Boolean => made(
            BooleanBuilder::new(),
            |b, text| boolean(text).map(|value| b.append_value(value)),
            BooleanBuilder::append_null,
        ),
        D::Float16 => primitive::<Float16Type, _>(of, |text| {
            let value = float::<f64>(text)?;
            let half = <Float16Type as ArrowPrimitiveType>::Native::from_f64(value);
            if half.is_finite() == value.is_finite() {
                Ok(half)
            } else {
                Err(ConversionError::OutOfRange)
            }
        }),
        D::Float32 => primitive::<Float32Type, _>(of, float),
        D::Float64 => primitive::<Float64Type, _>(of, float),
        D::Decimal32(digits, scale) => decimals::<Decimal32Type>(of, *digits, *scale),
        D::Decimal64(digits, scale) => decimals::<Decimal64Type>(of, *digits, *scale),
        D::Decimal128(digits, scale) => decimals::<Decimal128Type>(of, *digits, *scale),
        D::Decimal256(digits, scale) => decimals::<Decimal256Type>(of, *digits, *scale),
        D::Duration(TimeUnit::Second) => counts!(DurationSecondType),
        D::Duration(TimeUnit::Millisecond) => counts!(DurationMillisecondType),
        D::Duration(TimeUnit::Microsecond) => counts!(DurationMicrosecondType),
        D::Duration(TimeUnit::Nanosecond) => counts!(DurationNanosecondType),
        D::Interval(YearMonth) => primitive::<IntervalYearMonthType, _>(of, months),
        D::Interval(DayTime) => primitive::<IntervalDayTimeType, _>(of, day_time),
        D::Interval(MonthDayNano) => primitive::<IntervalMonthDayNanoType, _>(of, interval),
        D::Utf8 => texts!(StringBuilder),
        D::LargeUtf8 => texts!(LargeStringBuilder),
        D::Utf8View => texts!(StringViewBuilder),
        D::Binary => bytes!(BinaryBuilder),
        D::LargeBinary => bytes!(LargeBinaryBuilder),
        D::BinaryView => bytes!(BinaryViewBuilder),
        D::FixedSizeBinary(width) => made(
            // By default it allocates 1024 values, however wide.
            FixedSizeBinaryBuilder::with_capacity(0, *width),
            move |b, text| {
                let bytes = read_uuid(text).or_else(|| binary.read(text));
                let bytes = bytes.ok_or(ConversionError::Malformed)?;
                b.append_value(bytes).map_err(|_| ConversionError::OtherLength)
            },
            FixedSizeBinaryBuilder::append_null,
        ),
        other => downcast_temporal! {
            other => (counts),
            _ => return Ok(None),
        },
    }))
}

/// A builder with the functions that append to it.
struct Made<B, F, N> {
    builder: B,
    append: F,
    append_null: N,
}

impl<B, F, N> ValueBuilder for Made<B, F, N>
where
    B: ArrayBuilder,
    F: Fn(&mut B, &str) -> Result<(), ConversionError>,
    N: Fn(&mut B),
{
    fn append(&mut self, text: &str) -> Result<(), ConversionError> {
        (self.append)(&mut self.builder, text)
    }

    fn append_null(&mut self) {
        (self.append_null)(&mut self.builder);
    }

    fn finish(&mut self) -> ArrayRef {
        self.builder.finish()
    }
}

pub(super) fn made<B: ArrayBuilder>(
    builder: B,
    append: impl Fn(&mut B, &str) -> Result<(), ConversionError> + 'static,
    append_null: impl Fn(&mut B) + 'static,
) -> Box<dyn ValueBuilder> {
    Box::new(Made { builder, append, append_null })
}

pub(super) fn primitive<T, F>(data_type: &DataType, read: F) -> Box<dyn ValueBuilder>
where
    T: ArrowPrimitiveType,
    F: Fn(&str) -> Result<T::Native, ConversionError> + 'static,
{
    made(
        PrimitiveBuilder::<T>::new().with_data_type(data_type.clone()),
        move |builder, text| read(text).map(|value| builder.append_value(value)),
        PrimitiveBuilder::append_null,
    )
}

fn decimals<T>(data_type: &DataType, precision: u8, scale: i8) -> Box<dyn ValueBuilder>
where
    T: DecimalType,
    T::Native: DecimalCast,
{
    primitive::<T, _>(data_type, move |text| {
        T::Native::from_decimal(decimal(text, precision, scale)?).ok_or(ConversionError::OutOfRange)
    })
}

/// Dates, times, timestamps and durations: counts of a unit.
fn counts<T>(data_type: &DataType) -> Result<Box<dyn ValueBuilder>>
where
    T: ArrowPrimitiveType,
    T::Native: TryFrom<i64>,
{
    let unknown = |_| Error::usage(format!("unknown time zone in {}", type_text(data_type)));
    let zone = Zone::of(data_type).map_err(unknown)?;
    let of = data_type.clone();
    Ok(primitive::<T, _>(data_type, move |text| {
        let count = match &of {
            DataType::Date32 => date(text)?,
            DataType::Date64 => timestamp(text, TimeUnit::Millisecond, None)?,
            DataType::Time32(unit) | DataType::Time64(unit) => time(text, *unit)?,
            DataType::Timestamp(unit, name) => timestamp(text, *unit, name.as_ref().map(|_| zone))?,
            DataType::Duration(unit) => duration(text, *unit)?,
            _ => return Err(ConversionError::Malformed),
        };
        T::Native::try_from(count).map_err(|_| ConversionError::OutOfRange)
    }))
}

fn months(text: &str) -> Result<i32, ConversionError> {
    let span = interval(text)?;
    let only = span.days == 0 && span.nanoseconds == 0;
    if only { Ok(span.months) } else { Err(ConversionError::Malformed) }
}

fn day_time(text: &str) -> Result<IntervalDayTime, ConversionError> {
    let span = interval(text)?;
    match (span.months, span.nanoseconds % 1_000_000) {
        (0, 0) => {
            let milliseconds = i32::try_from(span.nanoseconds / 1_000_000);
            let milliseconds = milliseconds.map_err(|_| ConversionError::OutOfRange)?;
            Ok(IntervalDayTime::new(span.days, milliseconds))
        }
        (0, _) => Err(ConversionError::TooFine),
        _ => Err(ConversionError::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::parse_schema;
    use crate::text_format::json::NotFinite;
    use crate::text_format::json::encode::Encoding;

    /// The value that a column of a type reads from a text, as JSON.
    fn read(type_name: &str, text: &str) -> Result<String, ConversionError> {
        let schema = parse_schema(&format!("a {type_name}")).unwrap();
        let mut column = values(schema.field(0).data_type(), BinaryText::Base64).unwrap().unwrap();
        column.append_null();
        column.append(text)?;
        let array = column.finish();
        assert_eq!((array.len(), array.data_type()), (2, schema.field(0).data_type()));
        let encoding = Encoding::new(BinaryText::Base64, NotFinite::Text);
        let field = &schema.fields()[0];
        let mut shown = Vec::new();
        encoding.column(field, &array).unwrap().encode(1, &mut shown).unwrap();
        Ok(String::from_utf8(shown).unwrap())
    }

    #[test]
    fn texts_become_values_of_their_type() {
        for (type_name, text) in [
            ("bool", "true"),
            ("int8", "-128"),
            ("uint64", "18446744073709551615"),
            ("float16", "65504.0"),
            ("float32", "1.1"),
            ("float64", "\"-Infinity\""),
            ("decimal32(9, 2)", "-1234567.89"),
            ("decimal64(18, 3)", "123456789012345.678"),
            ("decimal128(38, 0)", "-12345678901234567890123456789012345678"),
            ("decimal256(50, 4)", "1234567890123456789012345678901234567890.1234"),
            ("date32", "\"2024-02-29\""),
            ("date64", "\"2024-02-29\""),
            ("date64", "\"2024-02-29T12:00:00\""),
            ("time32[s]", "\"12:30:00\""),
            ("time64[ns]", "\"12:30:00.123456789\""),
            ("timestamp[s]", "\"2024-02-29T12:30:00\""),
            ("timestamp[us, Europe/Berlin]", "\"2024-02-29T12:30:00.000001+01:00\""),
            ("duration[ms]", "\"-PT1.5S\""),
            ("month_interval", "\"P14M\""),
            ("day_time_interval", "\"P1DT-0.5S\""),
            ("month_day_nano_interval", "\"P1M-2DT0.000000003S\""),
            ("utf8_view", "\"a text that is longer than a view\""),
            ("large_binary", "\"AP8=\""),
            ("binary_view", "\"AP8=\""),
            ("fixed_size_binary[2]", "\"AP8=\""),
        ] {
            assert_eq!(read(type_name, text.trim_matches('"')), Ok(text.to_owned()), "{type_name}");
        }
    }

    #[test]
    fn a_wide_type_takes_no_memory_before_its_values_come() {
        let wide = DataType::FixedSizeBinary(i32::MAX);
        let mut column = values(&wide, BinaryText::Base64).unwrap().unwrap();
        assert_eq!(column.finish().len(), 0);
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_reason() {
        for (type_name, text, why) in [
            ("null", "1", ConversionError::Malformed),
            ("int8", "128", ConversionError::OutOfRange),
            ("float16", "65520", ConversionError::OutOfRange),
            ("decimal32(3, 2)", "10", ConversionError::OutOfRange),
            ("date32", "2024-02-29 00:00", ConversionError::Malformed),
            ("time32[s]", "12:30:00.5", ConversionError::TooFine),
            ("timestamp[s]", "2024-02-29T12:30:00Z", ConversionError::HasOffset),
            ("month_interval", "P1M1D", ConversionError::Malformed),
            ("day_time_interval", "P1DT0.0001S", ConversionError::TooFine),
            ("binary", "not base64", ConversionError::Malformed),
            ("fixed_size_binary[3]", "AP8=", ConversionError::OtherLength),
        ] {
            assert_eq!(read(type_name, text), Err(why), "{type_name}");
        }
    }
}
