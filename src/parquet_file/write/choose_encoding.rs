//! Chooses how to encode a column from its first rows.
//!
//! By default the writer starts a dictionary for every column and abandons it when it grows beyond
//! a page. For values that do not repeat, that costs a fifth of the encoding time and makes the
//! file larger, so the first rows are sampled before the writer is created. The advice is only an
//! estimate: the file is correct whatever it says.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::compute::concat;
use arrow::datatypes::DataType;
use foldhash::quality::FixedState;
use std::hash::{BuildHasher, Hasher};

/// The number of rows sampled: enough to see repetition, at a cost of a few milliseconds per file.
pub(crate) const SAMPLE_ROWS: usize = 1 << 16;

/// A smaller sample says nothing about the values that follow it.
const LEAST_VALUES: usize = 1 << 12;

/// For fewer values than this, the encoding does not matter.
const FEW_VALUES: usize = 1 << 8;

/// The recommended encoding of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Advice {
    /// Whether a dictionary is worth starting.
    pub(crate) dictionary: bool,
    /// Whether integers are smaller as packed differences than plain.
    pub(crate) differences: bool,
}

impl Default for Advice {
    fn default() -> Self {
        Self { dictionary: true, differences: true }
    }
}

/// Advises on a column from its start, which may come in parts. `dictionary_bytes` is the size at
/// which the writer abandons a dictionary.
pub(crate) fn advise(parts: &[&ArrayRef], dictionary_bytes: usize) -> Advice {
    let mut left = SAMPLE_ROWS;
    let sampled = parts.iter().map(|part| {
        let rows = part.len().min(left);
        left -= rows;
        part.slice(0, rows)
    });
    let sampled: Vec<_> = sampled.filter(|part| !part.is_empty()).collect();
    let column = match &sampled[..] {
        [] => return Advice::default(),
        [column] => column.clone(),
        [first, ..] if !is_looked_at(first.data_type()) => return Advice::default(),
        several => {
            let several: Vec<_> = several.iter().map(|part| part.as_ref()).collect();
            let Ok(column) = concat(&several) else { return Advice::default() };
            column
        }
    };
    if let Some(width) = column.data_type().primitive_width() {
        return advise_fixed(&column, width, dictionary_bytes);
    }
    let Some(values) = byte_strings(&column) else { return Advice::default() };
    let bytes: usize = values.iter().map(|value| value.len()).sum();
    // In a dictionary page, each value is preceded by its length.
    let width = 4 + bytes / values.len().max(1);
    Advice { dictionary: repeats(&values, width, dictionary_bytes), ..Advice::default() }
}

/// Whether columns of this type are sampled at all.
fn is_looked_at(data_type: &DataType) -> bool {
    data_type.is_string() || data_type.is_binary() || data_type.is_primitive()
}

fn byte_strings(column: &ArrayRef) -> Option<Vec<&[u8]>> {
    Some(match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().iter().flatten().map(str::as_bytes).collect(),
        DataType::LargeUtf8 => {
            column.as_string::<i64>().iter().flatten().map(str::as_bytes).collect()
        }
        DataType::Utf8View => column.as_string_view().iter().flatten().map(str::as_bytes).collect(),
        DataType::Binary => column.as_binary::<i32>().iter().flatten().collect(),
        DataType::LargeBinary => column.as_binary::<i64>().iter().flatten().collect(),
        DataType::BinaryView => column.as_binary_view().iter().flatten().collect(),
        DataType::FixedSizeBinary(_) => column.as_fixed_size_binary().iter().flatten().collect(),
        _ => return None,
    })
}

fn advise_fixed(column: &ArrayRef, width: usize, dictionary_bytes: usize) -> Advice {
    let data = column.to_data();
    let Some(buffer) = data.buffers().first() else { return Advice::default() };
    let start = data.offset() * width;
    let bytes = &buffer.as_slice()[start..start + data.len() * width];
    let values = bytes.chunks_exact(width).enumerate();
    let valid = |(row, value)| column.is_valid(row).then_some(value);
    let values: Vec<&[u8]> = values.filter_map(valid).collect();
    Advice {
        dictionary: repeats(&values, width, dictionary_bytes),
        differences: !matches!(width, 4 | 8) || differences_are_small(&values, width),
    }
}

/// Whether a dictionary of these values would fit in its page: whether the sample has fewer
/// distinct values than a sample of a column with just too many of them, evenly mixed.
fn repeats(values: &[&[u8]], width: usize, dictionary_bytes: usize) -> bool {
    if values.len() < FEW_VALUES {
        return true;
    }
    let distinct = distinct(values);
    if values.len() < LEAST_VALUES {
        // Most likely there are no more values: files of a partition have few rows. So the question
        // is whether a dictionary and its keys are smaller than the values.
        let key_bits = distinct.max(2.0).log2().ceil();
        let with_dictionary = distinct * width as f64 + values.len() as f64 * key_bits / 8.0;
        return with_dictionary < (values.len() * width) as f64;
    }
    // A random sample of n out of d values contains d (1 - e^(-n/d)) distinct ones. Half as much
    // again is allowed, because values that come in order look more diverse at first than they are.
    let (drawn, most) = (values.len() as f64, 1.5 * dictionary_bytes as f64 / width.max(1) as f64);
    distinct < most * (1.0 - (-drawn / most).exp())
}

