//! Random values of one kind, batch after batch, with their nested values.

use super::kind::{Element, Kind, Lengths, Range};
use arrow::array::{
    ArrayRef, ArrowPrimitiveType, BooleanArray, FixedSizeBinaryArray, ListArray, PrimitiveArray,
    StringArray, StructArray,
};
use arrow::buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow::compute::filter;
use arrow::datatypes::{
    Date32Type, Decimal128Type, Field, Float64Type, Int64Type, TimestampMicrosecondType,
};
use arrow::error::ArrowError;
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::{SplitMix64, Xoshiro256PlusPlus};
use std::sync::Arc;
use uuid::Builder;

/// Generates values of a kind. Values, nulls and nested values each have their own generator, so
/// that none affects the others.
#[derive(Debug)]
pub(super) struct Random {
    kind: Kind,
    values: Xoshiro256PlusPlus,
    nulls: Option<Nulls>,
    /// The elements of a list, or the fields of a struct.
    below: Vec<(Arc<Field>, Random)>,
}

/// Generates the positions of nulls.
#[derive(Debug)]
struct Nulls {
    /// The probability in units of 2⁻⁵³.
    chance: u64,
    random: Xoshiro256PlusPlus,
}

impl Random {
    pub(super) fn new(element: &Element, values_seed: u64, nulls_seed: u64) -> Self {
        let nulls = element.nulls.map(|part| Nulls {
            // A power of two times a float is exact, so every machine gets the same integer.
            chance: (part * (1_u64 << 53) as f64) as u64,
            random: Xoshiro256PlusPlus::seed_from_u64(nulls_seed),
        });
        // Not the seed itself, whose sequence is the state of `values`.
        let mut seeds = SplitMix64::seed_from_u64(!values_seed);
        let mut below = |name: &str, element: &Element| {
            let (values_seed, nulls_seed) = (seeds.next_u64(), seeds.next_u64());
            (Arc::new(element.field(name)), Self::new(element, values_seed, nulls_seed))
        };
        let below = match &element.kind {
            Kind::List { element, .. } => vec![below("item", element)],
            Kind::Struct(fields) => fields.iter().map(|(name, field)| below(name, field)).collect(),
            _ => Vec::new(),
        };
        let values = Xoshiro256PlusPlus::seed_from_u64(values_seed);
        Self { kind: element.kind.clone(), values, nulls, below }
    }

