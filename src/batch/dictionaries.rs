//! One dictionary for all batches of a stream in which each batch may have its own.
//!
//! While rows are moved from batch to batch, a dictionary column is a column of plain numbers: the
//! positions of its values in a dictionary of all values used so far. This applies at any depth,
//! whatever the enclosing type: a lowered type is the type with numbers instead of dictionaries.
//! Columns without dictionaries are passed through unchanged.

use super::dictionary_pool::{DictionaryPool, cannot_merge, most_values};
use super::encode::with_keys;
use crate::error::Result;
use crate::schema::{
    batch_of, holds_dictionary, inner_arrays, inner_fields, with_inner_arrays, with_inner_types,
};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, UInt32Array};
use arrow::compute::take;
use arrow::datatypes::{DataType, Schema, SchemaRef, UInt32Type};
use arrow::error::ArrowError;
use std::collections::HashMap;
use std::sync::Arc;

/// The dictionaries of a stream's columns.
#[derive(Debug)]
pub struct Dictionaries {
    schema: SchemaRef,
    lowered: SchemaRef,
    /// None if no column holds a dictionary.
    columns: Vec<Node>,
}

/// The dictionaries inside one type.
#[derive(Debug)]
struct Node {
    data_type: DataType,
    /// If it is itself a dictionary, which contains the values of its only inner node.
    pool: Option<DictionaryPool>,
    /// The inner types; none if they hold no dictionary.
    inner: Vec<Node>,
}

/// The result of raising numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Raised {
    /// The type in the schema, with the dictionary of all values in every batch.
    Shared,
    /// The type in the schema, with a dictionary of the values in the batch.
    Compact,
    /// Dictionaries with keys that are always wide enough, only for reading the values.
    Wide,
}

impl Dictionaries {
    /// Returns empty dictionaries for batches with this schema.
    ///
    /// # Errors
    /// A dictionary whose values cannot be compared.
    pub fn try_new(schema: &SchemaRef) -> Result<Self> {
        Self::new(schema, false)
    }

    /// Returns empty dictionaries for a file with this schema: batches are lowered to numbers of
    /// the types that the keys have in the file. In the batches they may be narrower. A dictionary
    /// of dictionaries must not change.
    ///
    /// # Errors
    /// A dictionary whose values cannot be compared.
    pub fn of_file(schema: &SchemaRef) -> Result<Self> {
        Self::new(schema, true)
    }

    fn new(schema: &SchemaRef, is_file: bool) -> Result<Self> {
        let (mut columns, mut fields) = (Vec::new(), Vec::new());
        for field in schema.fields() {
            let node = Node::of(field.data_type(), field.name(), is_file)?;
            fields.push(field.as_ref().clone().with_data_type(node.lowered_type()));
            columns.push(node);
        }
        if columns.iter().all(|node| node.inner.is_empty()) {
            columns.clear();
        }
        let lowered = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        Ok(Self { schema: schema.clone(), lowered, columns })
    }

    /// The schema of lowered batches.
    pub fn lowered_schema(&self) -> &SchemaRef {
        &self.lowered
    }

    /// Converts a batch to one with numbers instead of dictionaries.
    ///
    /// # Errors
    /// More distinct values than can be numbered; a dictionary of dictionaries that changes in a
    /// file.
    pub fn lower(&mut self, batch: &RecordBatch) -> Result<RecordBatch> {
        if self.columns.is_empty() {
            return Ok(batch.clone());
        }
        let columns = self.columns.iter_mut().zip(batch.columns());
        let columns = columns.map(|(node, column)| node.lower(column));
        batch_of(&self.lowered, columns.collect::<Result<_>>()?, batch.num_rows())
            .map_err(|e| cannot_merge(&e))
    }

    /// Removes the values that the last batch added to each dictionary, themselves lowered. The
    /// dictionaries are in depth-first order: columns from first to last, inner before outer
    /// dictionaries. Batches cannot be raised afterwards.
    pub fn take_joined(&mut self) -> Vec<Option<ArrayRef>> {
        let mut joined = Vec::new();
        self.columns.iter_mut().for_each(|node| node.take_joined(&mut joined));
        joined
    }

    /// The column at this position, with dictionaries that give its values.
    ///
    /// # Errors
    /// A column that was not lowered here.
    pub fn resolved(&self, batch: &RecordBatch, place: usize) -> Result<ArrayRef> {
        let column = batch.column(place);
        let Some(node) = self.columns.get(place) else { return Ok(column.clone()) };
        node.raise(column, Raised::Wide).map_err(|e| cannot_merge(&e))
    }

