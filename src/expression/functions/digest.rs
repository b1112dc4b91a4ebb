//! `hash` and `md5`: a number and a text that identify a value, the same on every machine and in
//! every version.
//!
//! The manual documents `hash`: the bytes that represent a value must never change.

use super::function::{CallError, Function, Parameter};
use crate::error::{Error, Result};
use crate::expression::evaluate::call::Prepared;
use crate::expression::evaluate::node::Node;
use crate::expression::values::kind::{Kind, describe, plain_array};
use crate::expression::values::lists::ranges;
use crate::expression::values::value_reader;
use crate::time::span::{Span, spans};
use arrow::array::{Array, ArrayRef, AsArray, UInt64Array};
use arrow::datatypes::{DataType, i256};
use md5::{Digest, Md5};
use std::borrow::Cow;
use std::sync::Arc;
use twox_hash::XxHash3_64;

use Parameter::{Any, Integer, TextOrBinary};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::new(&["hash"], "hash(value [, seed])", &[Any, Integer], hash)
        .requires(1)
        .help("a hash of any value, uint64; the seed is a constant integer")
        .examples(&["hash(42) = 9881166736857997228", "hash(42, 7) = 12166643893347342866"]),
    Function::new(&["md5"], "md5(text or binary)", &[TextOrBinary], |_| Ok(md5()))
        .help("the MD5 digest as 32 hexadecimal digits")
        .examples(&["md5('abc') = '900150983cd24fb0d6963f7d28e17f72'"]),
];

fn md5() -> Prepared {
    Prepared::infallible(DataType::Utf8, |inputs| {
        let bytes = inputs.by_row(0, value_reader::bytes(inputs.array(0)))?;
        let digest = |row| u128::from_be_bytes(Md5::digest(bytes(row)).into());
        inputs.texts(|row| Ok(Cow::Owned(format!("{:032x}", digest(row)))))
    })
}

/// Without a seed, or with seed 0, the hash of the value alone; else the hash of the seed's and the
/// value's bytes, so that samples with different seeds are independent.
fn hash(arguments: &mut Vec<Node>) -> Result<Prepared, CallError> {
    let seed = match arguments.get(1) {
        None => 0,
        Some(Node::Constant(value)) => {
            let seed =
                value_reader::integers(value).filter(|_| value.is_valid(0)).map(|seed| seed(0));
            seed.ok_or_else(|| CallError::at(1, "the seed must be an integer"))?
        }
        Some(_) => return Err(CallError::at(1, "the seed must be a constant")),
    };
    arguments.truncate(1);
    Ok(Prepared::infallible(DataType::UInt64, move |inputs| {
        let hashes = hashes(inputs.array(0))?;
        if seed == 0 {
            return Ok(Arc::new(UInt64Array::from(hashes)));
        }
        let mut bytes = [0; 24];
        bytes[..16].copy_from_slice(&seed.to_le_bytes());
        let seeded = hashes.into_iter().map(|hash| {
            bytes[16..].copy_from_slice(&hash.to_le_bytes());
            XxHash3_64::oneshot(&bytes)
        });
        Ok(Arc::new(seeded.collect::<UInt64Array>()))
    }))
}

/// The hash of each value: XXH3 (64 bits, no seed) of a tag and the value's bytes, as the manual
/// says. For nested values the bytes are a count and the hashes of the parts.
fn hashes(array: &ArrayRef) -> Result<Vec<u64>> {
    let array = plain_array(array)?;
    let nulls = array.logical_nulls();
    if nulls.is_none()
        && Kind::of(array.data_type()) == Kind::Integer
        && let Some(value) = value_reader::integers(&array)
    {
        return Ok((0..array.len()).map(|row| integer_hash(value(row))).collect());
    }
    let mut write = writer(&array)?;
    let mut bytes = Vec::new();
    Ok((0..array.len())
        .map(|row| {
            bytes.clear();
            match &nulls {
                Some(nulls) if nulls.is_null(row) => bytes.push(Tag::Null as u8),
                _ => write(row, &mut bytes),
            }
            XxHash3_64::oneshot(&bytes)
        })
        .collect())
}

/// Appends the bytes of a row's value.
type Writer<'a> = Box<dyn FnMut(usize, &mut Vec<u8>) + 'a>;

fn writer(array: &ArrayRef) -> Result<Writer<'_>> {
    let plain = match Kind::of(array.data_type()) {
        Kind::Null => {
            Some(Box::new(|_: usize, bytes: &mut Vec<u8>| bytes.push(Tag::Null as u8)) as Writer<'_>)
        }
        Kind::Boolean => tagged(Tag::Boolean, value_reader::integers(array), |value, bytes| {
            bytes.push(value as u8);
        }),
        Kind::Integer => value_reader::integers(array)
            .map(|read| Box::new(move |row, bytes: &mut Vec<u8>| integer(read(row), bytes)) as _),
        Kind::Decimal => value_reader::decimals(array).map(|(units, scale)| {
            Box::new(move |row, bytes: &mut Vec<u8>| decimal(units(row), scale, bytes)) as _
        }),
        Kind::Float => value_reader::floats(array)
            .map(|read| Box::new(move |row, bytes: &mut Vec<u8>| float(read(row), bytes)) as _),
        kind @ (Kind::Text | Kind::Binary) => {
            let tag = if kind == Kind::Text { Tag::Text } else { Tag::Binary };
            tagged(tag, value_reader::bytes(array), |value, bytes| bytes.extend(value))
        }
        Kind::Date | Kind::Timestamp => {
            tagged(Tag::Instant, value_reader::nanoseconds(array), whole)
        }
        Kind::Time => tagged(Tag::Time, value_reader::nanoseconds(array), whole),
        Kind::Duration => tagged(Tag::Duration, value_reader::nanoseconds(array), whole),
        Kind::Interval | Kind::Other => nested(array)?,
    };
    plain.ok_or_else(|| Error::failed(format!("cannot hash {}", describe(array.data_type()))))
}

