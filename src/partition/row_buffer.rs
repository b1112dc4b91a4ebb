//! Rows that wait for their partition to be written: in memory while they fit, then in temporary
//! files.
//!
//! Rows that do not fit are written to the files as one generation, sorted by partition: one
//! message per partition, or one for several partitions with few rows. The rows of a partition can
//! then be read with one read per generation.

use super::sorted_rows::{Parts, SortedRows, cannot_move};
use crate::batch::{batch_bytes, compact};
use crate::error::{Result, guard};
use crate::spill::{Extent, Spill};
use crate::threads::Threads;
use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

/// Rows that wait until their partition is written.
pub(super) struct RowBuffer {
    schema: SchemaRef,
    directory: Option<PathBuf>,
    chunks: Vec<SortedRows>,
    bytes: usize,
    /// Messages that were written at the same time, sorted by partition.
    generations: Vec<Vec<Message>>,
    /// One file per thread, because writes to the same file wait for each other.
    spills: Vec<Spill>,
}

struct Message {
    spill: usize,
    extent: Extent,
    parts: Parts,
}

/// The last messages that a thread has read, one of each generation, for the next partition.
pub(super) type Recent = BTreeMap<usize, (usize, RecordBatch)>;

/// Messages are about this large, or contain one partition: small enough that every thread can have
/// one of each generation in memory, large enough that the cost of each (some 20 µs) is negligible.
const MESSAGE_BYTES: usize = 64 << 10;

/// The rows of a partition are split into messages of this size.
const MOST_MESSAGE_BYTES: usize = 4 << 20;

/// The size of a thread's task: partitions with this many bytes of rows.
const TASK_BYTES: usize = 4 << 20;

impl RowBuffer {
    pub(super) fn new(schema: &SchemaRef, directory: Option<PathBuf>) -> Self {
        Self {
            schema: schema.clone(),
            directory,
            chunks: Vec::new(),
            bytes: 0,
            generations: Vec::new(),
            spills: Vec::new(),
        }
    }

    /// The memory used by rows that are not in temporary files.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn push(&mut self, chunk: SortedRows) {
        self.bytes += chunk.bytes();
        self.chunks.push(chunk);
    }

    /// The number of rows of each partition in memory.
    pub(super) fn rows_in_memory(&self) -> Vec<usize> {
        let ends = self.chunks.iter().filter_map(|chunk| chunk.parts().ends());
        let partitions = ends.map(|(_, last)| last as usize + 1).max().unwrap_or(0);
        let mut counts = vec![0; partitions];
        for (partition, rows) in self.chunks.iter().flat_map(|chunk| chunk.parts().iter()) {
            counts[partition as usize] += rows.len();
        }
        counts
    }

    /// The number of rows of a partition in temporary files, starting with this generation.
    pub(super) fn rows_in_files(&self, partition: u32, first_generation: usize) -> usize {
        let generations = self.generations.iter().skip(first_generation);
        let messages = generations.flat_map(|messages| &messages[places(messages, partition)]);
        messages.filter_map(|message| message.parts.rows_of(partition)).map(|rows| rows.len()).sum()
    }

    /// The number of rows of each partition in temporary files, starting with generation `first`,
    /// and in memory.
    pub(super) fn rows_left(&self, partitions: usize, first: impl Fn(u32) -> usize) -> Vec<usize> {
        let mut counts = self.rows_in_memory();
        counts.resize(partitions, 0);
        for (number, messages) in self.generations.iter().enumerate() {
            for (partition, rows) in messages.iter().flat_map(|message| message.parts.iter()) {
                if first(partition) <= number {
                    counts[partition as usize] += rows.len();
                }
            }
        }
        counts
    }

    /// The number of the next generation.
    pub(super) fn generation(&self) -> usize {
        self.generations.len()
    }

    /// Calls `look` with each piece of a partition in input order: its rows in temporary files
    /// starting with this generation, then those in memory.
    ///
    /// # Errors
    /// I/O errors; the errors of `look`.
    pub(super) fn each_piece(
        &self,
        partition: u32,
        first_generation: usize,
        recent: &mut Recent,
        mut look: impl FnMut(RecordBatch) -> Result<()>,
    ) -> Result<()> {
        for (number, messages) in self.generations.iter().enumerate().skip(first_generation) {
            for place in places(messages, partition) {
                let message = &messages[place];
                let batch = match recent.get(&number) {
                    Some((known, batch)) if *known == place => batch.clone(),
                    _ => self.spills[message.spill].read(message.extent)?,
                };
                if let Some(rows) = message.parts.rows_of(partition) {
                    look(batch.slice(rows.start, rows.len()))?;
                }
                let is_last = message.parts.ends().is_none_or(|(_, last)| last == partition);
                if is_last {
                    recent.remove(&number)
                } else {
                    recent.insert(number, (place, batch))
                };
            }
        }
        self.chunks.iter().filter_map(|chunk| chunk.rows_of(partition)).try_for_each(look)
    }

    /// Writes the rows in memory to temporary files, in this many threads, except for the first
    /// rows of some partitions.
    ///
    /// # Errors
    /// I/O errors, such as a full disk.
    pub(super) fn spill(&mut self, but: &BTreeMap<u32, usize>, threads: &Threads) -> Result<()> {
        let counts = self.rows_in_memory();
        let row_bytes = (self.bytes / counts.iter().sum::<usize>().max(1)).max(1);
        let chunks = std::mem::take(&mut self.chunks);
        self.bytes = 0;
        while self.spills.len() < threads.count() {
            self.spills.push(Spill::create(&self.schema, self.directory.as_deref())?);
        }
        let schema = &self.schema;
        // Consecutive partitions that together have enough rows to be worth a task.
        let tasks = ranges(&counts, TASK_BYTES / row_bytes).into_iter();
        let mut workers: Vec<(usize, &mut Spill)> = self.spills.iter_mut().enumerate().collect();
        let messages =
            threads.each("cannot write", &mut workers, tasks, |(number, spill), partitions| {
                let (pieces, parts, messages) = (Vec::new(), Parts::default(), Vec::new());
                let number = *number;
                let mut writing =
                    Writing { schema, row_bytes, number, spill, pieces, parts, messages };
                for partition in partitions {
                    let mut left_out = but.get(&partition).copied().unwrap_or(0);
                    for rows in chunks.iter().filter_map(|chunk| chunk.rows_of(partition)) {
                        let out = left_out.min(rows.num_rows());
                        left_out -= out;
                        writing.add(partition, rows.slice(out, rows.num_rows() - out))?;
                    }
                    writing.end_partition()?;
                }
                writing.finish()
            })?;
        self.generations.push(messages.into_iter().flatten().collect());
        Ok(())
    }
}

