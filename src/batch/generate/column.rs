//! The values of one made-up column, batch after batch.

use super::specification::{Kind, Range};
use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray};
use arrow::buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow::error::ArrowError;
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::sync::Arc;

/// A column that knows how to go on.
#[derive(Debug)]
pub(super) enum Column {
    /// Counts through a range again and again, each value `repeat` times in a row.
    Range { start: i64, length: u64, repeat: u64 },
    /// Draws values.
    Random { kind: Kind, values: Xoshiro256PlusPlus, nulls: Option<Nulls> },
}

/// Which values are null: drawn apart from the values, so that those stay the same.
#[derive(Debug)]
pub(super) struct Nulls {
    /// Of 2⁵³.
    chance: u64,
    random: Xoshiro256PlusPlus,
}

impl Column {
    /// A range whose every value comes `repeat` times.
    pub(super) fn range(range: &Range, repeat: u128) -> Self {
        // Only a table that is empty for another range may have more; it is never filled.
        let clamped = |number: u128| u64::try_from(number).unwrap_or(u64::MAX);
        Self::Range { start: range.start, length: clamped(range.length()), repeat: clamped(repeat) }
    }

    pub(super) fn random(
        kind: Kind,
        nulls: Option<f64>,
        values_seed: u64,
        nulls_seed: u64,
    ) -> Self {
        let nulls = nulls.map(|part| Nulls {
            // A power of two times a float is exact, so every machine gets the same integer.
            chance: (part * (1_u64 << 53) as f64) as u64,
            random: Xoshiro256PlusPlus::seed_from_u64(nulls_seed),
        });
        Self::Random { kind, values: Xoshiro256PlusPlus::seed_from_u64(values_seed), nulls }
    }

    /// The next `rows` values; they are those of the table's rows from `first_row` on.
    pub(super) fn fill(&mut self, first_row: u64, rows: usize) -> Result<ArrayRef, ArrowError> {
        match self {
            Self::Range { start, length, repeat } => {
                Ok(Arc::new(Int64Array::from(range(*start, *length, *repeat, first_row, rows))))
            }
            Self::Random { kind, values, nulls } => {
                let nulls = nulls.as_mut().map(|nulls| nulls.draw(rows));
                random(kind, values, rows, nulls)
            }
        }
    }
}

impl Nulls {
    fn draw(&mut self, rows: usize) -> NullBuffer {
        let valid = (0..rows).map(|_| self.chance <= self.random.next_u64() >> 11);
        NullBuffer::new(valid.collect::<BooleanBuffer>())
    }
}

fn range(start: i64, length: u64, repeat: u64, first_row: u64, rows: usize) -> Vec<i64> {
    let mut values = Vec::with_capacity(rows);
    let mut step = first_row / repeat % length;
    let mut left = repeat - first_row % repeat;
    while values.len() < rows {
        // Two's complement: right even where the length is beyond Int64.
        let value = start.wrapping_add(step as i64);
        let missing = (rows - values.len()) as u64;
        if repeat == 1 {
            let count = missing.min(length - step) as i64;
            values.extend((0..count).map(|more| value.wrapping_add(more)));
            step = 0;
        } else {
            values.resize(values.len() + missing.min(left) as usize, value);
            left = repeat;
            step = if step + 1 == length { 0 } else { step + 1 };
        }
    }
    values
}

fn random(
    kind: &Kind,
    random: &mut Xoshiro256PlusPlus,
    rows: usize,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, ArrowError> {
    match kind {
        Kind::Int64(range) => {
            let (start, length) = (range.start, range.length());
            let value = || start.wrapping_add(below(length, random) as i64);
            let values = drawn(rows, nulls.as_ref(), value);
            Ok(Arc::new(Int64Array::try_new(values.into(), nulls)?))
        }
        Kind::Float64 => {
            let value = || (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
            let values = drawn(rows, nulls.as_ref(), value);
            Ok(Arc::new(Float64Array::try_new(values.into(), nulls)?))
        }
        Kind::Text { shortest, longest } => texts(rows, nulls, |bytes| {
            let length = shortest + below(u128::from(longest - shortest) + 1, random);
            push_letters(bytes, length as usize, random);
        }),
        Kind::Choice(count) => texts(rows, nulls, |bytes| {
            bytes.push(b'v');
            push_digits(bytes, below(u128::from(*count), random));
        }),
    }
}

/// Values under a null are drawn too, so that the others do not move, and then set to zero, so that
/// they compress.
fn drawn<T: Default>(
    rows: usize,
    nulls: Option<&NullBuffer>,
    mut value: impl FnMut() -> T,
) -> Vec<T> {
    let mut values: Vec<T> = (0..rows).map(|_| value()).collect();
    if let Some(nulls) = nulls {
        for row in (!nulls.inner()).set_indices() {
            values[row] = T::default();
        }
    }
    values
}

fn texts(
    rows: usize,
    nulls: Option<NullBuffer>,
    mut push: impl FnMut(&mut Vec<u8>),
) -> Result<ArrayRef, ArrowError> {
    let mut bytes = Vec::new();
    let mut lengths = Vec::with_capacity(rows);
    for row in 0..rows {
        let start = bytes.len();
        push(&mut bytes);
        if nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            bytes.truncate(start);
        }
        lengths.push(bytes.len() - start);
    }
    let offsets = OffsetBuffer::from_lengths(lengths);
    Ok(Arc::new(StringArray::try_new(offsets, bytes.into(), nulls)?))
}

/// A number below the bound, of all 2⁶⁴ draws the upper part of a product; the bias, under one in
/// 2⁶⁴ ÷ bound, is the price of exactly one draw for each value.
fn below(bound: u128, random: &mut Xoshiro256PlusPlus) -> u64 {
    ((u128::from(random.next_u64()) * bound) >> 64) as u64
}

/// Each draw gives twelve letters of five bits (the alphabet is that of base 32, RFC 4648).
fn push_letters(bytes: &mut Vec<u8>, count: usize, random: &mut Xoshiro256PlusPlus) {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let end = bytes.len() + count;
    while bytes.len() < end {
        let mut bits = random.next_u64();
        for _ in 0..12.min(end - bytes.len()) {
            bytes.push(LETTERS[(bits >> 59) as usize]);
            bits <<= 5;
        }
    }
}

/// In decimal; formatting by the standard library takes three times as long.
fn push_digits(bytes: &mut Vec<u8>, mut number: u64) {
    let start = bytes.len();
    loop {
        bytes.push(b'0' + (number % 10) as u8);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    bytes[start..].reverse();
}
