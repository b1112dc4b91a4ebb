//! The min and max of a column chunk and its pages, made usable for existing readers.
//!
//! The crate uses the total order for floats, as the format recommends since 2025, and declares it
//! in the footer; pyarrow 26, Spark and older readers ignore the min and max of such columns. Here
//! they follow the rules of the type-defined order, which `column_orders` declares. A min or max
//! that the crate cannot shorten is left out: of values of 200 kB whose bytes are all 0xFF, it
//! stores the whole max, twice.

use parquet::basic::{BoundaryOrder, LogicalType, SortOrder, Type as PhysicalType};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::{ByteArray, FixedLenByteArray};
use parquet::errors::Result;
use parquet::file::metadata::ColumnIndexBuilder;
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::statistics::{Statistics, ValueStatistics};
use parquet::schema::types::ColumnDescriptor;

/// The kind of values that a column's min and max are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ValueKind {
    Float16,
    Float32,
    Float64,
    Text,
    Bytes,
    /// The format defines no order for them.
    Unordered,
    /// Numbers, whose min and max stay as they are.
    Other,
}

/// The largest stored min or max in bytes: the crate's default.
const STORED_BYTES: usize = 64;

type Bounds = (Option<Vec<u8>>, Option<Vec<u8>>);

/// Rewrites the min and max of a column chunk that the crate has closed.
///
/// # Errors
/// None in practice.
pub(crate) fn settle_bounds(closed: &mut ColumnCloseResult) -> Result<()> {
    let values = ValueKind::of(closed.metadata.column_descr());
    if values == ValueKind::Other {
        return Ok(());
    }
    if let Some(index) = closed.column_index.take() {
        closed.column_index = values.column_index(index)?;
    }
    if let Some(statistics) = closed.metadata.statistics() {
        let settled = values.statistics(statistics);
        let builder = closed.metadata.clone().into_builder();
        closed.metadata = builder.set_statistics(settled).build()?;
    }
    Ok(())
}

impl ValueKind {
    fn of(column: &ColumnDescriptor) -> Self {
        let logical_type = column.logical_type_ref();
        match (column.physical_type(), logical_type) {
            _ if column.sort_order() == SortOrder::UNDEFINED => Self::Unordered,
            (PhysicalType::FLOAT, _) => Self::Float32,
            (PhysicalType::DOUBLE, _) => Self::Float64,
            (_, Some(LogicalType::Float16)) => Self::Float16,
            (_, Some(LogicalType::Decimal(_))) => Self::Other,
            (_, Some(LogicalType::String | LogicalType::Json | LogicalType::Enum)) => Self::Text,
            (PhysicalType::BYTE_ARRAY | PhysicalType::FIXED_LEN_BYTE_ARRAY, _) => Self::Bytes,
            _ => Self::Other,
        }
    }

