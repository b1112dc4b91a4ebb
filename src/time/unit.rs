//! The units of Arrow's types: their length, fraction digits and name.

use arrow::datatypes::TimeUnit;

/// The number of nanoseconds in a unit.
pub(crate) fn unit_nanoseconds(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1_000_000_000,
        TimeUnit::Millisecond => 1_000_000,
        TimeUnit::Microsecond => 1_000,
        TimeUnit::Nanosecond => 1,
    }
}

/// The number of units in a day of 24 hours.
pub(crate) fn units_per_day(unit: TimeUnit) -> i64 {
    86_400 * (1_000_000_000 / unit_nanoseconds(unit))
}

/// The number of fraction digits of a second in a unit.
pub(crate) fn second_digits(unit: TimeUnit) -> usize {
    match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 3,
        TimeUnit::Microsecond => 6,
        TimeUnit::Nanosecond => 9,
    }
}

/// The usual symbol of a unit: `s`, `ms`, `us`, `ns`.
pub(crate) fn unit_symbol(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "s",
        TimeUnit::Millisecond => "ms",
        TimeUnit::Microsecond => "us",
        TimeUnit::Nanosecond => "ns",
    }
}
