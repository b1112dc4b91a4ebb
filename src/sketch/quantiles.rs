//! Quantiles of any number of values, by the sketch of Karnin, Lang and Liberty ("Optimal quantile
//! approximation in streams", 2016).
//!
//! Values are in levels; one of level `n` stands for 2^n. If there are too many, a level is sorted and
//! every second value goes up, the first or the second of each pair at random. Own code, because
//! sketches of crates choose by a seed of each process: two runs would give two answers.

use super::number::Number;
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::SplitMix64;
use std::cmp::Ordering;

/// Up to this many values, quantiles are exact.
const EXACT: usize = 8192;

/// The values that the highest level may have; each level below has two thirds of the next.
const HIGHEST: usize = 2048;

/// The fewest values that a level may have.
const LEAST: usize = 8;

/// A sketch of the values of a column or a group. Empty ones take no memory.
#[derive(Debug)]
pub struct Quantiles<T> {
    levels: Vec<Vec<T>>,
    retained: usize,
    /// The most values that are kept.
    most: usize,
    ends: Option<(T, T)>,
    is_exact: bool,
    random: SplitMix64,
}

impl<T> Default for Quantiles<T> {
    fn default() -> Self {
        let random = SplitMix64::seed_from_u64(2);
        Self { levels: Vec::new(), retained: 0, most: EXACT, ends: None, is_exact: true, random }
    }
}

/// The values of a sketch in order, each with the number of values up to it.
#[derive(Debug)]
pub struct Weighed<T>(Vec<(T, u64)>);

impl<T: Number> Quantiles<T> {
    /// Adds a value that occurs `weight` times.
    pub fn add(&mut self, value: T, weight: u64) {
        if weight == 0 {
            return;
        }
        self.widen(value, value);
        let mut left = weight;
        while left > 0 {
            let level = left.trailing_zeros() as usize;
            left &= left - 1;
            self.grow(level);
            self.levels[level].push(value);
            self.retained += 1;
        }
        self.limit();
    }

    /// Adds the state of another sketch: its smallest and largest value, and values with their
    /// weights.
    pub fn merge(&mut self, ends: (T, T), values: impl Iterator<Item = (T, u64)>, is_exact: bool) {
        self.widen(ends.0, ends.1);
        self.is_exact &= is_exact;
        values.for_each(|(value, weight)| self.add(value, weight));
    }

    /// The values that are kept, with their weights.
    pub fn entries(&self) -> impl Iterator<Item = (T, u64)> + '_ {
        let levels = self.levels.iter().enumerate();
        levels.flat_map(|(level, values)| values.iter().map(move |value| (*value, 1 << level)))
    }

    /// The smallest and the largest value; none without values.
    pub fn ends(&self) -> Option<(T, T)> {
        self.ends
    }

    /// Whether all values are kept.
    pub fn is_exact(&self) -> bool {
        self.is_exact
    }

    /// The values in order.
    pub fn weighed(&self) -> Weighed<T> {
        let mut entries: Vec<(T, u64)> = self.entries().collect();
        entries.sort_unstable_by(|a, b| a.0.compare(b.0));
        let mut below = 0;
        for (_, weight) in &mut entries {
            below += *weight;
            *weight = below;
        }
        Weighed(entries)
    }

    /// The value of which a share of all values is at most as large; none without values.
    pub fn quantile(&self, share: f64) -> Option<T> {
        let (first, last) = self.ends?;
        match share {
            ..=0.0 => Some(first),
            1.0.. => Some(last),
            _ => self.weighed().quantile(share),
        }
    }

    /// The memory in use.
    pub fn bytes(&self) -> usize {
        self.levels.iter().map(|level| level.capacity() * size_of::<T>()).sum()
    }

    fn widen(&mut self, first: T, last: T) {
        let (known_first, known_last) = self.ends.unwrap_or((first, last));
        let first = if first.compare(known_first) == Ordering::Less { first } else { known_first };
        let last = if last.compare(known_last) == Ordering::Greater { last } else { known_last };
        self.ends = Some((first, last));
    }

    fn grow(&mut self, level: usize) {
        if self.levels.len() <= level {
            self.levels.resize_with(level + 1, Vec::new);
        }
    }

    fn capacity(&self, level: usize) -> usize {
        let below = self.levels.len() - 1 - level;
        (0..below).fold(HIGHEST, |capacity, _| capacity * 2 / 3).max(LEAST)
    }

    /// Drops values until there is room.
    fn limit(&mut self) {
        while self.most < self.retained {
            let levels = 0..self.levels.len();
            let is_full = |level: &usize| self.capacity(*level) <= self.levels[*level].len();
            let largest = || levels.clone().max_by_key(|level| self.levels[*level].len());
            let Some(level) = levels.clone().find(is_full).or_else(largest) else { return };
            self.compact(level);
            self.is_exact = false;
            self.most = (0..self.levels.len()).map(|level| self.capacity(level)).sum();
        }
    }

    fn compact(&mut self, level: usize) {
        self.grow(level + 1);
        let mut values = std::mem::take(&mut self.levels[level]);
        values.sort_unstable_by(|a, b| a.compare(*b));
        let coins = self.random.next_u64();
        let odd = (values.len() % 2 == 1).then(|| {
            let at = if coins & 2 == 0 { 0 } else { values.len() - 1 };
            values.remove(at)
        });
        let chosen = values.iter().skip((coins & 1) as usize).step_by(2);
        self.levels[level + 1].extend(chosen);
        self.retained -= values.len() / 2;
        // The memory is used again.
        values.clear();
        values.extend(odd);
        self.levels[level] = values;
    }
}

