//! Decodes dictionary- and run-end-encoded arrays.

use arrow::array::{
    Array, ArrayData, ArrayRef, AsArray, BooleanArray, BooleanBufferBuilder, RunArray, UInt64Array,
    downcast_run_array, make_array,
};
use arrow::buffer::{BooleanBuffer, Buffer, NullBuffer, ScalarBuffer};
use arrow::compute::take;
use arrow::datatypes::{ArrowNativeType, RunEndIndexType};
use arrow::error::ArrowError;
use std::iter::repeat_n;
use std::ops::Range;
use std::sync::Arc;

/// Returns the values row by row; an array that is not dictionary- or run-end-encoded is returned
/// unchanged.
///
/// # Errors
/// Values of a type that Arrow cannot copy.
pub fn expand(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    if let Some(dictionary) = array.as_any_dictionary_opt() {
        return take(dictionary.values(), dictionary.keys(), None);
    }
    downcast_run_array!(
        array => expand_runs(array),
        _ => Ok(Arc::clone(array))
    )
}

fn expand_runs<R: RunEndIndexType>(runs: &RunArray<R>) -> Result<ArrayRef, ArrowError> {
    let values = runs.values_slice();
    let ends: Vec<usize> = runs.run_ends().sliced_values().map(|end| end.as_usize()).collect();
    if let Some(bits) = values.as_boolean_opt() {
        let nulls = bits.nulls().map(|nulls| NullBuffer::new(spread(nulls.inner(), &ends)));
        return Ok(Arc::new(BooleanArray::new(spread(bits.values(), &ends), nulls)));
    }
    let data = values.to_data();
    let filled = match data.data_type().primitive_width() {
        Some(1) => filled::<u8>(&data, &ends),
        Some(2) => filled::<u16>(&data, &ends),
        Some(4) => filled::<u32>(&data, &ends),
        Some(8) => filled::<u64>(&data, &ends),
        Some(16) => filled::<i128>(&data, &ends),
        _ => None,
    };
    if let Some(filled) = filled {
        let nulls = values.nulls().map(|nulls| spread(nulls.inner(), &ends));
        let plain = ArrayData::builder(data.data_type().clone())
            .len(runs.len())
            .add_buffer(filled)
            .nulls(nulls.map(NullBuffer::new))
            .build()?;
        return Ok(make_array(plain));
    }
    let mut rows: Vec<u64> = Vec::with_capacity(runs.len());
    for (run, rows_of) in ranges(&ends).enumerate() {
        rows.extend(repeat_n(run as u64, rows_of.len()));
    }
    take(&values, &UInt64Array::from(rows), None)
}

/// The values of a fixed-width array as numbers of that width, if they are sufficiently aligned:
/// intervals of 16 bytes, for example, need not be.
pub(crate) fn aligned<N: ArrowNativeType>(values: &ArrayData) -> Option<ScalarBuffer<N>> {
    let buffer = values.buffers().first()?;
    let is_aligned = buffer.as_ptr().align_offset(align_of::<N>()) == 0;
    is_aligned.then(|| ScalarBuffer::new(buffer.clone(), values.offset(), values.len()))
}

/// Values of a fixed width as they are in memory, each repeated for the length of its run.
fn filled<N: ArrowNativeType>(values: &ArrayData, ends: &[usize]) -> Option<Buffer> {
    let typed = aligned::<N>(values)?;
    let mut filled: Vec<N> = Vec::with_capacity(ends.last().copied().unwrap_or(0));
    for (value, rows) in typed.iter().zip(ranges(ends)) {
        filled.extend(repeat_n(*value, rows.len()));
    }
    Some(Buffer::from_vec(filled))
}

fn spread(bits: &BooleanBuffer, ends: &[usize]) -> BooleanBuffer {
    let mut spread = BooleanBufferBuilder::new(ends.last().copied().unwrap_or(0));
    for (bit, rows) in bits.iter().zip(ranges(ends)) {
        spread.append_n(rows.len(), bit);
    }
    spread.finish()
}

fn ranges(ends: &[usize]) -> impl Iterator<Item = Range<usize>> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(ends).map(|(start, end)| start..*end)
}
