//! Which rows of a stream a sample keeps: the first values of each group, or every so many rows.
//!
//! Everything here works in one pass and on one batch at a time. Equality of values is that of
//! groups. Not for random samples.

mod every;
mod first;
mod selection;

pub use every::EverySampler;
pub use first::FirstSampler;

use crate::error::Result;
use arrow::array::RecordBatch;

/// One way of sampling or the other.
#[expect(clippy::large_enum_variant, reason = "a process has one")]
#[derive(Debug)]
pub enum Sampler {
    /// The first of each group.
    First(FirstSampler),
    /// Every so many rows.
    Every(EverySampler),
}

impl Sampler {
    /// The kept rows of the next batch of the stream, in order.
    ///
    /// # Errors
    /// Those of the sampler.
    pub fn apply(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        match self {
            Self::First(sampler) => sampler.apply(batch),
            Self::Every(sampler) => sampler.apply(batch),
        }
    }

    /// Whether no further row will be kept, whatever comes: the producer need not be asked again.
    pub fn is_done(&self) -> bool {
        match self {
            Self::First(sampler) => sampler.is_done(),
            Self::Every(_) => false,
        }
    }
}

#[cfg(test)]
mod tests;