fn tagged<'a, T: 'a>(
    tag: Tag,
    reader: Option<value_reader::Reader<'a, T>>,
    append: fn(T, &mut Vec<u8>),
) -> Option<Writer<'a>> {
    let reader = reader?;
    Some(Box::new(move |row, bytes| {
        bytes.push(tag as u8);
        append(reader(row), bytes);
    }))
}

fn nested(array: &ArrayRef) -> Result<Option<Writer<'_>>> {
    Ok(match array.data_type() {
        DataType::Struct(_) => {
            let fields: Vec<Vec<u64>> =
                array.as_struct().columns().iter().map(hashes).collect::<Result<_>>()?;
            Some(Box::new(move |row, bytes| {
                parts(Tag::Struct, fields.iter().map(|field| field[row]), bytes);
            }))
        }
        DataType::Map(..) => {
            let map = array.as_map();
            let (keys, values) = (hashes(map.keys())?, hashes(map.values())?);
            Some(Box::new(move |row, bytes| {
                let range =
                    map.value_offsets()[row] as usize..map.value_offsets()[row + 1] as usize;
                let entries = range.flat_map(|entry| [keys[entry], values[entry]]);
                parts(Tag::Map, entries.collect::<Vec<_>>().into_iter(), bytes);
            }))
        }
        DataType::Union(..) => {
            let union = array.as_union();
            let children: Vec<Option<Vec<u64>>> = (0..=i8::MAX)
                .map(|id| {
                    let known = union.fields().iter().any(|(known, _)| known == id);
                    known.then(|| hashes(union.child(id))).transpose()
                })
                .collect::<Result<_>>()?;
            Some(Box::new(move |row, bytes| {
                let child = children.get(union.type_id(row) as usize).and_then(Option::as_ref);
                let hash = child.and_then(|child| child.get(union.value_offset(row)));
                parts(Tag::Struct, hash.copied().into_iter(), bytes);
            }))
        }
        // Months and days have 32 bits, nanoseconds 64.
        DataType::Interval(_) => spans(array).map(|spans| -> Writer<'_> {
            Box::new(move |row, bytes| {
                let Span { months, days, nanoseconds } = spans(row);
                bytes.push(Tag::Interval as u8);
                bytes.extend((months as i32).to_le_bytes());
                bytes.extend((days as i32).to_le_bytes());
                bytes.extend((nanoseconds as i64).to_le_bytes());
            })
        }),
        _ => match ranges(array) {
            None => None,
            Some((values, range)) => {
                let hashes = hashes(&values)?;
                Some(Box::new(move |row, bytes| {
                    parts(Tag::List, hashes[range(row)].iter().copied(), bytes);
                }))
            }
        },
    })
}

fn parts(tag: Tag, hashes: impl ExactSizeIterator<Item = u64>, bytes: &mut Vec<u8>) {
    bytes.push(tag as u8);
    bytes.extend((hashes.len() as u64).to_le_bytes());
    hashes.for_each(|hash| bytes.extend(hash.to_le_bytes()));
}

fn whole(value: i128, bytes: &mut Vec<u8>) {
    bytes.extend(value.to_le_bytes());
}

fn integer(value: i128, bytes: &mut Vec<u8>) {
    bytes.push(Tag::Integer as u8);
    whole(value, bytes);
}

/// The hash of the bytes of [`integer`], without a buffer to append them to.
fn integer_hash(value: i128) -> u64 {
    let mut bytes = [Tag::Integer as u8; 17];
    bytes[1..].copy_from_slice(&value.to_le_bytes());
    XxHash3_64::oneshot(&bytes)
}

/// Without trailing zeros, so that 1.50 and 1.5 are one value, and 2.0 equals the integer.
fn decimal(mut units: i256, scale: i8, bytes: &mut Vec<u8>) {
    let ten = i256::from_i128(10);
    let mut scale = if units == i256::ZERO { 0 } else { scale };
    while scale > 0 && units % ten == i256::ZERO {
        (units, scale) = (units / ten, scale - 1);
    }
    while scale < 0
        && let Some(wider) = units.checked_mul(ten)
    {
        (units, scale) = (wider, scale + 1);
    }
    match units.to_i128() {
        Some(value) if scale == 0 => integer(value, bytes),
        _ => {
            bytes.extend([Tag::Decimal as u8, scale as u8]);
            bytes.extend(units.to_le_bytes());
        }
    }
}

/// A whole number equals the integer, so that -0 is 0 and identifiers that became floats keep their
/// hash.
fn float(value: f64, bytes: &mut Vec<u8>) {
    const HUGE: f64 = 1e38;
    if value.fract() == 0.0 && value.abs() < HUGE {
        return integer(value as i128, bytes);
    }
    let value = if value.is_nan() { f64::NAN } else { value };
    bytes.push(Tag::Float as u8);
    bytes.extend(value.to_bits().to_le_bytes());
}

/// The kind of value that the following bytes represent.
#[derive(Clone, Copy)]
enum Tag {
    Null = 0,
    Integer = 1,
    Decimal = 2,
    Float = 3,
    Text = 4,
    Binary = 5,
    Boolean = 6,
    Instant = 7,
    Time = 8,
    Duration = 9,
    Interval = 10,
    List = 11,
    Struct = 12,
    Map = 13,
}
