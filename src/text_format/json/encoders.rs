//! Encoders that replace arrow's where those are not exact.

use crate::error::Result;
use crate::options::BinaryText;
use crate::text_format::binary_text::{is_uuid, write_uuid};
use crate::text_format::temporal::temporal_texts;
use arrow::array::{Array, ArrowPrimitiveType, AsArray, PrimitiveArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, FieldRef, Float16Type, Float32Type, Float64Type};
use arrow::error::ArrowError;
use arrow::json::writer::{Encoder, EncoderFactory, EncoderOptions, NullableEncoder, make_encoder};
use std::sync::{Arc, LazyLock, OnceLock};

/// The first failure of an encoder. Encoders cannot return errors, so they record them here, and
/// the caller checks after every value.
#[derive(Debug, Clone, Default)]
pub(super) struct Failure(Arc<OnceLock<String>>);

impl Failure {
    pub(super) fn cause(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }

    fn tell(&self, cause: String) {
        // Only the first one is reported; later output is discarded anyway.
        let _there_was_one = self.0.set(cause);
    }
}

/// The factory of our own encoders.
#[derive(Debug)]
pub(super) struct Ours {
    pub(super) binary: BinaryText,
    pub(super) not_finite: NotFinite,
    pub(super) failure: Failure,
}

impl EncoderFactory for Ours {
    fn make_default_encoder<'a>(
        &self,
        field: &'a FieldRef,
        array: &'a dyn Array,
        options: &'a EncoderOptions,
    ) -> Result<Option<NullableEncoder<'a>>, ArrowError> {
        let mut nulls = array.nulls().cloned();
        let encoder: Box<dyn Encoder + 'a> = match array.data_type() {
            DataType::Float16 => match self.floats::<Float16Type>(field, array)? {
                Some(encoder) => encoder,
                None => return Ok(None),
            },
            DataType::Float32 => match self.floats::<Float32Type>(field, array)? {
                Some(encoder) => encoder,
                None => return Ok(None),
            },
            DataType::Float64 => match self.floats::<Float64Type>(field, array)? {
                Some(encoder) => encoder,
                None => return Ok(None),
            },
            other if other.is_temporal() => {
                let append =
                    temporal_texts(array).map_err(|e| ArrowError::JsonError(e.to_string()))?;
                let failure = self.failure.clone();
                Box::new(TextEncoder(move |row, text: &mut Vec<u8>| {
                    if let Err(error) = append(row, text) {
                        failure.tell(error.to_string());
                    }
                }))
            }
            DataType::Binary => self.bytes(|row| array.as_binary::<i32>().value(row)),
            DataType::LargeBinary => self.bytes(|row| array.as_binary::<i64>().value(row)),
            DataType::BinaryView => self.bytes(|row| array.as_binary_view().value(row)),
            DataType::FixedSizeBinary(_) if is_uuid(field, array) => {
                let values = array.as_fixed_size_binary();
                Box::new(TextEncoder(move |row, text: &mut Vec<u8>| {
                    write_uuid(values.value(row), text);
                }))
            }
            DataType::FixedSizeBinary(_) => {
                self.bytes(|row| array.as_fixed_size_binary().value(row))
            }
            DataType::Map(entries, _) if !has_text_keys(entries) => {
                Box::new(PairsEncoder::try_new(field, array, options)?)
            }
            DataType::Dictionary(..) => {
                let dictionary = array.as_any_dictionary();
                if dictionary.values().logical_null_count() == 0 {
                    return Ok(None);
                }
                nulls = array.logical_nulls();
                Box::new(KeyedEncoder {
                    keys: dictionary.normalized_keys(),
                    values: make_encoder(field, dictionary.values().as_ref(), options)?,
                })
            }
            _ => return Ok(None),
        };
        Ok(Some(NullableEncoder::new(encoder, nulls)))
    }
}