    /// The min to store. The crate's is at most 64 bytes long, and for JSON and ENUM may end within
    /// a character.
    fn min(self, bound: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Text => Some(whole_characters(bound).as_bytes().to_vec()),
            Self::Bytes => (bound.len() <= STORED_BYTES).then(|| bound.to_vec()),
            _ => self.number(bound, true),
        }
    }

    /// The max to store.
    fn max(self, bound: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Text | Self::Bytes if bound.len() > STORED_BYTES => None,
            Self::Text if std::str::from_utf8(bound).is_err() => next_text(whole_characters(bound)),
            Self::Text | Self::Bytes => Some(bound.to_vec()),
            _ => self.number(bound, false),
        }
    }

    /// A min or max of floats: never NaN, and of the two zeros the one that includes the other.
    fn number(self, bound: &[u8], is_min: bool) -> Option<Vec<u8>> {
        // Signs, exponents and fractions are laid out in the same order in all three widths.
        let (magnitude, infinity) = match self {
            Self::Float16 => {
                (u64::from(u16::from_le_bytes(bound.try_into().ok()?) & 0x7fff), 0x7c00)
            }
            Self::Float32 => {
                let bits = u32::from_le_bytes(bound.try_into().ok()?);
                (u64::from(bits & !(1 << 31)), u64::from(f32::INFINITY.to_bits()))
            }
            Self::Float64 => {
                let bits = u64::from_le_bytes(bound.try_into().ok()?);
                (bits & !(1 << 63), f64::INFINITY.to_bits())
            }
            _ => return None,
        };
        if infinity < magnitude {
            return None;
        }
        let mut settled = bound.to_vec();
        if magnitude == 0
            && let Some(sign) = settled.last_mut()
        {
            *sign = if is_min { 0x80 } else { 0 };
        }
        Some(settled)
    }

    fn statistics(self, found: &Statistics) -> Statistics {
        let (found_min, found_max) = (found.min_bytes_opt(), found.max_bytes_opt());
        let min = found_min.and_then(|bound| self.min(bound));
        let max = found_max.and_then(|bound| self.max(bound));
        let is_text = self == Self::Text;
        let is_exact = [
            found.min_is_exact() && (!is_text || min.as_deref() == found_min),
            found.max_is_exact() && (!is_text || max.as_deref() == found_max),
        ];
        match found {
            Statistics::Float(_) => {
                let number = |bound: Vec<u8>| bound.try_into().ok().map(f32::from_le_bytes);
                with_bounds(found, (min.and_then(number), max.and_then(number)), is_exact).into()
            }
            Statistics::Double(_) => {
                let number = |bound: Vec<u8>| bound.try_into().ok().map(f64::from_le_bytes);
                with_bounds(found, (min.and_then(number), max.and_then(number)), is_exact).into()
            }
            Statistics::FixedLenByteArray(_) => {
                let bytes = |bound: Vec<u8>| FixedLenByteArray::from(bound);
                with_bounds(found, (min.map(bytes), max.map(bytes)), is_exact).into()
            }
            Statistics::ByteArray(_) => {
                let bytes = |bound: Vec<u8>| ByteArray::from(bound);
                with_bounds(found, (min.map(bytes), max.map(bytes)), is_exact).into()
            }
            other => other.clone(),
        }
    }

    /// None if a page has values but no min or max that can be stored: the index needs both.
    fn column_index(self, found: ColumnIndexMetaData) -> Result<Option<ColumnIndexMetaData>> {
        let pages = pages(&found);
        let settled = pages.iter().map(|(min, max)| {
            let min = min.as_ref().and_then(|bound| self.min(bound));
            (min, max.as_ref().and_then(|bound| self.max(bound)))
        });
        let settled: Vec<Bounds> = settled.collect();
        let order = match (self, found.get_boundary_order()) {
            // The crate determines the order from the values before they are shortened.
            (Self::Text | Self::Bytes, _) => {
                let stored = settled.iter().cloned();
                let stored = stored.filter_map(|(min, max)| min.zip(max)).collect::<Vec<_>>();
                boundary_order(&stored)
            }
            (_, order) => order.unwrap_or(BoundaryOrder::UNORDERED),
        };
        if settled == pages && Some(order) == found.get_boundary_order() {
            return Ok(Some(found));
        }
        let mut index = ColumnIndexBuilder::new(match found {
            ColumnIndexMetaData::FLOAT(_) => PhysicalType::FLOAT,
            ColumnIndexMetaData::DOUBLE(_) => PhysicalType::DOUBLE,
            ColumnIndexMetaData::BYTE_ARRAY(_) => PhysicalType::BYTE_ARRAY,
            _ => PhysicalType::FIXED_LEN_BYTE_ARRAY,
        });
        for (page, bounds) in settled.into_iter().enumerate() {
            let is_null = found.is_null_page(page);
            let (min, max) = match bounds {
                (Some(min), Some(max)) => (min, max),
                _ if is_null => (Vec::new(), Vec::new()),
                _ => return Ok(None),
            };
            let nulls = found.null_count(page).unwrap_or_default();
            index.append(is_null, min, max, nulls, found.nan_count(page));
            let levels = |levels: Option<&[i64]>| levels.map(|levels| levels.to_vec().into());
            index.append_histograms(
                &levels(found.repetition_level_histogram(page)),
                &levels(found.definition_level_histogram(page)),
            );
        }
        index.set_boundary_order(order);
        index.build().map(Some)
    }
}

