//! Converts points in time for comparisons between types with and without a time zone.
//!
//! Local times are nanoseconds since 1970-01-01 00:00:00 in that zone. A column without a zone is
//! its own local time.

use crate::time::zone::Zone;
use arrow::datatypes::DataType;

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