    /// Restores a lowered batch; it is split into several if one batch cannot have a dictionary of
    /// all its values.
    ///
    /// # Errors
    /// A batch that was not lowered here.
    pub fn raise(&self, batch: &RecordBatch, most_rows: Option<u64>) -> Result<Vec<RecordBatch>> {
        let all: Vec<usize> = (0..self.columns.len()).collect();
        self.raise_columns(batch, &all, most_rows)
    }

    /// Like [`Dictionaries::raise`], for a batch that has only these columns of a lowered one.
    ///
    /// # Errors
    /// A batch that was not lowered here.
    pub fn raise_columns(
        &self,
        batch: &RecordBatch,
        columns: &[usize],
        most_rows: Option<u64>,
    ) -> Result<Vec<RecordBatch>> {
        let nodes = columns.iter().filter_map(|place| self.columns.get(*place));
        let nodes: Vec<&Node> = nodes.collect();
        if nodes.iter().all(|node| node.inner.is_empty()) {
            return Ok(vec![batch.clone()]);
        }
        let schema = self.schema.project(columns).map_err(|e| cannot_merge(&e))?;
        let raise = Raise { nodes, schema: Arc::new(schema) };
        // A few rows should not be sent with the values of all.
        let is_few = |node: &&Node| most_rows.is_some_and(|rows| rows < node.most_values() as u64);
        let shared = if raise.nodes.iter().any(is_few) {
            None
        } else {
            raise.all(batch, Raised::Shared).ok()
        };
        match shared {
            Some(batch) => Ok(vec![batch]),
            None => raise.compact(batch),
        }
    }
}

/// Lowered columns to be raised, and the schema with them.
struct Raise<'a> {
    nodes: Vec<&'a Node>,
    schema: SchemaRef,
}

impl Raise<'_> {
    /// Halves the batch until its keys are wide enough, which they always are for a single row.
    fn compact(&self, batch: &RecordBatch) -> Result<Vec<RecordBatch>> {
        match self.all(batch, Raised::Compact) {
            Ok(batch) => Ok(vec![batch]),
            Err(ArrowError::DictionaryKeyOverflowError) if batch.num_rows() > 1 => {
                let half = batch.num_rows() / 2;
                let mut batches = self.compact(&batch.slice(0, half))?;
                batches.extend(self.compact(&batch.slice(half, batch.num_rows() - half))?);
                Ok(batches)
            }
            Err(e) => Err(cannot_merge(&e)),
        }
    }

    fn all(&self, batch: &RecordBatch, how: Raised) -> Result<RecordBatch, ArrowError> {
        let columns = self.nodes.iter().zip(batch.columns());
        let columns = columns.map(|(node, column)| node.raise(column, how));
        batch_of(&self.schema, columns.collect::<Result<_, _>>()?, batch.num_rows())
    }
}

impl Node {
    fn of(data_type: &DataType, path: &str, is_file: bool) -> Result<Self> {
        let (mut pool, mut inner) = (None, Vec::new());
        if let DataType::Dictionary(key_type, value_type) = data_type {
            let values = Self::of(value_type, path, is_file)?;
            let key_type = if is_file { key_type.as_ref() } else { &DataType::UInt32 };
            let may_grow = !is_file || values.inner.is_empty();
            pool = Some(DictionaryPool::try_new(path, key_type, values.lowered_type(), may_grow)?);
            inner.push(values);
        } else if holds_dictionary(data_type) {
            for field in inner_fields(data_type) {
                let path = format!("{path}.{}", field.name());
                inner.push(Self::of(field.data_type(), &path, is_file)?);
            }
        }
        Ok(Self { data_type: data_type.clone(), pool, inner })
    }

    fn lowered_type(&self) -> DataType {
        match &self.pool {
            Some(pool) => pool.key_type().clone(),
            None if self.inner.is_empty() => self.data_type.clone(),
            None => {
                let types = self.inner.iter().map(Self::lowered_type);
                with_inner_types(&self.data_type, types.collect())
            }
        }
    }

    /// The size of the largest dictionary.
    fn most_values(&self) -> usize {
        let inner = self.inner.iter().map(Self::most_values).max().unwrap_or(0);
        self.pool.as_ref().map_or(0, DictionaryPool::len).max(inner)
    }

