//! Encoders that replace arrow's where those are not exact.

use crate::error::Result;
use crate::options::BinaryText;
use crate::text_format::binary_text::binary_texts;
use crate::text_format::temporal::{AppendText, temporal_texts};
use arrow::array::{Array, ArrowPrimitiveType, AsArray, PrimitiveArray};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, FieldRef, Float16Type, Float32Type, Float64Type};
use arrow::error::ArrowError;
use arrow::json::writer::{Encoder, EncoderFactory, EncoderOptions, NullableEncoder, make_encoder};
use std::sync::{Arc, LazyLock, OnceLock};

/// The first failure of an encoder. Encoders cannot return errors, so they record them here, and
/// the caller checks after every value. Later ones are lost, as the output is then discarded.
pub(super) type Failure = Arc<OnceLock<String>>;

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
            DataType::Float16 => return self.floats::<Float16Type>(field, array),
            DataType::Float32 => return self.floats::<Float32Type>(field, array),
            DataType::Float64 => return self.floats::<Float64Type>(field, array),
            other if other.is_temporal() => {
                let append =
                    temporal_texts(array).map_err(|e| ArrowError::JsonError(e.to_string()))?;
                Box::new(TextEncoder { append, failure: self.failure.clone() })
            }
            other if other.is_binary() => {
                let append = binary_texts(field, array, self.binary);
                Box::new(TextEncoder { append, failure: self.failure.clone() })
            }
            DataType::Map(entries, _) if !has_text_keys(entries) => {
                let map = array.as_map();
                Box::new(PairsEncoder {
                    offsets: map.offsets(),
                    keys: make_encoder(field, map.keys().as_ref(), options)?,
                    values: make_encoder(field, map.values().as_ref(), options)?,
                })
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
    ) -> Result<Option<NullableEncoder<'a>>, ArrowError>
    where
        T::Native: Into<f64>,
    {
        static PLAIN: LazyLock<EncoderOptions> = LazyLock::new(EncoderOptions::default);
        let array: &PrimitiveArray<T> = array.as_primitive();
        if array.values().iter().all(|value| (*value).into().is_finite()) {
            return Ok(None);
        }
        let encoder = FloatEncoder {
            array,
            finite: make_encoder(field, array, &PLAIN)?,
            not_finite: self.not_finite,
            failure: self.failure.clone(),
        };
        Ok(Some(NullableEncoder::new(Box::new(encoder), array.nulls().cloned())))
    }
}

/// Quoted text that needs no escapes.
struct TextEncoder<'a> {
    append: AppendText<'a>,
    failure: Failure,
}

impl Encoder for TextEncoder<'_> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        out.push(b'"');
        if let Err(error) = (self.append)(row, out) {
            let _there_was_one = self.failure.set(error.to_string());
        }
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
            NotFinite::Refused => {
                let cause = format!("{word} is not a JSON number (use --nan null or --nan string)");
                let _there_was_one = self.failure.set(cause);
            }
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
    offsets: &'a OffsetBuffer<i32>,
    keys: NullableEncoder<'a>,
    values: NullableEncoder<'a>,
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
                if part.is_null(entry) {
                    out.extend_from_slice(b"null")
                } else {
                    part.encode(entry, out)
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

impl NotFinite {
    /// The treatments other than the default, by their names on the command line.
    pub const WORDS: &[(&str, Self)] = &[("null", Self::Null), ("string", Self::Text)];
}
