//! The number of distinct values, by HyperLogLog.

use super::failure::failed;
use super::hashes::Hashed;
use crate::error::Result;
use datasketches::hll::{HllSketch, HllType, HllUnion};

/// A sketch of the distinct values of a column or a group.
#[derive(Debug)]
pub struct Distinct {
    sketch: HllSketch,
}

impl Distinct {
    /// An empty sketch with 2^`digits` counters of a byte. Its estimates have a standard error of
    /// 1.04 / sqrt(2^`digits`), and are nearly exact for a few hundred values.
    ///
    /// # Errors
    /// Less than 4 or more than 21 digits.
    pub fn try_new(digits: u8) -> Result<Self> {
        HllSketch::new(digits, HllType::Hll8).map(|sketch| Self { sketch }).map_err(failed)
    }

    /// Adds a value.
    pub fn add(&mut self, value: Hashed<'_>) {
        match value {
            Hashed::Number(number) => self.sketch.update(number),
            Hashed::Bytes(bytes) => self.sketch.update(bytes),
        }
    }

    /// The estimated number of distinct values, whatever their order.
    pub fn count(&self) -> u64 {
        self.sketch.composite_estimate().round() as u64
    }

    /// The state, to be merged into others.
    pub fn state(&self) -> Vec<u8> {
        self.sketch.serialize()
    }

    /// Adds the values of a state.
    ///
    /// # Errors
    /// A state that is damaged.
    pub fn merge(&mut self, state: &[u8]) -> Result<()> {
        let other = HllSketch::deserialize(state).map_err(failed)?;
        let mut both = HllUnion::new(self.sketch.lg_config_k()).map_err(failed)?;
        both.update(&self.sketch);
        both.update(&other);
        self.sketch = both.to_sketch(HllType::Hll8);
        Ok(())
    }

    /// The memory in use.
    pub fn bytes(&self) -> usize {
        self.sketch.estimated_size()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(distinct: &Distinct, count: u64) -> f64 {
        (distinct.count() as f64 - count as f64).abs() / count as f64
    }

    #[test]
    fn estimates_are_within_four_standard_errors() {
        for digits in [12, 14] {
            let most = 4.0 * 1.04 / 2_f64.powi(i32::from(digits) / 2);
            let mut numbers = Distinct::try_new(digits).unwrap();
            let mut texts = Distinct::try_new(digits).unwrap();
            assert_eq!(numbers.count(), 0);
            for number in 0..1_000_000_u64 {
                numbers.add(Hashed::Number(number));
                texts.add(Hashed::Bytes(format!("text {}", number % 300_000).as_bytes()));
                if [10, 100, 1_000, 10_000, 100_000, 1_000_000].contains(&(number + 1)) {
                    assert!(error(&numbers, number + 1) < most, "{} {number}", numbers.count());
                }
            }
            assert!(error(&texts, 300_000) < most, "{}", texts.count());
        }
    }

    #[test]
    fn parts_are_merged_in_any_order() {
        let part = |numbers: std::ops::Range<u64>| {
            let mut distinct = Distinct::try_new(12).unwrap();
            numbers.for_each(|number| distinct.add(Hashed::Number(number)));
            distinct
        };
        let whole = part(0..50_000);
        for parts in [[0..10, 5..50_000], [5..50_000, 0..10], [0..30_000, 20_000..50_000]] {
            let mut merged = Distinct::try_new(12).unwrap();
            parts.into_iter().for_each(|numbers| merged.merge(&part(numbers).state()).unwrap());
            assert_eq!(merged.count(), whole.count());
        }
        assert!(part(0..3).merge(b"damaged").is_err());
    }
}