    fn lower(&mut self, array: &ArrayRef) -> Result<ArrayRef> {
        if let (Some(pool), [values]) = (&mut self.pool, &mut self.inner[..]) {
            return pool.keys(array.as_any_dictionary(), |array| values.lower(array));
        }
        if self.inner.is_empty() {
            return Ok(array.clone());
        }
        let inner = self.inner.iter_mut().zip(inner_arrays(array));
        let inner = inner.map(|(node, array)| node.lower(&array)).collect::<Result<_>>()?;
        with_inner_arrays(array, array.data_type(), inner).map_err(|e| cannot_merge(&e))
    }

    fn take_joined(&mut self, joined: &mut Vec<Option<ArrayRef>>) {
        self.inner.iter_mut().for_each(|node| node.take_joined(joined));
        joined.extend(self.pool.as_mut().map(DictionaryPool::take_joined));
    }

    fn raise(&self, array: &ArrayRef, how: Raised) -> Result<ArrayRef, ArrowError> {
        if self.inner.is_empty() {
            return Ok(array.clone());
        }
        let (Some(pool), [inner]) = (&self.pool, &self.inner[..]) else {
            let inner = self.inner.iter().zip(inner_arrays(array));
            let inner =
                inner.map(|(node, array)| node.raise(&array, how)).collect::<Result<_, _>>()?;
            return with_inner_arrays(array, array.data_type(), inner);
        };
        let places = array.as_primitive::<UInt32Type>();
        let (places, values) = match how {
            Raised::Compact => compacted(places, &pool.values()?)?,
            _ => (places.clone(), pool.values()?),
        };
        let values = inner.raise(&values, how)?;
        let key_type = match &self.data_type {
            DataType::Dictionary(key_type, _) if how != Raised::Wide => key_type.as_ref(),
            _ => &DataType::UInt32,
        };
        // The last value must have a key, too: readers look at the whole dictionary, not only at
        // the keys in use.
        if most_values(key_type) < values.len() {
            return Err(ArrowError::DictionaryKeyOverflowError);
        }
        with_keys(&places, key_type, &values)
    }
}