/// Estimates the number of distinct values from how many bits of a map stay clear when each value
/// sets the bit of its hash (linear counting: Whang and others, 1990), within 1 % here. A hash set
/// would be exact, but took a sixth of the time of writing files of a hundred thousand rows.
fn distinct(values: &[&[u8]]) -> f64 {
    const BITS: usize = 2 * SAMPLE_ROWS;
    let mut map = vec![0_u64; BITS / 64];
    // A fixed seed, so that equal rows give equal files. Values crafted to collide only make the
    // file larger.
    let state = FixedState::default();
    for value in values {
        let mut hasher = state.build_hasher();
        hasher.write(value);
        let hash = hasher.finish() as usize % BITS;
        map[hash / 64] |= 1 << (hash % 64);
    }
    let clear: u32 = map.iter().map(|word| word.count_zeros()).sum();
    -(BITS as f64) * (f64::from(clear.max(1)) / BITS as f64).ln()
}

/// Whether the differences between adjacent values, packed as in the format (32 at a time, in the
/// width of the largest), are smaller than the values.
fn differences_are_small(values: &[&[u8]], width: usize) -> bool {
    let number = |bytes: &&[u8]| match **bytes {
        [a, b, c, d] => i128::from(i32::from_le_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => i128::from(i64::from_le_bytes([a, b, c, d, e, f, g, h])),
        _ => 0,
    };
    let numbers: Vec<i128> = values.iter().map(number).collect();
    let block_bits = |block: &[i128]| {
        let differences = || block.windows(2).map(|pair| pair[1] - pair[0]);
        let spread = differences().max().unwrap_or(0) - differences().min().unwrap_or(0);
        // The encoder computes in the type's own width, and wraps around.
        let bits = (i128::BITS - spread.leading_zeros()) as usize;
        bits.min(8 * width) * block.len()
    };
    let packed_bits: usize = numbers.chunks(33).map(block_bits).sum();
    // Packing makes noise that fills its type 1 % larger, and takes longer.
    packed_bits < numbers.len() * width * 8 * 15 / 16
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, StringArray};
    use std::sync::Arc;

    /// The largest dictionary that the writer allows.
    const PAGE: usize = 1 << 20;

    fn ints(values: impl Iterator<Item = i64>) -> Advice {
        let column: ArrayRef = Arc::new(Int64Array::from_iter_values(values));
        advise(&[&column], PAGE)
    }

    /// Numbers without a pattern (Marsaglia's xorshift).
    fn noise() -> impl Iterator<Item = i64> {
        std::iter::successors(Some(1_u64), |x| {
            let x = x ^ (x << 13);
            let x = x ^ (x >> 7);
            Some(x ^ (x << 17))
        })
        .map(u64::cast_signed)
        .skip(10)
    }

    #[test]
    fn few_values_get_a_dictionary() {
        assert!(ints((0..60_000).map(|i| i % 1000)).dictionary);
        assert!(ints(noise().take(60_000).map(|i| i % 50_000)).dictionary);
        assert_eq!(ints(0..100), Advice::default());
    }

    #[test]
    fn a_sequence_gets_differences_and_no_dictionary() {
        assert_eq!(ints(0..60_000), Advice { dictionary: false, differences: true });
    }

    #[test]
    fn small_batches_give_the_same_advice_as_a_large_one() {
        let parts: Vec<ArrayRef> = (0..600_i64)
            .map(|part| Arc::new(Int64Array::from_iter_values(part * 100..part * 100 + 100)) as _)
            .collect();
        let parts: Vec<_> = parts.iter().collect();
        assert_eq!(advise(&parts, PAGE), Advice { dictionary: false, differences: true });
    }

    #[test]
    fn noise_is_written_plain() {
        assert_eq!(ints(noise().take(60_000)), Advice { dictionary: false, differences: false });
    }

    #[test]
    fn nulls_do_not_affect_the_advice() {
        let names = (0..60_000).map(|i| (i % 3 > 0).then(|| format!("name {}", i % 100)));
        let column: ArrayRef = Arc::new(names.collect::<StringArray>());
        assert!(advise(&[&column], PAGE).dictionary);
        let keys = (0..60_000).map(|i| (i % 9 > 0).then(|| format!("a key of some length {i}")));
        let column: ArrayRef = Arc::new(keys.collect::<StringArray>());
        assert!(!advise(&[&column], PAGE).dictionary);
        let nothing: ArrayRef = Arc::new(Int64Array::new_null(60_000));
        assert!(advise(&[&nothing], PAGE).dictionary);
    }
}
