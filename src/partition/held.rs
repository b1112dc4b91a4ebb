//! Rows that wait for their partition's turn: in memory as long as they fit, in temporary files then.
//!
//! What does not fit goes to the files as one generation, in the order of the partitions: a message
//! for each partition, or for several whose rows are few. So a partition's rows come back with one
//! read for each generation.

use super::chunk::{Chunk, Parts};
use super::threads::each;
use crate::batch::{batch_bytes, compact};
use crate::error::{Error, Result, guard};
use crate::spill::{Extent, Spill};
use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// The rows that wait.
#[derive(Debug)]
pub(super) struct Held {
    schema: SchemaRef,
    directory: Option<PathBuf>,
    chunks: Vec<Chunk>,
    bytes: usize,
    generations: Vec<Generation>,
    /// A file for each thread: writes to one file wait for each other.
    spills: Vec<Spill>,
}

/// Rows that were written to the temporary files at the same time, in the order of partitions.
#[derive(Debug)]
struct Generation {
    messages: Vec<Message>,
}

#[derive(Debug)]
struct Message {
    spill: usize,
    extent: Extent,
    parts: Parts,
}

/// What one thread has read last: the message of each generation, for the partition after this one.
#[derive(Debug, Default)]
pub(super) struct Recent {
    messages: BTreeMap<usize, (usize, RecordBatch)>,
}

/// Messages are about so large, or hold one partition: small enough for one of each generation to be
/// in memory for every thread, large enough for what each costs (some 20 µs) not to count.
const MESSAGE_BYTES: usize = 64 << 10;

/// A partition's rows are cut into messages of this size.
const MOST_MESSAGE_BYTES: usize = 4 << 20;

/// So many partitions are given to a thread at a time, by the bytes of their rows.
const TASK_BYTES: usize = 4 << 20;

impl Held {
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