/// Statistics with another min and max.
fn with_bounds<T>(
    found: &Statistics,
    (min, max): (Option<T>, Option<T>),
    [min_is_exact, max_is_exact]: [bool; 2],
) -> ValueStatistics<T> {
    let (distinct, nulls) = (found.distinct_count_opt(), found.null_count_opt());
    // Readers from before 2018 look for the min and max of signed numbers in the deprecated fields
    // `min` and `max`; the crate writes those too, for integers.
    let is_number = matches!(found, Statistics::Float(_) | Statistics::Double(_));
    ValueStatistics::new(min, max, distinct, nulls, false)
        .with_nan_count(found.nan_count_opt())
        .with_min_is_exact(min_is_exact)
        .with_max_is_exact(max_is_exact)
        .with_backwards_compatible_min_max(is_number)
}

/// The min and max of each page, as stored.
fn pages(index: &ColumnIndexMetaData) -> Vec<Bounds> {
    let owned = |bound: Option<&[u8]>| bound.map(<[u8]>::to_vec);
    match index {
        ColumnIndexMetaData::FLOAT(index) => {
            let stored = |bound: Option<&f32>| bound.map(|bound| bound.to_le_bytes().to_vec());
            let (mins, maxs) = (index.min_values_iter(), index.max_values_iter());
            mins.map(stored).zip(maxs.map(stored)).collect()
        }
        ColumnIndexMetaData::DOUBLE(index) => {
            let stored = |bound: Option<&f64>| bound.map(|bound| bound.to_le_bytes().to_vec());
            let (mins, maxs) = (index.min_values_iter(), index.max_values_iter());
            mins.map(stored).zip(maxs.map(stored)).collect()
        }
        ColumnIndexMetaData::BYTE_ARRAY(index)
        | ColumnIndexMetaData::FIXED_LEN_BYTE_ARRAY(index) => {
            let (mins, maxs) = (index.min_values_iter(), index.max_values_iter());
            mins.map(owned).zip(maxs.map(owned)).collect()
        }
        _ => Vec::new(),
    }
}

/// The text without a truncated last character.
pub(super) fn whole_characters(bound: &[u8]) -> &str {
    bound.utf8_chunks().next().map_or("", |chunk| chunk.valid())
}

/// The order of pages by their stored min and max. If multi-byte characters are cut off, it may
/// differ from the order of the values.
pub(super) fn boundary_order(stored: &[(Vec<u8>, Vec<u8>)]) -> BoundaryOrder {
    let all = |is_in_order: fn(&[u8], &[u8]) -> bool| {
        stored
            .windows(2)
            .all(|pair| is_in_order(&pair[0].0, &pair[1].0) && is_in_order(&pair[0].1, &pair[1].1))
    };
    if all(|before, after| before <= after) {
        BoundaryOrder::ASCENDING
    } else if all(|before, after| before >= after) {
        BoundaryOrder::DESCENDING
    } else {
        BoundaryOrder::UNORDERED
    }
}

