//! Samples of a stream: the first values of each group, every Nth row, or random rows.
//!
//! All samplers work in one pass and on one batch at a time. Equality of values is that of groups.

mod every;
mod first;
mod random;
mod selection;

pub use every::EverySampler;
pub use first::FirstSampler;
pub use random::{FractionSampler, ReservoirSampler};

use crate::error::Result;
use arrow::array::RecordBatch;

/// A sampling method.
#[derive(Debug)]
pub enum Sampler {
    /// The first values of each group.
    First(FirstSampler),
    /// Every Nth row.
    Every(EverySampler),
    /// Each row with the same probability.
    Fraction(FractionSampler),
    /// A fixed number of rows.
    Reservoir(ReservoirSampler),
}

impl Sampler {
    /// The rows of the next batch of the stream that are certain to be kept, in order.
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

    /// The kept rows that are known only at the end of the stream.
    ///
    /// # Errors
    /// Those of the sampler.
    pub fn finish(&mut self) -> Result<Vec<RecordBatch>> {
        match self {
            Self::Reservoir(sampler) => sampler.finish(),
            Self::First(_) | Self::Every(_) | Self::Fraction(_) => Ok(Vec::new()),
        }
    }

    /// Whether no more rows will be kept, so that the producer need not be asked again.
    pub fn is_done(&self) -> bool {
        match self {
            Self::First(sampler) => sampler.is_done(),
            Self::Every(_) | Self::Fraction(_) | Self::Reservoir(_) => false,
        }
    }
}

#[cfg(test)]
mod tests;