/// The messages of a generation with rows of the partition.
fn places(messages: &[Message], partition: u32) -> Range<usize> {
    let ends = |message: &Message| message.parts.ends().unwrap_or_default();
    let start = messages.partition_point(|message| ends(message).1 < partition);
    let rest = &messages[start..];
    start..start + rest.partition_point(|message| ends(message).0 <= partition)
}

/// Splits numbered counts into ranges with a sum of at least `least`.
pub(super) fn ranges(counts: &[usize], least: usize) -> Vec<Range<u32>> {
    let (mut ranges, mut start, mut sum) = (Vec::new(), 0, 0);
    for (end, count) in (1..).zip(counts) {
        sum += count;
        if least <= sum || end as usize == counts.len() {
            ranges.push(start..end);
            (start, sum) = (end, 0);
        }
    }
    ranges
}

/// Messages being assembled by one thread.
struct Writing<'a> {
    schema: &'a SchemaRef,
    row_bytes: usize,
    number: usize,
    spill: &'a mut Spill,
    pieces: Vec<RecordBatch>,
    parts: Parts,
    messages: Vec<Message>,
}

impl Writing<'_> {
    fn add(&mut self, partition: u32, rows: RecordBatch) -> Result<()> {
        if rows.num_rows() > 0 {
            self.parts.add(partition, rows.num_rows());
            self.pieces.push(rows);
        }
        if self.bytes() >= MOST_MESSAGE_BYTES { self.write() } else { Ok(()) }
    }

    fn end_partition(&mut self) -> Result<()> {
        if self.bytes() >= MESSAGE_BYTES { self.write() } else { Ok(()) }
    }

    fn finish(mut self) -> Result<Vec<Message>> {
        self.write()?;
        Ok(self.messages)
    }

    fn bytes(&self) -> usize {
        self.parts.rows() * self.row_bytes
    }

    fn write(&mut self) -> Result<()> {
        let (pieces, parts) = (std::mem::take(&mut self.pieces), std::mem::take(&mut self.parts));
        if pieces.is_empty() {
            return Ok(());
        }
        let batch = guard("cannot move rows", || {
            concat_batches(self.schema, &pieces).map_err(|e| cannot_move(&e))
        })?;
        drop(pieces);
        let extent = self.spill.write(&compact(&batch))?;
        self.messages.push(Message { spill: self.number, extent, parts });
        Ok(())
    }
}

/// The approximate number of bytes per row.
pub(super) fn row_bytes(batch: &RecordBatch) -> usize {
    (batch_bytes(batch) / batch.num_rows().max(1)).max(1)
}
