//! The min and max of a page, from its header or the page index.
//! `parquet_file::statistics_validity` decides whether they are trusted.

use super::bounds::{Bounds, Ignored};
use super::page_header::HeaderBounds;
use super::parquet_type::Meaning;
use crate::parquet_file::statistics_validity::ColumnTrust;
use parquet::basic::Type as Physical;
use parquet::data_type::ByteArray;
use parquet::file::statistics::Statistics;

/// The bounds in a page header; none if it has none.
pub(super) fn of_header(
    stated: &HeaderBounds<'_>,
    physical: Physical,
    meaning: Meaning,
    trust: &ColumnTrust,
) -> Option<Bounds> {
    let is_old = stated.min.is_none() && stated.max.is_none();
    let (min, max) =
        if is_old { (stated.old_min, stated.old_max) } else { (stated.min, stated.max) };
    if min.is_none() && max.is_none() {
        return None;
    }
    let bounds = bounds(min, max, is_old, physical, meaning, trust);
    Some(bounds.with_exactness(stated.flags))
}

/// The bounds in the page index.
pub(super) fn of_index(
    (min, max): (&[u8], &[u8]),
    physical: Physical,
    meaning: Meaning,
    trust: &ColumnTrust,
) -> Bounds {
    bounds(Some(min), Some(max), false, physical, meaning, trust)
}

fn bounds(
    min: Option<&[u8]>,
    max: Option<&[u8]>,
    is_old: bool,
    physical: Physical,
    meaning: Meaning,
    trust: &ColumnTrust,
) -> Bounds {
    let length = match physical {
        Physical::BOOLEAN => Some(1),
        Physical::INT32 | Physical::FLOAT => Some(4),
        Physical::INT64 | Physical::DOUBLE => Some(8),
        // They are not shown.
        Physical::INT96 => return Bounds::default(),
        Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY => None,
    };
    let fits = |bound: Option<&[u8]>| {
        bound.is_none_or(|bound| length.is_none_or(|length| bound.len() == length))
    };
    if !fits(min) || !fits(max) {
        return Bounds::ignored(Ignored::Length);
    }
    let stated = statistics(min, max, is_old, physical);
    crate::inspect::statistics::bounds(&stated, meaning, trust.page_bounds(&stated))
}

/// Bounds as statistics of their physical type, without those of the wrong length.
fn statistics(
    min: Option<&[u8]>,
    max: Option<&[u8]>,
    is_old: bool,
    physical: Physical,
) -> Statistics {
    macro_rules! of {
        ($make:ident, $value:expr) => {{
            let value = $value;
            Statistics::$make(min.and_then(value), max.and_then(value), None, None, is_old)
        }};
    }
    match physical {
        Physical::BOOLEAN => of!(boolean, |bytes| fixed(bytes).map(|[byte]| byte != 0)),
        Physical::INT32 => of!(int32, |bytes| fixed(bytes).map(i32::from_le_bytes)),
        Physical::INT64 => of!(int64, |bytes| fixed(bytes).map(i64::from_le_bytes)),
        Physical::FLOAT => of!(float, |bytes| fixed(bytes).map(f32::from_le_bytes)),
        Physical::DOUBLE => of!(double, |bytes| fixed(bytes).map(f64::from_le_bytes)),
        Physical::BYTE_ARRAY | Physical::INT96 => {
            of!(byte_array, |bytes: &[u8]| Some(ByteArray::from(bytes.to_vec())))
        }
        Physical::FIXED_LEN_BYTE_ARRAY => {
            of!(fixed_len_byte_array, |bytes: &[u8]| Some(ByteArray::from(bytes.to_vec()).into()))
        }
    }
}

fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}