impl<T: Number> Weighed<T> {
    /// The value of which a share of all values is at most as large: the first that is not below
    /// that share. None without values.
    pub fn quantile(&self, share: f64) -> Option<T> {
        let (_, count) = self.0.last()?;
        let place = ((share * *count as f64).ceil() as u64).clamp(1, *count);
        let at = self.0.partition_point(|(_, below)| *below < place);
        self.0.get(at).map(|(value, _)| *value)
    }

    /// The values and their weights.
    pub fn entries(&self) -> impl Iterator<Item = (T, u64)> + '_ {
        let mut before = 0;
        self.0.iter().map(move |(value, below)| {
            let weight = below - before;
            before = *below;
            (*value, weight)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::Sampler;
    use super::*;

    const SHARES: [f64; 9] = [0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999];

    /// The largest difference in rank between a quantile and the right one.
    fn error(values: &[i64], sketch: &Quantiles<i64>) -> f64 {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let errors = SHARES.iter().map(|share| {
            let found = sketch.quantile(*share).unwrap();
            let below = sorted.partition_point(|value| *value < found) as f64;
            let up_to = sorted.partition_point(|value| *value <= found) as f64;
            let wanted = share * sorted.len() as f64;
            (below - wanted).max(wanted - up_to).max(0.0) / sorted.len() as f64
        });
        errors.fold(0.0, f64::max)
    }

    fn inputs(count: usize) -> Vec<Vec<i64>> {
        let mut random = SplitMix64::seed_from_u64(7);
        let mut number = || (random.next_u64() >> 11) as i64;
        let all = 0..count as i64;
        vec![
            all.clone().map(|_| number()).collect(),
            all.clone().collect(),
            all.clone().rev().collect(),
            all.clone().map(|at| at % 1000).collect(),
            all.clone().map(|at| (at * at) % 7).collect(),
            // Skewed: most are small, some very large.
            all.clone().map(|_| 1_i64 << (number() % 62).min(number() % 62)).collect(),
            all.map(|at| if at % 2 == 0 { at } else { -at * at }).collect(),
        ]
    }

    #[test]
    fn few_values_give_exact_quantiles() {
        for values in inputs(8192) {
            let mut sketch = Quantiles::default();
            values.iter().for_each(|value| sketch.add(*value, 1));
            assert!(sketch.is_exact());
            assert!(error(&values, &sketch) <= f64::EPSILON);
        }
        assert_eq!(Quantiles::<i64>::default().quantile(0.5), None);
    }

    #[test]
    fn ranks_of_many_values_are_off_by_less_than_half_a_percent() {
        for count in [10_000, 200_000, 1_000_000] {
            for (number, values) in inputs(count).iter().enumerate() {
                let (mut all, mut picked) = (Quantiles::default(), Quantiles::default());
                let mut sampler = Sampler::default();
                for part in values.chunks(65_536) {
                    part.iter().for_each(|value| all.add(*value, 1));
                    let picks = sampler.rows(part.len());
                    picks.iter().for_each(|(place, weight)| picked.add(part[*place], *weight));
                }
                assert!(!all.is_exact() && all.retained <= EXACT);
                let errors = [error(values, &all), error(values, &picked)];
                assert!(errors.iter().all(|error| *error < 0.004), "{count} {number}: {errors:?}");
            }
        }
    }

    #[test]
    fn parts_are_merged() {
        for values in inputs(300_000) {
            let mut merged = Quantiles::default();
            for part in values.chunks(1_000) {
                let mut sketch = Quantiles::default();
                part.iter().for_each(|value| sketch.add(*value, 1));
                merged.merge(sketch.ends().unwrap(), sketch.entries(), sketch.is_exact());
            }
            assert!(error(&values, &merged) < 0.004);
            assert_eq!(merged.quantile(0.0), values.iter().min().copied());
            assert_eq!(merged.quantile(1.0), values.iter().max().copied());
        }
    }

    #[test]
    fn weights_are_values_that_repeat() {
        let (mut once, mut often) = (Quantiles::default(), Quantiles::default());
        for value in 0..1000_i64 {
            (0..value).for_each(|_| once.add(value, 1));
            often.add(value, value as u64);
        }
        for share in SHARES {
            let (a, b) = (once.quantile(share).unwrap(), often.quantile(share).unwrap());
            assert!(a.abs_diff(b) <= 5, "{share} {a} {b}");
        }
        assert!(often.is_exact());
    }
}
