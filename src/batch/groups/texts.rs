//! Numbers distinct texts and byte strings.
//!
//! A text of up to 15 bytes is a number of 16 bytes with the length in the last one, compared and
//! hashed like any other number. Longer ones are looked up by their bytes.

use super::nulls::{null_words, number_null};
use super::numbered::{ABSENT, Numbered};
use super::table::{CHUNK, Table, Wide};
use crate::batch::numbering::Numbering;
use crate::batch::size::vector_bytes;
use crate::error::Result;
use arrow::array::{
    Array, ArrayRef, AsArray, GenericByteViewArray, LargeBinaryArray, OffsetSizeTrait, StringArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    ArrowNativeType, BinaryType, BinaryViewType, ByteArrayType, ByteViewType, DataType,
    LargeBinaryType, LargeUtf8Type, StringViewType, Utf8Type,
};
use arrow::error::ArrowError;
use std::sync::Arc;

/// Distinct texts and their numbers.
#[derive(Debug)]
pub(super) struct Texts {
    short: Table<Wide>,
    long: Numbering,
    /// For each long text, in the order of `long`, its number here.
    long_numbers: Vec<u32>,
}

/// In the last byte of a number: a text that is in `long`, and a null.
const LONG: u64 = 0xff;
const NULL: u64 = 0xfe;
const LAST_BYTE: u32 = 56;

/// The texts of an array.
trait Source {
    fn bytes(&self, row: usize) -> &[u8];

    /// The text as a number, if it is short.
    fn packed(&self, row: usize) -> Option<Wide>;
}

/// Whether the values are texts or byte strings.
pub(super) fn are_texts(data_type: &DataType) -> bool {
    data_type.is_binary() || data_type.is_string()
}

impl Texts {
    pub(super) fn new() -> Self {
        Self { short: Table::new(), long: Numbering::default(), long_numbers: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.short.values().len()
    }

    /// The memory in use.
    pub(super) fn bytes(&self) -> usize {
        let numbers = vector_bytes(&self.long_numbers);
        self.short.bytes() + self.long.bytes() + numbers
    }

    /// Gives no new numbers from now on.
    pub(super) fn close(&mut self) {
        self.short.close();
    }

    /// Appends the numbers of the texts of an array; `null` is that of the null, if it has one.
    ///
    /// # Errors
    /// More texts than can be numbered.
    pub(super) fn number(
        &mut self,
        array: &dyn Array,
        null: &mut Option<u32>,
        numbers: &mut Vec<u32>,
    ) -> Result<()> {
        match array.data_type() {
            DataType::Utf8 => self.number_slices::<Utf8Type>(array, null, numbers),
            DataType::LargeUtf8 => self.number_slices::<LargeUtf8Type>(array, null, numbers),
            DataType::Binary => self.number_slices::<BinaryType>(array, null, numbers),
            DataType::LargeBinary => self.number_slices::<LargeBinaryType>(array, null, numbers),
            DataType::Utf8View => {
                self.number_all(array.as_byte_view::<StringViewType>(), array, null, numbers)
            }
            DataType::BinaryView => {
                self.number_all(array.as_byte_view::<BinaryViewType>(), array, null, numbers)
            }
            _ => {
                let array = array.as_fixed_size_binary();
                let width = array.value_size();
                self.number_all(&Fixed { data: array.value_data(), width }, array, null, numbers)
            }
        }
    }

    fn number_slices<T: ByteArrayType>(
        &mut self,
        array: &dyn Array,
        null: &mut Option<u32>,
        numbers: &mut Vec<u32>,
    ) -> Result<()> {
        let bytes = array.as_bytes::<T>();
        let slices = Slices { data: bytes.value_data(), offsets: bytes.value_offsets() };
        self.number_all(&slices, array, null, numbers)
    }

    fn number_all(
        &mut self,
        source: &impl Source,
        array: &dyn Array,
        null: &mut Option<u32>,
        numbers: &mut Vec<u32>,
    ) -> Result<()> {
        let Self { short, long, long_numbers } = self;
        let mut nulls = null_words(array.nulls());
        let mut packed = [Wide::default(); CHUNK];
        for start in (0..array.len()).step_by(CHUNK) {
            let rows = CHUNK.min(array.len() - start);
            let null_word = nulls.next().unwrap_or(0);
            let mut others = null_word;
            for (place, packed) in packed[..rows].iter_mut().enumerate() {
                match source.packed(start + place) {
                    Some(text) => *packed = text,
                    None => others |= 1 << place,
                }
            }
            short.number(&packed[..rows], others, numbers, |numbered, place| {
                if null_word >> place & 1 == 1 {
                    return number_null(null, numbered, [0, NULL << LAST_BYTE]);
                }
                let bytes = source.bytes(start + place);
                number_long(long, long_numbers, numbered, bytes)
            })?;
        }
        Ok(())
    }

    /// The texts with some of the numbers, in an array of their type.
    ///
    /// # Errors
    /// More bytes than an array of the type can have.
    pub(super) fn array(
        &self,
        long: &[&[u8]],
        data_type: &DataType,
        numbers: &[u32],
    ) -> Result<ArrayRef, ArrowError> {
        let nulls: NullBuffer = numbers.iter().map(|number| !self.is_null(*number)).collect();
        let nulls = Some(nulls).filter(|nulls| nulls.null_count() > 0);
        let (bytes, ends) = self.joined(long, numbers);
        if let (DataType::Utf8, Ok(_)) = (data_type, i32::try_from(bytes.len())) {
            return Ok(Arc::new(StringArray::try_new(offsets(&ends), bytes.into(), nulls)?));
        }
        let texts = LargeBinaryArray::try_new(offsets(&ends), bytes.into(), nulls)?;
        let options = CastOptions { safe: false, ..CastOptions::default() };
        cast_with_options(&texts, data_type, &options)
    }

    fn is_null(&self, number: u32) -> bool {
        self.short.values()[number as usize][1] >> LAST_BYTE == NULL
    }

    /// The texts with some of the numbers, one after another, and the end of each.
    fn joined(&self, long: &[&[u8]], numbers: &[u32]) -> (Vec<u8>, Vec<usize>) {
        let (mut texts, mut ends) = (Vec::new(), Vec::with_capacity(numbers.len()));
        for number in numbers {
            let [low, high] = self.short.values()[*number as usize];
            match high >> LAST_BYTE {
                NULL => {}
                LONG => texts.extend_from_slice(long[low as usize]),
                length => {
                    // A copy of a fixed length is faster than one of a variable length.
                    let end = texts.len() + length as usize;
                    texts.extend_from_slice([low.to_le_bytes(), high.to_le_bytes()].as_flattened());
                    texts.truncate(end);
                }
            }
            ends.push(texts.len());
        }
        (texts, ends)
    }

    /// The long texts, for [`Texts::array`].
    pub(super) fn long(&self) -> Vec<&[u8]> {
        self.long.keys().collect()
    }
}

/// The offsets of texts that end there, which must fit.
fn offsets<O: OffsetSizeTrait>(ends: &[usize]) -> OffsetBuffer<O> {
    let all = std::iter::once(O::usize_as(0)).chain(ends.iter().map(|end| O::usize_as(*end)));
    OffsetBuffer::new(all.collect())
}

fn number_long(
    long: &mut Numbering,
    numbers: &mut Vec<u32>,
    numbered: &mut Numbered<Wide>,
    bytes: &[u8],
) -> Result<u32> {
    if numbered.is_closed() {
        let place = long.number(long.key(0, bytes));
        return Ok(place.map_or(ABSENT, |place| numbers[place as usize]));
    }
    let (place, is_new) = long.insert(long.key(0, bytes))?;
    if is_new {
        numbers.push(numbered.push([place.into(), LONG << LAST_BYTE])?);
    }
    Ok(numbers[place as usize])
}

/// The bytes of `data` from `start` as a number, if there are at most 15.
#[inline]
fn packed(data: &[u8], start: usize, length: usize) -> Option<Wide> {
    if length > 15 {
        return None;
    }
    let word = match data.get(start..).and_then(|rest| rest.first_chunk()) {
        // A copy of a fixed length, which includes bytes of other texts, and a mask are faster than
        // a copy of a variable length.
        Some(window) => u128::from_le_bytes(*window) & !(u128::MAX << (8 * length)),
        None => {
            let mut bytes = [0; 16];
            bytes[..length].copy_from_slice(&data[start..start + length]);
            u128::from_le_bytes(bytes)
        }
    };
    Some([word as u64, (word >> u64::BITS) as u64 | (length as u64) << LAST_BYTE])
}

struct Slices<'a, O> {
    data: &'a [u8],
    offsets: &'a [O],
}

