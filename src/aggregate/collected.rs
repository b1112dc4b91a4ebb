//! All values of groups: lists, and texts joined with a separator.

use super::accumulator::{Accumulator, Rows, StateField, failed, grow};
use crate::batch::{block_bytes, vector_bytes};
use crate::error::Result;
use arrow::array::{Array, ArrayRef, AsArray, ListArray, StringArray, UInt32Array, UInt64Array};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{interleave, take};
use arrow::datatypes::{DataType, Field, FieldRef};
use std::ops::Range;
use std::sync::Arc;

/// The rows of groups, in the order in which they came.
#[derive(Debug)]
pub(super) struct Collected {
    types: Vec<DataType>,
    parts: Vec<Vec<ArrayRef>>,
    /// The group of each row.
    groups: Vec<Vec<u32>>,
    /// The rows by group, once all are there.
    places: Vec<(u32, u32)>,
    /// For each group its first place; one more at the end.
    starts: Vec<usize>,
    bytes: usize,
}

impl Collected {
    pub(super) fn new(types: &[DataType]) -> Self {
        let types = types.to_vec();
        let (parts, groups) = (Vec::new(), Vec::new());
        Self { types, parts, groups, places: Vec::new(), starts: Vec::new(), bytes: 0 }
    }

    /// Adds those rows that are candidates.
    ///
    /// # Errors
    /// More bytes than an array can have.
    pub(super) fn add(
        &mut self,
        groups: &[u32],
        arrays: &[ArrayRef],
        is_candidate: impl Fn(usize) -> bool,
    ) -> Result<()> {
        let rows = (0..groups.len()).filter(|row| is_candidate(*row));
        let rows = UInt64Array::from_iter_values(rows.map(|row| row as u64));
        // A copy: the original may keep a whole message in memory.
        let part = arrays.iter().map(|array| take(array, &rows, None).map_err(failed));
        let part = part.collect::<Result<Vec<_>>>()?;
        let groups: Vec<u32> = rows.values().iter().map(|row| groups[*row as usize]).collect();
        self.bytes += part.iter().map(|array| array.get_buffer_memory_size()).sum::<usize>();
        // A group's number now, a place later.
        self.bytes += groups.len() * (size_of::<u32>() + size_of::<(u32, u32)>());
        self.parts.push(part);
        self.groups.push(groups);
        Ok(())
    }

    /// Sorts the rows by group.
    pub(super) fn finish(&mut self, count: usize) {
        let mut starts = vec![0; count + 1];
        for group in self.groups.iter().flatten() {
            starts[*group as usize + 1] += 1;
        }
        for group in 0..count {
            starts[group + 1] += starts[group];
        }
        let mut next = starts.clone();
        self.places = vec![(0, 0); starts[count]];
        for (part, groups) in (0..).zip(&self.groups) {
            for (row, group) in (0..).zip(groups) {
                self.places[next[*group as usize]] = (part, row);
                next[*group as usize] += 1;
            }
        }
        self.starts = starts;
    }

