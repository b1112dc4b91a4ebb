//! Collects rows from several batches into batches of a given size.

use crate::batch::compact;
use crate::error::{Error, Result, guard};
use arrow::array::{Array, ArrayData, RecordBatch};
use arrow::compute::interleave_record_batch;
use std::collections::HashSet;

/// A row: the number of a batch, and the row in it.
pub(super) type Place = (usize, usize);

/// Copies the rows at these positions, in this order, into one batch, or into several if one would
/// be larger than `most_bytes` or than its types allow.
///
/// # Errors
/// A single row that cannot be copied.
pub(super) fn gather(
    sources: &[&RecordBatch],
    places: &[Place],
    most_bytes: usize,
) -> Result<Vec<RecordBatch>> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let (first, second) = places.split_at(places.len() / 2);
    match gathered(sources, places) {
        Ok(batch) if first.is_empty() || held_bytes(&batch) <= most_bytes => {
            return Ok(vec![batch]);
        }
        Ok(batch) => {
            // If rows share memory, half of them need nearly as much, so splitting does not help.
            let half = gathered(sources, first)?;
            if held_bytes(&batch) / 4 * 3 < held_bytes(&half) {
                return Ok(vec![batch]);
            }
        }
        Err(error) if first.is_empty() => return Err(error),
        // More text than 32-bit offsets can address, or more rows than 16-bit run ends can.
        Err(_) => {}
    }
    let mut batches = gather(sources, first, most_bytes)?;
    batches.extend(gather(sources, second, most_bytes)?);
    Ok(batches)
}

fn gathered(sources: &[&RecordBatch], places: &[Place]) -> Result<RecordBatch> {
    guard("cannot move rows", || {
        interleave_record_batch(sources, places)
            .map(|batch| compact(&batch))
            .map_err(|e| Error::failed(format!("cannot move rows: {e}")))
    })
}

/// The memory that a batch occupies; buffers shared by several arrays are counted once.
pub(super) fn held_bytes(batch: &RecordBatch) -> usize {
    let mut seen = HashSet::new();
    batch.columns().iter().map(|column| data_bytes(&column.to_data(), &mut seen)).sum()
}

fn data_bytes(data: &ArrayData, seen: &mut HashSet<usize>) -> usize {
    let nulls = data.nulls().map(|nulls| nulls.buffer());
    let buffers = data.buffers().iter().chain(nulls);
    let own: usize = buffers
        .filter(|buffer| seen.insert(buffer.as_ptr().addr()))
        .map(|buffer| buffer.len())
        .sum();
    own + data.child_data().iter().map(|child| data_bytes(child, seen)).sum::<usize>()
}