    /// How much memory the rows take that are not in temporary files.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn push(&mut self, chunk: Chunk) {
        self.bytes += chunk.bytes();
        self.chunks.push(chunk);
    }

    /// How many rows of each partition are in memory.
    pub(super) fn rows_in_memory(&self, partitions: usize) -> Vec<usize> {
        let mut counts = vec![0; partitions];
        for (partition, rows) in self.chunks.iter().flat_map(|chunk| chunk.parts().iter()) {
            counts[partition as usize] += rows.len();
        }
        counts
    }

    /// How many rows of a partition are in temporary files, from this generation on.
    pub(super) fn rows_in_files(&self, partition: u32, first_generation: usize) -> usize {
        let generations = self.generations.iter().skip(first_generation);
        let messages = generations.flat_map(|generation| {
            generation.places(partition).map(|place| &generation.messages[place])
        });
        messages.filter_map(|message| message.parts.rows_of(partition)).map(|rows| rows.len()).sum()
    }

    /// How many rows of each partition there are, in temporary files from the generation on that
    /// `first` says, and in memory.
    pub(super) fn rows_left(&self, partitions: usize, first: impl Fn(u32) -> usize) -> Vec<usize> {
        let mut counts = self.rows_in_memory(partitions);
        for (number, generation) in self.generations.iter().enumerate() {
            for (partition, rows) in generation.messages.iter().flat_map(|m| m.parts.iter()) {
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

    /// A partition's rows in temporary files from this generation on, then those in memory, to be
    /// looked at piece by piece in the order in which they came.
    ///
    /// # Errors
    /// What reading says; those of `look`.
    pub(super) fn each_piece(
        &self,
        partition: u32,
        first_generation: usize,
        recent: &mut Recent,
        mut look: impl FnMut(RecordBatch) -> Result<()>,
    ) -> Result<()> {
        for (number, generation) in self.generations.iter().enumerate().skip(first_generation) {
            for place in generation.places(partition) {
                let message = &generation.messages[place];
                let batch = match recent.messages.get(&number) {
                    Some((known, batch)) if *known == place => batch.clone(),
                    _ => self.spills[message.spill].read(message.extent)?,
                };
                if let Some(rows) = message.parts.rows_of(partition) {
                    look(batch.slice(rows.start, rows.len()))?;
                }
                let is_last = message.parts.ends().is_none_or(|(_, last)| last == partition);
                match is_last {
                    true => recent.messages.remove(&number),
                    false => recent.messages.insert(number, (place, batch)),
                };
            }
        }
        self.chunks.iter().filter_map(|chunk| chunk.rows_of(partition)).try_for_each(look)
    }

    /// Writes what is in memory to temporary files, in this many threads, but for the first rows of
    /// some partitions.
    ///
    /// # Errors
    /// A full disk.
    pub(super) fn spill(&mut self, but: &BTreeMap<u32, usize>, threads: usize) -> Result<()> {
        let (chunks, rows) = (std::mem::take(&mut self.chunks), self.bytes);
        self.bytes = 0;
        let counts: usize = chunks.iter().map(|chunk| chunk.parts().rows()).sum();
        let row_bytes = (rows / counts.max(1)).max(1);
        while self.spills.len() < threads {
            self.spills.push(Spill::create(&self.schema, self.directory.as_deref())?);
        }
        let schema = &self.schema;
        let done: Mutex<BTreeMap<usize, Vec<Message>>> = Mutex::default();
        let tasks = tasks(&chunks, row_bytes).into_iter().enumerate();
        let mut workers: Vec<(usize, &mut Spill)> = self.spills.iter_mut().enumerate().collect();
        each(&mut workers, tasks, |(number, spill), (task, partitions)| {
            let mut writing = Writing::new(schema, row_bytes, *number, spill);
            for partition in partitions {
                let mut left_out = but.get(&partition).copied().unwrap_or(0);
                for rows in chunks.iter().filter_map(|chunk| chunk.rows_of(partition)) {
                    let out = left_out.min(rows.num_rows());
                    left_out -= out;
                    writing.add(partition, rows.slice(out, rows.num_rows() - out))?;
                }
                writing.end_partition()?;
            }
            let messages = writing.finish()?;
            done.lock().unwrap_or_else(PoisonError::into_inner).insert(task, messages);
            Ok(())
        })?;
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.generations.push(Generation { messages: done.into_values().flatten().collect() });
        Ok(())
    }
}

impl Generation {
    /// The messages that hold rows of the partition.
    fn places(&self, partition: u32) -> Range<usize> {
        let ends = |message: &Message| message.parts.ends().unwrap_or_default();
        let start = self.messages.partition_point(|message| ends(message).1 < partition);
        let rest = &self.messages[start..];
        start..start + rest.partition_point(|message| ends(message).0 <= partition)
    }
}

/// Consecutive partitions that have enough rows together to be worth a task.
fn tasks(chunks: &[Chunk], row_bytes: usize) -> Vec<Range<u32>> {
    let last = chunks.iter().filter_map(|chunk| chunk.parts().ends()).map(|(_, last)| last).max();
    let Some(last) = last else { return Vec::new() };
    let mut counts = vec![0; last as usize + 1];
    for (partition, rows) in chunks.iter().flat_map(|chunk| chunk.parts().iter()) {
        counts[partition as usize] += rows.len();
    }
    ranges(&counts, TASK_BYTES / row_bytes)
}

/// Cuts numbered counts into ranges of at least `least` together.
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

/// Messages being put together by one thread.
struct Writing<'a> {
    schema: &'a SchemaRef,
    row_bytes: usize,
    number: usize,
    spill: &'a mut Spill,
    pieces: Vec<RecordBatch>,
    parts: Parts,
    messages: Vec<Message>,
}

impl<'a> Writing<'a> {
    fn new(schema: &'a SchemaRef, row_bytes: usize, number: usize, spill: &'a mut Spill) -> Self {
        let (pieces, parts, messages) = (Vec::new(), Parts::default(), Vec::new());
        Self { schema, row_bytes, number, spill, pieces, parts, messages }
    }

    fn add(&mut self, partition: u32, rows: RecordBatch) -> Result<()> {
        if 0 < rows.num_rows() {
            self.parts.add(partition, rows.num_rows());
            self.pieces.push(rows);
        }
        if MOST_MESSAGE_BYTES <= self.bytes() { self.write() } else { Ok(()) }
    }

    fn end_partition(&mut self) -> Result<()> {
        if MESSAGE_BYTES <= self.bytes() { self.write() } else { Ok(()) }
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
            concat_batches(self.schema, &pieces)
                .map_err(|e| Error::failed(format!("cannot move rows: {e}")))
        })?;
        drop(pieces);
        let extent = self.spill.write(&compact(&batch))?;
        self.messages.push(Message { spill: self.number, extent, parts });
        Ok(())
    }
}

/// About how many bytes a row of these takes.
pub(super) fn row_bytes(batch: &RecordBatch) -> usize {
    (batch_bytes(batch) / batch.num_rows().max(1)).max(1)
}
