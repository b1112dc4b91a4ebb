//! The rows that stream-sample keeps, according to its options.

use super::{COMMAND, Options};
use arrow_pipes::{Error, Result};
use std::hash::{BuildHasher, RandomState};

/// The rows to keep.
pub(crate) enum Kept {
    /// The first N of each group.
    First(u64),
    /// Every Nth row.
    Every(u64),
    /// Each row with this probability.
    Fraction(f64),
    /// N random rows of each group.
    Rows(u64),
    /// All rows, in random order.
    Shuffled,
}

impl Kept {
    fn is_random(&self) -> bool {
        matches!(self, Self::Fraction(_) | Self::Rows(_) | Self::Shuffled)
    }
}

impl Options {
    /// Returns the rows to keep. Contradictory options are refused before any input is opened.
    pub(crate) fn kept(&self) -> Result<Kept> {
        let asked = [
            self.first.map(Kept::First),
            self.every.map(Kept::Every),
            self.fraction.map(Kept::Fraction),
            self.rows.map(Kept::Rows),
            self.shuffle.then_some(Kept::Shuffled),
        ];
        let mut asked = asked.into_iter().flatten();
        let wrong = |why: &str| Err(Error::usage(why));
        let Some(kept) = asked.next() else {
            return wrong("missing --first N, --every N, --fraction P, --rows N or --shuffle");
        };
        let is_first = matches!(kept, Kept::First(_));
        let has_groups = is_first || matches!(kept, Kept::Rows(_));
        if asked.next().is_some() {
            wrong("--first, --every, --fraction, --rows and --shuffle cannot be combined")
        } else if !self.of.is_empty() && !is_first {
            wrong("--of requires --first")
        } else if !self.per.is_empty() && !has_groups {
            wrong("--per requires --first or --rows")
        } else if !kept.is_random() && (self.seed.is_some() || self.verbose) {
            wrong("--seed and --verbose require --fraction, --rows or --shuffle")
        } else {
            Ok(kept)
        }
    }

    /// Returns the given seed, or a random one, which `--verbose` reports; 0 if none is needed.
    pub(crate) fn seed_for(&self, kept: &Kept) -> u64 {
        if !kept.is_random() {
            return 0;
        }
        self.seed.unwrap_or_else(|| {
            // The hash keys of the standard library come from the system's random numbers.
            let seed = RandomState::new().hash_one(());
            if self.verbose {
                COMMAND.tell(&format!("seed {seed}"));
            }
            seed
        })
    }
}
