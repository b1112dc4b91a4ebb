//! A time zone: points in time as its clock shows them, and back.
//!
//! Local times count from 1970-01-01 00:00:00 of that clock.

use super::calendar::DAY_NANOSECONDS;
use super::offset::{offset_at, offset_of_local};
use arrow::array::timezone::Tz;
use arrow::datatypes::DataType;
use chrono::MappedLocalTime;

/// The time zone of a column; none is UTC.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Zone(Option<Tz>);

const SECOND_NANOSECONDS: i128 = 1_000_000_000;

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

    /// Seconds ahead of UTC at a point in time, in seconds.
    pub(crate) fn offset_at(self, utc_seconds: i64) -> i64 {
        self.0.map_or(0, |zone| offset_at(&zone, utc_seconds))
    }

    /// Seconds ahead of UTC at a local time, in seconds. Two where clocks are set back, the earlier
    /// point in time first; none where they are set forward.
    pub(crate) fn offset_of_local(self, local_seconds: i64) -> MappedLocalTime<i64> {
        let utc = MappedLocalTime::Single(0);
        self.0.map_or(utc, |zone| offset_of_local(&zone, local_seconds))
    }

    /// Seconds ahead of UTC at a point in time, in nanoseconds.
    pub(crate) fn offset_seconds(self, utc: i128) -> i64 {
        self.offset_at(seconds(utc))
    }

    /// The local time of a point in time, in nanoseconds.
    pub(crate) fn local(self, utc: i128) -> i128 {
        utc + i128::from(self.offset_seconds(utc)) * SECOND_NANOSECONDS
    }

    /// The point in time at which the local time occurs, in nanoseconds. If there are two, the one
    /// with the offset of `near`. A skipped local time has the offset before the change.
    pub(crate) fn utc_near(self, local: i128, near: i128) -> i128 {
        let before = self.offset_seconds(near);
        self.utc_by(local, |first, second| if second == before { second } else { first })
    }

    /// The point in time at which the local time occurs, in nanoseconds. If there are two, the
    /// later one, as in DuckDB. A skipped local time has the offset before the change.
    pub(crate) fn utc(self, local: i128) -> i128 {
        self.utc_by(local, |_, second| second)
    }

    fn utc_by(self, local: i128, of_two: impl FnOnce(i64, i64) -> i64) -> i128 {
        let offset = match self.offset_of_local(seconds(local)) {
            MappedLocalTime::Single(offset) => offset,
            MappedLocalTime::Ambiguous(first, second) => of_two(first, second),
            MappedLocalTime::None => self.offset_seconds(local - DAY_NANOSECONDS),
        };
        local - i128::from(offset) * SECOND_NANOSECONDS
    }
}

/// Seconds of a point in time; 64 bits hold those of all timestamps.
fn seconds(nanoseconds: i128) -> i64 {
    nanoseconds.div_euclid(SECOND_NANOSECONDS).clamp(i64::MIN.into(), i64::MAX.into()) as i64
}