impl Ours {
    /// An encoder for floats; `None` if all are finite, because arrow's encoder is exact then.
    fn floats<'a, T: ArrowPrimitiveType>(
        &self,
        field: &'a FieldRef,
        array: &'a dyn Array,
    ) -> Result<Option<Box<dyn Encoder + 'a>>, ArrowError>
    where
        T::Native: Into<f64>,
    {
        static PLAIN: LazyLock<EncoderOptions> = LazyLock::new(EncoderOptions::default);
        let array: &PrimitiveArray<T> = array.as_primitive();
        if array.values().iter().all(|value| (*value).into().is_finite()) {
            return Ok(None);
        }
        Ok(Some(Box::new(FloatEncoder {
            array,
            finite: make_encoder(field, array, &PLAIN)?,
            not_finite: self.not_finite,
            failure: self.failure.clone(),
        })))
    }

    fn bytes<'a>(&self, value: impl Fn(usize) -> &'a [u8] + 'a) -> Box<dyn Encoder + 'a> {
        let binary = self.binary;
        Box::new(TextEncoder(move |row, text: &mut Vec<u8>| {
            let mut digits = String::new();
            binary.write(value(row), &mut digits);
            text.extend_from_slice(digits.as_bytes());
        }))
    }
}

/// Quoted text that needs no escapes.
struct TextEncoder<F>(F);

impl<F: Fn(usize, &mut Vec<u8>)> Encoder for TextEncoder<F> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        out.push(b'"');
        (self.0)(row, out);
        out.push(b'"');
    }
}

/// Floats, some of which are not finite.
struct FloatEncoder<'a, T: ArrowPrimitiveType> {
    array: &'a PrimitiveArray<T>,
    finite: NullableEncoder<'a>,
    not_finite: NotFinite,
    failure: Failure,
}

impl<T: ArrowPrimitiveType> Encoder for FloatEncoder<'_, T>
where
    T::Native: Into<f64>,
{
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        let value: f64 = self.array.value(row).into();
        if value.is_finite() {
            return self.finite.encode(row, out);
        }
        let word = match value {
            f64::INFINITY => "Infinity",
            f64::NEG_INFINITY => "-Infinity",
            _ => "NaN",
        };
        match self.not_finite {
            NotFinite::Null => out.extend_from_slice(b"null"),
            NotFinite::Text => out.extend_from_slice(format!("\"{word}\"").as_bytes()),
            NotFinite::Refused => self
                .failure
                .tell(format!("{word} is not a JSON number (use --nan null or --nan string)")),
        }
    }
}

/// A dictionary with a null among its values: arrow only checks for nulls among the keys.
struct KeyedEncoder<'a> {
    keys: Vec<usize>,
    values: NullableEncoder<'a>,
}

impl Encoder for KeyedEncoder<'_> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        self.values.encode(self.keys[row], out);
    }
}

/// A map whose keys are not text, written as a list of entries, because keys of an object are text.
struct PairsEncoder<'a> {
    offsets: OffsetBuffer<i32>,
    keys: NullableEncoder<'a>,
    values: NullableEncoder<'a>,
}

impl<'a> PairsEncoder<'a> {
    fn try_new(
        field: &'a FieldRef,
        array: &'a dyn Array,
        options: &'a EncoderOptions,
    ) -> Result<Self, ArrowError> {
        let map = array.as_map();
        Ok(Self {
            offsets: map.offsets().clone(),
            keys: make_encoder(field, map.keys().as_ref(), options)?,
            values: make_encoder(field, map.values().as_ref(), options)?,
        })
    }
}

impl Encoder for PairsEncoder<'_> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        out.push(b'[');
        let entries = self.offsets[row] as usize..self.offsets[row + 1] as usize;
        for entry in entries.clone() {
            out.extend_from_slice(if entry == entries.start { b"{" } else { b",{" });
            for (name, part) in [("key", &mut self.keys), ("value", &mut self.values)] {
                let comma = if name == "key" { "" } else { "," };
                out.extend_from_slice(format!("{comma}\"{name}\":").as_bytes());
                match part.is_null(entry) {
                    true => out.extend_from_slice(b"null"),
                    false => part.encode(entry, out),
                }
            }
            out.push(b'}');
        }
        out.push(b']');
    }
}

/// Whether the keys of a map with these entries can be keys of an object.
pub(super) fn has_text_keys(entries: &FieldRef) -> bool {
    let DataType::Struct(fields) = entries.data_type() else { return false };
    fields.first().is_some_and(|keys| keys.data_type().is_string())
}

/// How to write a non-finite float, which JSON does not have.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NotFinite {
    /// As an error that names it.
    #[default]
    Refused,
    /// `null`.
    Null,
    /// `"NaN"`, `"Infinity"`, `"-Infinity"`: JavaScript's names, which most readers accept.
    Text,
}
