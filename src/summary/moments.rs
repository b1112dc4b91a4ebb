//! Mean and standard deviation of numbers, block by block.
//!
//! The mean of a block and the distances from it are computed one after the other, in
//! several sums side by side; blocks are merged by the algorithm of Chan et al. (1979). They have one
//! length, so that batches make no difference.

#[derive(Debug, Clone, Default)]
pub(super) struct Moments {
    all: Merged,
    /// The numbers of the next block.
    block: Vec<f64>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Merged {
    count: f64,
    mean: f64,
    squares: f64,
}

/// The numbers of a block.
const BLOCK: usize = 1024;

/// Sums side by side, so that an addition need not wait for the one before it.
const LANES: usize = 8;

impl Moments {
    /// Adds numbers, all of which are finite.
    pub(super) fn add(&mut self, mut numbers: &[f64]) {
        if !self.block.is_empty() {
            let (first, rest) = numbers.split_at(numbers.len().min(BLOCK - self.block.len()));
            self.block.extend_from_slice(first);
            numbers = rest;
            if self.block.len() < BLOCK {
                return;
            }
            self.all.add(&self.block);
            self.block.clear();
        }
        let (blocks, rest) = numbers.as_chunks::<BLOCK>();
        blocks.iter().for_each(|block| self.all.add(block));
        self.block.extend_from_slice(rest);
    }

    /// The mean, and the standard deviation of a sample, which a single number does not have.
    pub(super) fn finish(&self) -> (Option<f64>, Option<f64>) {
        let mut all = self.all;
        all.add(&self.block);
        let deviation = (all.squares / (all.count - 1.0)).sqrt();
        ((all.count > 0.0).then_some(all.mean), (all.count > 1.0).then_some(deviation))
    }
}

impl Merged {
    fn add(&mut self, numbers: &[f64]) {
        if numbers.is_empty() {
            return;
        }
        let count = numbers.len() as f64;
        let mean = sum(numbers, |number| number) / count;
        let squares = sum(numbers, |number| (number - mean) * (number - mean));
        let all = self.count + count;
        let distance = mean - self.mean;
        self.mean += distance * (count / all);
        self.squares += squares + distance * distance * self.count * (count / all);
        self.count = all;
    }
}

fn sum(numbers: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let (parts, rest) = numbers.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for part in parts {
        for (sum, number) in sums.iter_mut().zip(part) {
            *sum += of(*number);
        }
    }
    sums.iter().sum::<f64>() + rest.iter().map(|number| of(*number)).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_make_no_difference() {
        let numbers: Vec<f64> = (0..5000).map(|at| 1e9 + f64::from(at % 10) / 3.0).collect();
        let mut whole = Moments::default();
        whole.add(&numbers);
        let (mean, deviation) = whole.finish();
        assert!((mean.unwrap() - (1e9 + 1.5)).abs() < 1e-6);
        assert!((deviation.unwrap() - 0.957_522_9).abs() < 1e-6);
        for rows in [1, 7, 1000, 1024, 1025, 4000] {
            let mut parts = Moments::default();
            numbers.chunks(rows).for_each(|part| parts.add(part));
            assert_eq!(parts.finish(), (mean, deviation));
        }
        assert_eq!(Moments::default().finish(), (None, None));
        let mut one = Moments::default();
        one.add(&[3.0]);
        one.add(&[]);
        assert_eq!(one.finish(), (Some(3.0), None));
    }
}