/// Returns only the referenced values, and the positions among those.
fn compacted(
    places: &UInt32Array,
    values: &ArrayRef,
) -> Result<(UInt32Array, ArrayRef), ArrowError> {
    let (mut known, mut kept) = (HashMap::new(), Vec::new());
    let mut compact = |place: u32| {
        *known.entry(place).or_insert_with(|| {
            kept.push(place);
            kept.len() as u32 - 1
        })
    };
    let places: UInt32Array = places.iter().map(|place| place.map(&mut compact)).collect();
    Ok((places, take(values, &UInt32Array::from(kept), None)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{DictionaryArray, Int8Array, ListArray, StringArray};
    use arrow::buffer::OffsetBuffer;
    use arrow::compute::{cast, concat};
    use arrow::datatypes::{Field, Int8Type};
    use arrow::util::display::array_value_to_string;

    type Keys = &'static [Option<i8>];
    type Values = &'static [Option<&'static str>];

    /// Keys and the dictionaries that they refer to: with a repetition and nulls, the same one,
    /// longer ones, shorter ones, none.
    const COLUMNS: [(Keys, Values); 9] = [
        (&[Some(2), None, Some(1), Some(3)], &[Some("a"), Some("b"), Some("a"), None]),
        (&[Some(0), Some(2)], &[Some("a"), Some("b"), Some("a"), None]),
        (&[Some(4), Some(2)], &[Some("a"), Some("b"), Some("a"), None, Some("c")]),
        (&[None, None], &[]),
        (&[Some(1), Some(0), Some(2)], &[Some("x"), Some("c"), None, Some("unused")]),
        (&[Some(3)], &[Some("x"), Some("c"), None, Some("unused")]),
        (&[Some(1), Some(0), None], &[Some("y"), Some("y")]),
        (&[], &[Some("never")]),
        (&[Some(0)], &[Some("b")]),
    ];

    fn columns() -> Vec<ArrayRef> {
        let column = |(keys, values): &(&[Option<i8>], &[Option<&str>])| {
            let (keys, values) =
                (Int8Array::from(keys.to_vec()), StringArray::from(values.to_vec()));
            Arc::new(DictionaryArray::<Int8Type>::new(keys, Arc::new(values))) as ArrayRef
        };
        COLUMNS.iter().map(column).collect()
    }

    /// Each row as a list of one item.
    fn listed(column: &ArrayRef) -> ArrayRef {
        let field = Arc::new(Field::new_list_field(column.data_type().clone(), true));
        let offsets = OffsetBuffer::from_lengths(vec![1; column.len()]);
        Arc::new(ListArray::new(field, offsets, column.clone(), None))
    }

    /// Each row as the only key of a dictionary of lists.
    fn doubly(column: &ArrayRef) -> ArrayRef {
        let keys = Int8Array::from_iter_values(0..column.len() as i8);
        Arc::new(DictionaryArray::<Int8Type>::new(keys, listed(column)))
    }

    fn batches(make: fn(&ArrayRef) -> ArrayRef) -> Vec<RecordBatch> {
        let batch = |column: &ArrayRef| {
            let fields = vec![
                Field::new("n", DataType::Int8, true),
                Field::new("d", make(column).data_type().clone(), true),
            ];
            let numbers = Arc::new(Int8Array::from_iter_values(0..column.len() as i8));
            let columns: Vec<ArrayRef> = vec![numbers, make(column)];
            RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
        };
        columns().iter().map(batch).collect()
    }

    fn rows(column: &ArrayRef) -> Vec<String> {
        (0..column.len()).map(|row| array_value_to_string(column, row).unwrap()).collect()
    }

    #[test]
    fn lowered_batches_are_restored() {
        for make in [Arc::clone, listed, doubly] {
            let batches = batches(make);
            let mut dictionaries = Dictionaries::try_new(&batches[0].schema()).unwrap();
            let lowered = batches.iter().map(|batch| dictionaries.lower(batch).unwrap());
            let lowered: Vec<_> = lowered.collect();
            for (batch, lowered) in batches.iter().zip(lowered) {
                assert_eq!(lowered.schema(), *dictionaries.lowered_schema());
                assert!(!holds_dictionary(lowered.column(1).data_type()));
                assert_eq!(lowered.column(0), batch.column(0));
                let resolved = dictionaries.resolved(&lowered, 1).unwrap();
                assert_eq!(rows(&resolved), rows(batch.column(1)));
                for most_rows in [None, Some(1)] {
                    let raised = dictionaries.raise(&lowered, most_rows).unwrap();
                    let [raised] = &raised[..] else { panic!("{} batches", raised.len()) };
                    assert_eq!(raised.schema(), batch.schema());
                    assert_eq!(rows(raised.column(1)), rows(batch.column(1)));
                }
            }
        }
    }

    #[test]
    fn what_joins_are_the_first_dictionary_and_then_used_new_values() {
        let mut values: Vec<ArrayRef> = Vec::new();
        let batches = batches(Arc::clone);
        let mut dictionaries = Dictionaries::of_file(&batches[0].schema()).unwrap();
        for (batch, number) in batches.iter().zip(0..) {
            let keys = dictionaries.lower(batch).unwrap();
            let joined = dictionaries.take_joined();
            let [joined] = &joined[..] else { panic!("{} dictionaries", joined.len()) };
            let found = joined.as_ref().map(|joined| rows(joined).join(","));
            let expected = [(0, "a,b,a,"), (2, "c"), (4, "x"), (5, "unused"), (6, "y")];
            let expected = expected.iter().find(|(batch, _)| *batch == number);
            assert_eq!(found.as_deref(), expected.map(|(_, values)| *values), "{number}");
            values.extend(joined.clone());
            let pieces: Vec<&dyn Array> = values.iter().map(|piece| piece.as_ref()).collect();
            let column = with_keys(
                cast(keys.column(1), &DataType::UInt32).unwrap().as_primitive(),
                &DataType::Int8,
                &concat(&pieces).unwrap(),
            );
            assert_eq!(rows(&column.unwrap()), rows(batch.column(1)));
        }
    }

    #[test]
    fn a_dictionary_of_dictionaries_grows_except_in_files() {
        let batches = batches(doubly);
        let mut dictionaries = Dictionaries::of_file(&batches[0].schema()).unwrap();
        dictionaries.lower(&batches[0]).unwrap();
        let joined = dictionaries.take_joined();
        let joined: Vec<_> = joined.iter().flatten().map(rows).collect();
        assert_eq!(joined[0], ["a", "b", "a", ""]);
        assert_eq!(joined[1], ["[2]", "[]", "[1]", "[3]"]);
        dictionaries.lower(&batches[0]).unwrap();
        assert_eq!(dictionaries.take_joined(), [None, None]);
        let error = dictionaries.lower(&batches[2]).unwrap_err().to_string();
        assert!(error.starts_with("column \"d\": its dictionary contains dictionaries"), "{error}");
    }
}
