//! Collects rows from several batches into batches of a given size.

use crate::batch::compact;
use crate::error::{Error, Result, guard};
use crate::schema::batch_of;
use arrow::array::{Array, ArrayData, RecordBatch};
use arrow::compute::{concat_batches, interleave_record_batch};
use std::collections::HashSet;

/// A row: the number of a batch, and the row in it.
pub(crate) type Place = (usize, usize);

/// Copies all rows into one batch, or into several as in [`gather`].
///
/// # Errors
/// A single row that cannot be copied.
pub(super) fn joined(sources: &[RecordBatch]) -> Result<Vec<RecordBatch>> {
    let Some(first) = sources.first() else { return Ok(Vec::new()) };
    // Of a single batch, Arrow would return the same memory.
    let half = first.num_rows() / 2;
    let halves = [first.slice(0, half), first.slice(half, first.num_rows() - half)];
    let parts = halves.iter().chain(&sources[1..]);
    let joined = guard("cannot move rows", || {
        let batch = concat_batches(first.schema_ref(), parts).map(|batch| compact(&batch));
        batch.map_err(|e| Error::failed(format!("cannot move rows: {e}")))
    });
    if let Ok(batch) = joined {
        return Ok(vec![batch]);
    }
    // More text than 32-bit offsets can address, or more rows than 16-bit run ends can.
    let rows = |(source, batch): (usize, &RecordBatch)| {
        (0..batch.num_rows()).map(move |row| (source, row))
    };
    let places: Vec<Place> = sources.iter().enumerate().flat_map(rows).collect();
    gather(sources, &places, usize::MAX)
}

/// Copies the rows at these positions, in this order, into one batch, or into several if one would
/// be larger than `most_bytes` or than its types allow.
///
/// # Errors
/// A single row that cannot be copied.
pub(crate) fn gather(
    sources: &[RecordBatch],
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

fn gathered(sources: &[RecordBatch], places: &[Place]) -> Result<RecordBatch> {
    guard("cannot move rows", || {
        let rows = match sources.first() {
            Some(first) if first.num_columns() == 0 => {
                batch_of(first.schema_ref(), Vec::new(), places.len())
            }
            _ => interleave_record_batch(&sources.iter().collect::<Vec<_>>(), places),
        };
        rows.map(|batch| compact(&batch))
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
