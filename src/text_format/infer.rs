//! Type inference for columns of texts or JSON values: each value has a narrowest type, and two of
//! them join to the narrowest type that holds both exactly.

use super::parse_temporal::timestamp_count;
use crate::schema::schema_text;
use crate::text::count;
use crate::time::parse::{Form, TimeOfDay, Timestamp};
use crate::time::zone::Zone;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};

/// The narrowest type of all values seen so far. `Null` is below all others, `Text` above.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Inferred {
    /// No value yet.
    #[default]
    Null,
    /// true, false.
    Boolean,
    /// Whole numbers: whether one is negative, whether one is beyond int64.
    Integer { negative: bool, large: bool },
    /// Numbers, some with a fraction.
    Float,
    /// Dates.
    Date,
    /// Times of day, some perhaps finer than a microsecond.
    Time { fine: bool },
    /// Dates with or without times, all with or all without an offset from UTC.
    Timestamp { fine: bool, zoned: bool },
    /// Anything.
    Text,
}

impl Inferred {
    /// The narrowest type of one text. Numbers that would not round-trip, such as `007`, `+1` or
    /// `1_000`, are text: they may be keys.
    pub(crate) fn of_text(text: &str) -> Self {
        let Some(first) = text.bytes().next() else { return Self::Text };
        // Only a few words begin with a letter; most texts are decided here.
        if first.is_ascii_alphabetic() {
            return match text {
                "true" | "false" | "True" | "False" | "TRUE" | "FALSE" => Self::Boolean,
                "NaN" | "nan" | "inf" | "Inf" | "Infinity" | "infinity" => Self::Float,
                _ => Self::Text,
            };
        }
        number(text).or_else(|| moment(text)).unwrap_or(Self::Text)
    }

    /// The narrowest type that holds both.
    pub(crate) fn join(self, other: Self) -> Self {
        use Inferred::{Date, Float, Integer, Null, Text, Time, Timestamp};
        match (self, other) {
            (Null, any) | (any, Null) => any,
            (a, b) if a == b => a,
            (Integer { negative: a, large: b }, Integer { negative: c, large: d }) => {
                Integer { negative: a || c, large: b || d }
            }
            (Float, Integer { .. }) | (Integer { .. }, Float) => Float,
            (Time { fine: a }, Time { fine: b }) => Time { fine: a || b },
            (Date, Timestamp { fine, zoned: false }) | (Timestamp { fine, zoned: false }, Date) => {
                Timestamp { fine, zoned: false }
            }
            (Timestamp { fine: a, zoned: b }, Timestamp { fine: c, zoned: d }) if b == d => {
                Timestamp { fine: a || c, zoned: b }
            }
            _ => Text,
        }
    }

    /// The values that a column of an inferred type may hold; `None` for types that are never
    /// inferred.
    pub(crate) fn of_type(data_type: &DataType) -> Option<Self> {
        let fine = |unit: &TimeUnit| *unit == TimeUnit::Nanosecond;
        Some(match data_type {
            DataType::Null => Self::Null,
            DataType::Boolean => Self::Boolean,
            DataType::Int64 => Self::Integer { negative: true, large: false },
            DataType::UInt64 => Self::Integer { negative: false, large: true },
            DataType::Decimal128(20, 0) => Self::Integer { negative: true, large: true },
            DataType::Float64 => Self::Float,
            DataType::Date32 => Self::Date,
            DataType::Time64(unit) => Self::Time { fine: fine(unit) },
            DataType::Timestamp(unit, zone) => {
                Self::Timestamp { fine: fine(unit), zoned: zone.is_some() }
            }
            DataType::Utf8 => Self::Text,
            _ => return None,
        })
    }

    /// The Arrow type; `null` if there was no value.
    pub(crate) fn data_type(self) -> DataType {
        let unit = |fine| if fine { TimeUnit::Nanosecond } else { TimeUnit::Microsecond };
        match self {
            Self::Null => DataType::Null,
            Self::Boolean => DataType::Boolean,
            Self::Integer { large: false, .. } => DataType::Int64,
            Self::Integer { negative: false, large: true } => DataType::UInt64,
            // Holds both Int64 and UInt64: exact, and still a number.
            Self::Integer { negative: true, large: true } => DataType::Decimal128(20, 0),
            Self::Float => DataType::Float64,
            Self::Date => DataType::Date32,
            Self::Time { fine } => DataType::Time64(unit(fine)),
            Self::Timestamp { fine, zoned } => {
                DataType::Timestamp(unit(fine), zoned.then(|| "UTC".into()))
            }
            Self::Text => DataType::Utf8,
        }
    }
}

/// The narrowest type that holds an inferred column and a value that does not fit it; text if that
/// would be the column's own type, which refused the value.
pub(crate) fn fitting(data_type: &DataType, value: Inferred) -> DataType {
    let joined = Inferred::of_type(data_type).map(|column| column.join(value).data_type());
    joined.filter(|joined| joined != data_type).unwrap_or(DataType::Utf8)
}