    /// The next `rows` values.
    pub(super) fn fill(&mut self, rows: usize) -> Result<ArrayRef, ArrowError> {
        let nulls = self.nulls.as_mut().map(|nulls| nulls.draw(rows));
        let random = &mut self.values;
        match &self.kind {
            Kind::Int64(range) => {
                primitives::<Int64Type>(&self.kind, rows, nulls, || in_range(range, random))
            }
            Kind::Float64 => {
                let value = || fraction(random.next_u64());
                primitives::<Float64Type>(&self.kind, rows, nulls, value)
            }
            Kind::Normal { mean, deviation } => {
                let value = || mean + deviation * normal(random);
                primitives::<Float64Type>(&self.kind, rows, nulls, value)
            }
            Kind::Boolean => {
                let values = drawn(rows, nulls.as_ref(), || random.next_u64() >> 63 == 1);
                Ok(Arc::new(BooleanArray::new(values.into(), nulls)))
            }
            Kind::Uuid => {
                let values = drawn(rows, nulls.as_ref(), || uuid(random));
                let bytes = values.into_flattened();
                Ok(Arc::new(FixedSizeBinaryArray::try_new(16, bytes.into(), nulls)?))
            }
            Kind::Date(range) => {
                let value = || in_range(range, random) as i32;
                primitives::<Date32Type>(&self.kind, rows, nulls, value)
            }
            Kind::Timestamp { range, .. } => {
                let value = || in_range(range, random);
                primitives::<TimestampMicrosecondType>(&self.kind, rows, nulls, value)
            }
            Kind::Decimal { start, length, .. } => {
                let value = || start.wrapping_add(wide_below(*length, random).cast_signed());
                primitives::<Decimal128Type>(&self.kind, rows, nulls, value)
            }
            Kind::Text(lengths) => texts(rows, nulls, |bytes| {
                let length = lengths.draw(random);
                push_letters(bytes, length as usize, random);
            }),
            Kind::Choice(count) => texts(rows, nulls, |bytes| {
                bytes.push(b'v');
                push_digits(bytes, below(u128::from(*count), random));
            }),
            Kind::List { lengths, .. } => list(&mut self.below, lengths, random, rows, nulls),
            Kind::Struct(_) => {
                let fields = self.below.iter().map(|(field, _)| field.clone()).collect();
                let columns = self.below.iter_mut().map(|(_, below)| below.fill(rows));
                let columns = columns.collect::<Result<_, _>>()?;
                Ok(Arc::new(StructArray::try_new_with_length(fields, columns, nulls, rows)?))
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

impl Lengths {
    fn draw(self, random: &mut Xoshiro256PlusPlus) -> u64 {
        self.shortest + below(u128::from(self.longest - self.shortest) + 1, random)
    }
}

/// The elements of null lists are generated, so that the others do not change, and then left out.
fn list(
    elements: &mut [(Arc<Field>, Random)],
    lengths: &Lengths,
    random: &mut Xoshiro256PlusPlus,
    rows: usize,
    nulls: Option<NullBuffer>,
) -> Result<ArrayRef, ArrowError> {
    let [(field, element)] = elements else {
        return Err(ArrowError::InvalidArgumentError("a list has one kind of element".to_owned()));
    };
    let mut drawn: Vec<usize> = (0..rows).map(|_| lengths.draw(random) as usize).collect();
    let mut values = element.fill(drawn.iter().sum())?;
    if let Some(nulls) = nulls.as_ref().filter(|nulls| nulls.null_count() > 0) {
        let kept =
            drawn.iter().zip(nulls).flat_map(|(length, kept)| std::iter::repeat_n(kept, *length));
        let kept = BooleanArray::new(kept.collect(), None);
        values = filter(&values, &kept)?;
        for (length, kept) in drawn.iter_mut().zip(nulls) {
            *length *= usize::from(kept);
        }
    }
    let offsets = OffsetBuffer::from_lengths(drawn);
    Ok(Arc::new(ListArray::try_new(field.clone(), offsets, values, nulls)?))
}

/// Values under a null are generated too, so that the others do not change, and then set to zero,
/// so that they compress.
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

/// Values of a fixed width, of the type of their kind.
fn primitives<T: ArrowPrimitiveType>(
    kind: &Kind,
    rows: usize,
    nulls: Option<NullBuffer>,
    value: impl FnMut() -> T::Native,
) -> Result<ArrayRef, ArrowError> {
    let values = drawn(rows, nulls.as_ref(), value);
    let array = PrimitiveArray::<T>::try_new(values.into(), nulls)?;
    Ok(Arc::new(array.with_data_type(kind.data_type())))
}

fn in_range(range: &Range, random: &mut Xoshiro256PlusPlus) -> i64 {
    range.start.wrapping_add(below(range.length(), random) as i64)
}

/// From 0 up to but not including 1, in steps of 2⁻⁵³.
fn fraction(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// A value of the standard normal distribution, from two random numbers (Box and Muller, "A Note on
/// the Generation of Random Normal Deviates", 1958). `libm` computes the same bits everywhere,
/// whereas the standard library uses each system's own functions.
fn normal(random: &mut Xoshiro256PlusPlus) -> f64 {
    // Greater than 0, up to 1: the logarithm of 0 is infinite.
    let radius = ((random.next_u64() >> 11) + 1) as f64 / (1_u64 << 53) as f64;
    let angle = 2.0 * std::f64::consts::PI * fraction(random.next_u64());
    libm::sqrt(-2.0 * libm::log(radius)) * libm::cos(angle)
}

/// A UUID of version 4 (RFC 9562): random except for six bits.
fn uuid(random: &mut Xoshiro256PlusPlus) -> [u8; 16] {
    let bits = (u128::from(random.next_u64()) << 64) | u128::from(random.next_u64());
    Builder::from_random_bytes(bits.to_be_bytes()).into_uuid().into_bytes()
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

/// A number below the bound: the upper half of its product with a random 64-bit number. The bias,
/// under one in 2⁶⁴ ÷ bound, is the price of using exactly one random number for each value.
fn below(bound: u128, random: &mut Xoshiro256PlusPlus) -> u64 {
    ((u128::from(random.next_u64()) * bound) >> 64) as u64
}

/// The same for bounds of up to 128 bits, from one random number if the bound fits 64 bits, else
/// two.
fn wide_below(bound: u128, random: &mut Xoshiro256PlusPlus) -> u128 {
    if bound <= 1 << 64 {
        return u128::from(below(bound, random));
    }
    let draws = [random.next_u64(), random.next_u64()].map(u128::from);
    let (low, high) = (bound & u128::from(u64::MAX), bound >> 64);
    // The upper 128 bits of the 256-bit product, by long multiplication of halves.
    let middle = [draws[0] * low, draws[1] * high];
    let carry = (draws[1] * low) >> 64;
    let sum = carry + (middle[0] & u128::from(u64::MAX)) + (middle[1] & u128::from(u64::MAX));
    draws[0] * high + (middle[0] >> 64) + (middle[1] >> 64) + (sum >> 64)
}

/// Each random number gives twelve letters of five bits (the alphabet is that of base 32, RFC
/// 4648).
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

/// Appends a decimal number; formatting with the standard library takes three times as long.
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
