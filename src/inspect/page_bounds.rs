//! Minimum and maximum of a page as statistics of its physical type, from its header or from the
//! page index. Whether they are believed is decided in `parquet_file::trust`.

use super::page_header::HeaderBounds;
use parquet::basic::Type as Physical;
use parquet::data_type::ByteArray;
use parquet::file::page_index::column_index::{ColumnIndexMetaData, PrimitiveColumnIndex};
use parquet::file::statistics::Statistics;

/// What a header states; nothing if it states none.
pub(super) fn of_header(bounds: &HeaderBounds<'_>, physical: Physical) -> Option<Statistics> {
    let is_old = bounds.min.is_none() && bounds.max.is_none();
    let (min, max) =
        if is_old { (bounds.old_min, bounds.old_max) } else { (bounds.min, bounds.max) };
    if min.is_none() && max.is_none() {
        return None;
    }
    Some(match physical {
        Physical::BOOLEAN => {
            let value = |bytes: &[u8]| fixed::<1>(bytes).map(|[byte]| byte != 0);
            Statistics::boolean(min.and_then(value), max.and_then(value), None, None, is_old)
        }
        Physical::INT32 => {
            let value = |bytes: &[u8]| fixed(bytes).map(i32::from_le_bytes);
            Statistics::int32(min.and_then(value), max.and_then(value), None, None, is_old)
        }
        Physical::INT64 => {
            let value = |bytes: &[u8]| fixed(bytes).map(i64::from_le_bytes);
            Statistics::int64(min.and_then(value), max.and_then(value), None, None, is_old)
        }
        Physical::FLOAT => {
            let value = |bytes: &[u8]| fixed(bytes).map(f32::from_le_bytes);
            Statistics::float(min.and_then(value), max.and_then(value), None, None, is_old)
        }
        Physical::DOUBLE => {
            let value = |bytes: &[u8]| fixed(bytes).map(f64::from_le_bytes);
            Statistics::double(min.and_then(value), max.and_then(value), None, None, is_old)
        }
        Physical::BYTE_ARRAY => {
            let value = |bytes: &[u8]| ByteArray::from(bytes.to_vec());
            Statistics::byte_array(min.map(value), max.map(value), None, None, is_old)
        }
        Physical::FIXED_LEN_BYTE_ARRAY => {
            let value = |bytes: &[u8]| ByteArray::from(bytes.to_vec()).into();
            Statistics::fixed_len_byte_array(min.map(value), max.map(value), None, None, is_old)
        }
        // Nothing is shown of them.
        Physical::INT96 => return None,
    })
}

/// What the page index states of its `page`th page.
pub(super) fn of_index(index: &ColumnIndexMetaData, page: usize) -> Option<Statistics> {
    use ColumnIndexMetaData as Index;
    Some(match index {
        Index::BOOLEAN(index) => {
            let (min, max) = both(index, page)?;
            Statistics::boolean(min, max, None, None, false)
        }
        Index::INT32(index) => {
            let (min, max) = both(index, page)?;
            Statistics::int32(min, max, None, None, false)
        }
        Index::INT64(index) => {
            let (min, max) = both(index, page)?;
            Statistics::int64(min, max, None, None, false)
        }
        Index::FLOAT(index) => {
            let (min, max) = both(index, page)?;
            Statistics::float(min, max, None, None, false)
        }
        Index::DOUBLE(index) => {
            let (min, max) = both(index, page)?;
            Statistics::double(min, max, None, None, false)
        }
        Index::BYTE_ARRAY(index) => {
            let value = |bytes: Option<&[u8]>| bytes.map(|bytes| ByteArray::from(bytes.to_vec()));
            let (min, max) = (value(index.min_value(page)), value(index.max_value(page)));
            Statistics::byte_array(min, max, None, None, false)
        }
        Index::FIXED_LEN_BYTE_ARRAY(index) => {
            let value =
                |bytes: Option<&[u8]>| bytes.map(|bytes| ByteArray::from(bytes.to_vec()).into());
            let (min, max) = (value(index.min_value(page)), value(index.max_value(page)));
            Statistics::fixed_len_byte_array(min, max, None, None, false)
        }
        Index::INT96(_) => return None,
    })
}

fn both<T: Copy>(index: &PrimitiveColumnIndex<T>, page: usize) -> Option<(Option<T>, Option<T>)> {
    let (min, max) = (index.min_value(page).copied(), index.max_value(page).copied());
    (min.is_some() || max.is_some()).then_some((min, max))
}

fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}