/// The source of an inferred type, for a message: `inferred from the first 65,536 rows`.
pub(crate) fn as_sampled(rows: u64) -> String {
    match rows {
        1 => "inferred from the first row".to_owned(),
        rows => format!("inferred from the first {} rows", count(rows)),
    }
}

/// The options that read a value that does not fit an inferred column: with `wider`, the type that
/// holds all values; for a number in another form, also with the column's own type.
pub(crate) fn ways_out(column: &Field, wider: DataType, is_number: bool) -> String {
    let option = |data_type| {
        let schema = Schema::new(vec![Field::new(column.name(), data_type, true)]);
        format!("--types '{}'", schema_text(&schema))
    };
    let words = match &wider {
        DataType::Utf8 => "reads the column as text",
        _ => "accepts both",
    };
    let mut ways = format!("{} {words}", option(wider));
    if is_number {
        let number = option(column.data_type().clone());
        ways.push_str(&format!(", {number} reads it as a number"));
    }
    ways
}

fn number(text: &str) -> Option<Inferred> {
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    if matches!(unsigned, "inf" | "Inf" | "Infinity" | "infinity") {
        return Some(Inferred::Float);
    }
    let whole = unsigned.bytes().take_while(u8::is_ascii_digit).count();
    if whole > 1 && unsigned.starts_with('0') {
        return None;
    }
    if whole == unsigned.len() && whole > 0 {
        return Some(match text.parse::<i64>() {
            // An integer has no negative zero.
            Ok(0) if negative => Inferred::Float,
            Ok(_) => Inferred::Integer { negative, large: false },
            Err(_) if text.parse::<u64>().is_ok() => Inferred::Integer { negative, large: true },
            // More digits than any integer type holds: a float would lose some.
            Err(_) => Inferred::Text,
        });
    }
    let is_number =
        unsigned.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    let is_number = is_number && !text.starts_with('+');
    (is_number && text.parse::<f64>().is_ok_and(f64::is_finite)).then_some(Inferred::Float)
}

fn moment(text: &str) -> Option<Inferred> {
    let micro = TimeUnit::Microsecond;
    if let Some(moment) = Timestamp::parse(text, Form::Iso) {
        if moment.date().is_some_and(|days| i32::try_from(days).is_ok()) {
            return Some(Inferred::Date);
        }
        let (fine, zoned) = (!moment.fits(micro), moment.offset_seconds.is_some());
        let unit = if fine { TimeUnit::Nanosecond } else { micro };
        let holds = timestamp_count(&moment, unit, zoned.then(Zone::default)).is_ok();
        return holds.then_some(Inferred::Timestamp { fine, zoned });
    }
    // Hours and minutes alone may be anything, and so may hours of one digit.
    let time = TimeOfDay::parse(text, Form::Iso).filter(|_| text.len() >= 8)?;
    time.fits(TimeUnit::Nanosecond).then_some(Inferred::Time { fine: !time.fits(micro) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inferred(texts: &[&str]) -> String {
        let joined = texts.iter().map(|text| Inferred::of_text(text)).reduce(Inferred::join);
        crate::schema::type_text(&joined.unwrap_or_default().data_type())
    }

    #[test]
    fn columns_have_the_least_type_that_holds_them() {
        for (texts, expected) in [
            (&[][..], "null"),
            (&["true", "False"], "bool"),
            (&["true", "1"], "utf8"),
            (&["1", "-2", "9223372036854775807"], "int64"),
            (&["1", "18446744073709551615"], "uint64"),
            (&["-1", "18446744073709551615"], "decimal128(20, 0)"),
            (&["18446744073709551616"], "utf8"),
            (&["1", "2.5", "1e-7", "NaN", "-inf"], "float64"),
            (&["-0"], "float64"),
            (&["007"], "utf8"),
            (&["+1"], "utf8"),
            (&["1e999"], "utf8"),
            (&["0x10"], "utf8"),
            (&["-"], "utf8"),
            (&["2024-02-29", "1970-01-01"], "date32"),
            (&["2024-02-29", "1970-01-01 00:00:00"], "timestamp[us]"),
            (&["1970-01-01T00:00:00.123456789"], "timestamp[ns]"),
            (&["1970-01-01T00:00:00Z", "1970-01-01T00:00:00+02:00"], "timestamp[us, UTC]"),
            (&["1970-01-01T00:00:00Z", "1970-01-01"], "utf8"),
            (&["2024-02-30"], "utf8"),
            (&["10234-05-12"], "utf8"),
            (&["+10234-05-12"], "date32"),
            (&["12:30:00", "01:02:03.5"], "time64[us]"),
            (&["12:30"], "utf8"),
            (&["1", "x"], "utf8"),
            (&[""], "utf8"),
        ] {
            assert_eq!(inferred(texts), expected, "{texts:?}");
        }
    }
}