    /// The rows of some groups, one group after another, and the number of each group's rows. Must
    /// follow [`finish`](Self::finish).
    ///
    /// # Errors
    /// More bytes than an array can have.
    pub(super) fn rows(&self, groups: Range<usize>) -> Result<(Vec<ArrayRef>, Vec<usize>)> {
        let starts = &self.starts[groups.start..=groups.end];
        let lengths = starts.iter().zip(&starts[1..]).map(|(start, end)| end - start).collect();
        let places = self.places[starts[0]..starts[starts.len() - 1]].iter();
        let places: Vec<_> = places.map(|(part, row)| (*part as usize, *row as usize)).collect();
        let arrays = self.types.iter().enumerate().map(|(column, data_type)| {
            if places.is_empty() {
                return Ok(arrow::array::new_empty_array(data_type));
            }
            let parts: Vec<&dyn Array> = self.parts.iter().map(|part| &*part[column]).collect();
            interleave(&parts, &places).map_err(failed)
        });
        Ok((arrays.collect::<Result<_>>()?, lengths))
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// The rows of some groups as lists.
    ///
    /// # Errors
    /// More bytes than an array can have.
    pub(super) fn lists(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        let (arrays, lengths) = self.rows(groups)?;
        let lists = arrays.into_iter().map(|array| {
            let field: FieldRef = Arc::new(Field::new_list_field(array.data_type().clone(), true));
            let nulls = NullBuffer::from_iter(lengths.iter().map(|length| *length > 0));
            let offsets = OffsetBuffer::from_lengths(lengths.iter().copied());
            let list = ListArray::try_new(field, offsets, array, Some(nulls));
            list.map(|list| Arc::new(list) as ArrayRef).map_err(failed)
        });
        lists.collect()
    }

    /// The names and types of [`lists`](Self::lists).
    pub(super) fn list_fields(&self) -> Vec<StateField> {
        let list =
            |inner: &DataType| DataType::List(Arc::new(Field::new_list_field(inner.clone(), true)));
        let names = std::iter::once("values").chain(std::iter::repeat("more"));
        names.zip(self.types.iter().map(list)).collect()
    }

    /// Adds the rows of lists, which have a list for each group in each array.
    ///
    /// # Errors
    /// More bytes than an array can have.
    pub(super) fn merge(&mut self, lists: Rows<'_>) -> Result<()> {
        let (groups, arrays) = unnested(lists)?;
        self.add(&groups, &arrays, |_| true)
    }
}

/// The items of lists, and the group of each.
///
/// # Errors
/// Lists that damaged temporary data has.
pub(super) fn unnested(lists: Rows<'_>) -> Result<(Vec<u32>, Vec<ArrayRef>)> {
    let (mut groups, mut arrays) = (Vec::new(), Vec::new());
    for (column, array) in lists.arguments.iter().enumerate() {
        let list = array.as_list::<i32>();
        let mut rows = Vec::new();
        for (row, group) in lists.groups.iter().enumerate().filter(|(row, _)| list.is_valid(*row)) {
            let (start, end) = (list.value_offsets()[row], list.value_offsets()[row + 1]);
            rows.extend(start as u32..end as u32);
            if column == 0 {
                groups.resize(rows.len(), *group);
            }
        }
        arrays.push(take(list.values(), &UInt32Array::from(rows), None).map_err(failed)?);
    }
    Ok((groups, arrays))
}

/// Lists of all values.
#[derive(Debug)]
pub(super) struct Lists(Collected);

impl Lists {
    pub(super) fn new(data_type: &DataType) -> Self {
        Self(Collected::new(std::slice::from_ref(data_type)))
    }
}

impl Accumulator for Lists {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        self.0.add(rows.groups, rows.arguments, |_| true)
    }

    fn state_fields(&self) -> Vec<StateField> {
        self.0.list_fields()
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        self.0.merge(states)
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        self.0.finish(count);
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        self.0.lists(groups)
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        Ok(self.0.lists(groups)?.swap_remove(0))
    }

    fn bytes(&self) -> usize {
        self.0.bytes()
    }
}

/// Texts joined with a separator; nulls are left out.
#[derive(Debug)]
pub(super) struct Joined {
    separator: String,
    texts: Vec<Option<String>>,
    bytes: usize,
}

impl Joined {
    pub(super) fn new(separator: String) -> Self {
        Self { separator, texts: Vec::new(), bytes: 0 }
    }
}

impl Accumulator for Joined {
    fn add(&mut self, rows: Rows<'_>) -> Result<()> {
        grow(&mut self.texts, rows.count, None);
        let texts = rows.arguments[0].as_string::<i32>();
        for (group, text) in rows.groups.iter().zip(texts) {
            let Some(text) = text else { continue };
            match &mut self.texts[*group as usize] {
                Some(known) => {
                    self.bytes -= block_bytes(known.capacity());
                    known.push_str(&self.separator);
                    known.push_str(text);
                    self.bytes += block_bytes(known.capacity());
                }
                none => {
                    self.bytes += block_bytes(text.len());
                    *none = Some(text.to_owned());
                }
            }
        }
        Ok(())
    }

    fn state_fields(&self) -> Vec<StateField> {
        vec![("text", DataType::Utf8)]
    }

    fn merge(&mut self, states: Rows<'_>) -> Result<()> {
        self.add(states)
    }

    fn finish(&mut self, count: usize) -> Result<()> {
        grow(&mut self.texts, count, None);
        Ok(())
    }

    fn states(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.values(groups)?])
    }

    fn values(&self, groups: Range<usize>) -> Result<ArrayRef> {
        let texts = &self.texts[groups];
        let bytes: usize = texts.iter().flatten().map(String::len).sum();
        if i32::try_from(bytes).is_err() {
            let cause = "joined texts of 8192 groups take more than 2 GiB".to_owned();
            return Err(failed(arrow::error::ArrowError::ComputeError(cause)));
        }
        Ok(Arc::new(texts.iter().collect::<StringArray>()))
    }

    fn bytes(&self) -> usize {
        self.bytes + vector_bytes(&self.texts)
    }
}