impl<O: ArrowNativeType> Slices<'_, O> {
    #[inline]
    fn range(&self, row: usize) -> (usize, usize) {
        (self.offsets[row].as_usize(), self.offsets[row + 1].as_usize())
    }
}

impl<O: ArrowNativeType> Source for Slices<'_, O> {
    fn bytes(&self, row: usize) -> &[u8] {
        let (start, end) = self.range(row);
        &self.data[start..end]
    }

    #[inline]
    fn packed(&self, row: usize) -> Option<Wide> {
        let (start, end) = self.range(row);
        packed(self.data, start, end - start)
    }
}

impl<T: ByteViewType> Source for GenericByteViewArray<T> {
    fn bytes(&self, row: usize) -> &[u8] {
        self.value(row).as_ref()
    }

    /// A view of up to 12 bytes contains them after its length.
    #[inline]
    fn packed(&self, row: usize) -> Option<Wide> {
        let view = self.views()[row];
        match view as u32 {
            length @ 0..=12 => {
                let word = view >> u32::BITS;
                let high = (word >> u64::BITS) as u64 | u64::from(length) << LAST_BYTE;
                Some([word as u64, high])
            }
            // What a null has in place of a view is unknown.
            13..=15 if self.is_valid(row) => packed(self.bytes(row), 0, self.bytes(row).len()),
            _ => None,
        }
    }
}

/// Byte strings of one length.
struct Fixed<'a> {
    data: &'a [u8],
    width: usize,
}

impl Source for Fixed<'_> {
    fn bytes(&self, row: usize) -> &[u8] {
        &self.data[row * self.width..(row + 1) * self.width]
    }

    fn packed(&self, row: usize) -> Option<Wide> {
        packed(self.data, row * self.width, self.width)
    }
}