/// The text with its last character incremented, after removing characters whose successor has
/// another length.
pub(super) fn next_text(text: &str) -> Option<Vec<u8>> {
    text.char_indices().rev().find_map(|(place, character)| {
        let next = char::from_u32(u32::from(character) + 1)?;
        let same = next.len_utf8() == character.len_utf8();
        same.then(|| [&text[..place], next.encode_utf8(&mut [0; 4])].concat().into_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parquet_file::write::encode::tests::encode;
    use crate::parquet_file::{DictionaryColumns, EncodeOptions};
    use arrow::array::{ArrayRef, Float64Array, RecordBatch, StringArray};
    use arrow::datatypes::{DataType, Field, Schema};
    use bytes::Bytes;
    use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
    use std::sync::Arc;

    fn written(field: Field, column: ArrayRef) -> ParquetMetaData {
        let schema = Arc::new(Schema::new(vec![field]));
        let batch = RecordBatch::try_new(schema, vec![column]).unwrap();
        let all = DictionaryColumns::Named(vec!["a".to_owned()]);
        let bytes =
            encode(&[batch], &EncodeOptions { dictionary: all, ..EncodeOptions::default() });
        let reader = ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional);
        reader.parse_and_finish(&Bytes::from(bytes)).unwrap()
    }

    fn of_floats(values: Vec<f64>) -> ParquetMetaData {
        let field = Field::new("a", DataType::Float64, true);
        written(field, Arc::new(Float64Array::from(values)))
    }

    fn index(metadata: &ParquetMetaData) -> Option<ColumnIndexMetaData> {
        metadata.page_index_for_row_group(0).column_index(0).cloned()
    }

    #[test]
    fn bounds_of_floats_are_numbers_and_include_both_zeros() {
        // Three pages, with breaks after 50,000 and 115,536 rows.
        let mut values = vec![f64::NAN; 120_000];
        values[7] = 0.0;
        values[60_000] = -0.0;
        values[119_000] = 1.0;
        let metadata = of_floats(values.clone());
        let Some(Statistics::Double(statistics)) = metadata.row_group(0).column(0).statistics()
        else {
            panic!("no statistics")
        };
        let bits = |bound: Option<&f64>| bound.map(|bound| bound.to_bits());
        assert_eq!(bits(statistics.min_opt()), Some((-0.0_f64).to_bits()));
        assert_eq!(statistics.max_opt(), Some(&1.0));
        assert_eq!(statistics.nan_count_opt(), Some(119_997));
        let Some(ColumnIndexMetaData::DOUBLE(index_of_pages)) = index(&metadata) else {
            panic!("no index")
        };
        let bounds = (0..3)
            .map(|page| [index_of_pages.min_value(page), index_of_pages.max_value(page)].map(bits));
        let zeros = [(-0.0_f64).to_bits(), 0];
        let expected = [zeros, zeros, [1.0_f64.to_bits(); 2]].map(|page| page.map(Some));
        assert_eq!(bounds.collect::<Vec<_>>(), expected);
        let nans = (0..3).filter_map(|page| index_of_pages.nan_count(page));
        assert_eq!(nans.sum::<i64>(), 119_997);

        // A page without a number: the format requires the index to be omitted.
        values[60_000] = f64::NAN;
        assert!(index(&of_floats(values)).is_none());
        let metadata = of_floats(vec![f64::NAN; 3]);
        let statistics = metadata.row_group(0).column(0).statistics().unwrap();
        assert_eq!((statistics.min_bytes_opt(), statistics.max_bytes_opt()), (None, None));
        assert_eq!(statistics.nan_count_opt(), Some(3));
    }

    #[test]
    fn json_is_cut_between_characters() {
        let name = ("ARROW:extension:name".to_owned(), "arrow.json".to_owned());
        let field = Field::new("a", DataType::Utf8, false).with_metadata([name]);
        let value = format!("\"{}\"", "é".repeat(100));
        let metadata = written(field, Arc::new(StringArray::from(vec![value.as_str(); 2])));
        let statistics = metadata.row_group(0).column(0).statistics().unwrap();
        let text = |bound: Option<&[u8]>| String::from_utf8(bound.unwrap().to_vec()).unwrap();
        let min = text(statistics.min_bytes_opt());
        let max = text(statistics.max_bytes_opt());
        assert_eq!((min.len(), max.len()), (63, 63));
        assert!(min < value && value < max);
        assert!(!statistics.min_is_exact() && !statistics.max_is_exact());
    }

    #[test]
    fn a_bound_that_cannot_be_shortened_is_left_out() {
        let long = [0xff; 65];
        assert_eq!(ValueKind::Bytes.max(&long), None);
        assert_eq!(ValueKind::Bytes.max(&long[..64]), Some(vec![0xff; 64]));
        let last = "\u{10ffff}".repeat(17);
        assert_eq!(ValueKind::Text.max(last.as_bytes()), None);
        assert_eq!(ValueKind::Text.max("z\u{e9}".as_bytes()), Some("z\u{e9}".into()));
        // Cut within a character, with the last byte incremented.
        assert_eq!(ValueKind::Text.max(b"z\xc4"), Some(b"{".to_vec()));
        assert_eq!(ValueKind::Text.min(b"z\xc3"), Some(b"z".to_vec()));
    }
}
