//! Which rows of a stream a sample keeps: the first values of each group, every so many rows, or rows
//! drawn at random.
//!
//! Everything here works in one pass and on one batch at a time. Equality of values is that of
//! groups.

mod every;
mod first;
mod random;
mod selection;

pub use every::EverySampler;
pub use first::FirstSampler;
pub use random::{FractionSampler, ReservoirSampler};

use crate::error::Result;
use arrow::array::RecordBatch;

/// One way of sampling or another.
#[derive(Debug)]
pub enum Sampler {
    /// The first of each group.
    First(FirstSampler),
    /// Every so many rows.
    Every(EverySampler),
    /// Each row with one probability.
    Fraction(FractionSampler),
    /// So many rows.
    Reservoir(ReservoirSampler),
}

impl Sampler {
    /// The rows of the next batch of the stream that are kept for sure, in order.
    ///
    /// # Errors
    /// Those of the sampler.
    pub fn apply(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        match self {
            Self::First(sampler) => sampler.apply(batch),
            Self::Every(sampler) => sampler.apply(batch),
            Self::Fraction(sampler) => sampler.apply(batch),
            Self::Reservoir(sampler) => {
                sampler.add(batch)?;
                Ok(batch.slice(0, 0))
            }
        }
    }

    /// The kept rows that could only be known at the end of the stream, which has come.
    ///
    /// # Errors
    /// Those of the sampler.
    pub fn finish(&mut self) -> Result<Vec<RecordBatch>> {
        match self {
            Self::Reservoir(sampler) => sampler.finish(),
            Self::First(_) | Self::Every(_) | Self::Fraction(_) => Ok(Vec::new()),
        }
    }

    /// Whether no further row will be kept, whatever comes: the producer need not be asked again.
    pub fn is_done(&self) -> bool {
        match self {
            Self::First(sampler) => sampler.is_done(),
            Self::Every(_) | Self::Fraction(_) | Self::Reservoir(_) => false,
        }
    }
}

#[cfg(test)]
mod tests;
