//! Conversion between points in time and the local time of a column's zone: the one place that
//! decides in which zone types with and without a zone are compared.
//!
//! Local times are nanoseconds since 1970-01-01 00:00:00 in that zone. A column without a zone is
//! its own local time.

use super::instant::DAY_NANOSECONDS;
use crate::time::calendar::{civil, days};
use crate::time::offset::{offset_at, offset_of_local};
use arrow::array::timezone::Tz;
use arrow::datatypes::DataType;
use chrono::MappedLocalTime;

/// A column's time zone; none is UTC.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Zone(Option<Tz>);

const SECOND: i128 = 1_000_000_000;

impl Zone {
    /// The zone of a type.
    ///
    /// # Errors
    /// An unknown time zone.
    pub(crate) fn of(data_type: &DataType) -> Result<Self, String> {
        match data_type {
            DataType::Timestamp(_, Some(name)) => Self::named(name),
            _ => Ok(Self(None)),
        }
    }

    /// The zone with a name such as `Europe/Berlin` or `+02:00`.
    ///
    /// # Errors
    /// An unknown name.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        if matches!(name, "UTC" | "Z" | "+00:00" | "Etc/UTC") {
            return Ok(Self(None));
        }
        let zone = name.parse();
        zone.map(|zone| Self(Some(zone)))
            .map_err(|_| format!("unknown time zone \"{}\"", crate::text::escaped(name)))
    }

    /// The name of a zone in its usual spelling: `UTC` for `utc`.
    pub(crate) fn proper_name(name: &str) -> &str {
        let mut known = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        known.find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(name)
    }

    /// Whether this zone is UTC.
    pub(crate) fn is_utc(self) -> bool {
        self.0.is_none()
    }

    /// Seconds east of UTC at a point in time.
    pub(crate) fn offset_seconds(self, utc: i128) -> i64 {
        self.0.map_or(0, |zone| offset_at(&zone, seconds(utc)))
    }

    pub(crate) fn local(self, utc: i128) -> i128 {
        utc + i128::from(self.offset_seconds(utc)) * SECOND
    }

    /// The point in time at which the local time occurs. If there are two, the one with the offset
    /// of `near`. A skipped local time has the offset before the change.
    pub(crate) fn utc_near(self, local: i128, near: i128) -> i128 {
        let before = self.offset_seconds(near);
        self.utc_by(local, |first, second| if second == before { second } else { first })
    }

    /// The point in time at which the local time occurs. If there are two, the later one, as in
    /// DuckDB. A skipped local time has the offset before the change.
    pub(crate) fn utc(self, local: i128) -> i128 {
        self.utc_by(local, |_, second| second)
    }

    fn utc_by(self, local: i128, of_two: impl FnOnce(i64, i64) -> i64) -> i128 {
        let Some(zone) = self.0 else { return local };
        let offset = match offset_of_local(&zone, seconds(local)) {
            MappedLocalTime::Single(offset) => offset,
            MappedLocalTime::Ambiguous(first, second) => of_two(first, second),
            MappedLocalTime::None => self.offset_seconds(local - DAY_NANOSECONDS),
        };
        local - i128::from(offset) * SECOND
    }
}

/// The conversion of points in time of one type to another. A type without a zone (including dates)
/// takes the zone of the other type.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Clock {
    Same,
    ToLocal(Zone),
    FromLocal(Zone),
}

impl Clock {
    /// The conversion from one type to the other.
    ///
    /// # Errors
    /// An unknown time zone.
    pub(crate) fn between(from: &DataType, to: &DataType) -> Result<Self, String> {
        Ok(match (has_zone(from), has_zone(to)) {
            (true, false) => Self::ToLocal(Zone::of(from)?),
            (false, true) => Self::FromLocal(Zone::of(to)?),
            _ => Self::Same,
        })
    }

    /// The conversion to points in time, for a comparison with the other type.
    ///
    /// # Errors
    /// An unknown time zone.
    pub(crate) fn against(own: &DataType, other: &DataType) -> Result<Self, String> {
        if has_zone(own) { Ok(Self::Same) } else { Self::between(own, other) }
    }

    pub(crate) fn apply(self, nanoseconds: i128) -> i128 {
        match self {
            Self::Same => nanoseconds,
            Self::ToLocal(zone) => zone.local(nanoseconds),
            Self::FromLocal(zone) => zone.utc(nanoseconds),
        }
    }
}

pub(crate) fn has_zone(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Timestamp(_, Some(_)))
}

/// Seconds of a point in time; 64 bits hold those of all timestamps.
fn seconds(nanoseconds: i128) -> i64 {
    nanoseconds.div_euclid(SECOND).clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

/// Year, month, day, and nanoseconds since midnight.
pub(crate) fn fields(local: i128) -> (i64, u32, u32, i128) {
    let (year, month, day) = civil(day_number(local));
    (year, month, day, local.rem_euclid(DAY_NANOSECONDS))
}

/// Days since 1970-01-01.
pub(crate) fn day_number(local: i128) -> i64 {
    local.div_euclid(DAY_NANOSECONDS) as i64
}

/// Midnight of a date.
pub(crate) fn midnight(year: i64, month: i64, day: i64) -> i128 {
    i128::from(days(year, month, day)) * DAY_NANOSECONDS
}
