//! The groups in memory: their keys, and the states of all aggregates.

use super::accumulator::{Accumulator, Rows, StateField, as_type, failed};
use super::choice::{accumulator, ordered};
use crate::batch::{KeyNumbers, vector_bytes};
use crate::error::Result;
use crate::expression::{AggregateList, Aggregation};
use arrow::array::{ArrayRef, AsArray, RecordBatch, UInt64Array};
use arrow::compute::filter;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, UInt64Type};
use std::ops::Range;
use std::sync::Arc;

/// Groups and their states.
#[derive(Debug)]
pub(super) struct Groups {
    keys: KeyNumbers,
    key_columns: usize,
    calls: Arc<[Call]>,
    states: Vec<Box<dyn Accumulator>>,
    /// The number of the first group among all that there ever were: it tells which of two groups
    /// was seen first.
    first: u64,
    /// The numbers of groups that were merged from states.
    merged: Vec<u64>,
    numbers: Vec<u32>,
}

/// The groups of a result batch: enough to be fast, with little extra memory.
pub(super) const BATCH_GROUPS: usize = 8192;

/// An aggregate, with the types of the columns that it reads.
#[derive(Debug)]
struct Call {
    aggregation: Aggregation,
    /// Its arguments, then the columns of its order.
    columns: Vec<usize>,
    types: Vec<DataType>,
}

impl Groups {
    /// # Errors
    /// A key or an argument of a type that cannot be compared.
    pub(super) fn try_new(list: &AggregateList) -> Result<Self> {
        let inputs = list.inputs().schema();
        let calls = list.aggregates().iter().map(|aggregation| {
            let order = aggregation.order.iter().map(|order| order.column);
            let columns: Vec<usize> = aggregation.arguments.iter().copied().chain(order).collect();
            let types = columns.iter().map(|column| inputs.field(*column).data_type().clone());
            Call { aggregation: aggregation.clone(), types: types.collect(), columns }
        });
        Self::of(list.keys().schema(), calls.collect(), 0)
    }

    /// No groups, for the same list; the first one has this number among all.
    ///
    /// # Errors
    /// None: the types were checked before.
    pub(super) fn emptied(&self, keys: &SchemaRef, first: u64) -> Result<Self> {
        Self::of(keys, Arc::clone(&self.calls), first)
    }

    fn of(keys: &SchemaRef, calls: Arc<[Call]>, first: u64) -> Result<Self> {
        let key_columns = keys.fields().len();
        let columns: Vec<usize> = (0..key_columns).collect();
        let states = calls.iter().map(Call::accumulator).collect::<Result<_>>()?;
        let keys = KeyNumbers::try_new(keys, &columns).map_err(|e| e.with("--by"))?;
        Ok(Self {
            keys,
            key_columns,
            calls,
            states,
            first,
            merged: Vec::new(),
            numbers: Vec::new(),
        })
    }

    /// The number of groups.
    pub(super) fn count(&self) -> usize {
        self.keys.count()
    }

    /// The number of the next group among all.
    pub(super) fn next(&self) -> u64 {
        self.first + self.count() as u64
    }

    /// Gives the next numbers to rows that are not groups in memory. There must be no groups.
    pub(super) fn skip(&mut self, rows: usize) {
        self.first += rows as u64;
    }

    /// The memory in use.
    pub(super) fn bytes(&self) -> usize {
        let states = self.states.iter().map(|state| state.bytes()).sum::<usize>();
        self.keys.bytes() + states + vector_bytes(&self.merged)
    }

    /// Adds rows: their keys, and what the aggregates need of them.
    ///
    /// # Errors
    /// A sum that overflows; too many groups.
    pub(super) fn add(&mut self, keys: &RecordBatch, inputs: &RecordBatch) -> Result<()> {
        self.numbers.clear();
        self.keys.number(keys, &mut self.numbers)?;
        let count = self.keys.count();
        for (call, state) in self.calls.iter().zip(&mut self.states) {
            let arguments = call.columns.iter().map(|column| inputs.column(*column).clone());
            let arguments: Vec<ArrayRef> = arguments.collect();
            let Some(mask) = call.aggregation.filter.map(|column| inputs.column(column)) else {
                let rows = Rows { groups: &self.numbers, count, arguments: &arguments };
                state.add(rows).map_err(|e| call.named(e))?;
                continue;
            };
            let mask = mask.as_boolean();
            let arguments = arguments.iter().map(|argument| filter(argument, mask));
            let arguments = arguments.collect::<Result<Vec<_>, _>>().map_err(failed)?;
            let pairs = self.numbers.iter().zip(mask);
            let groups = pairs.filter(|(_, is_true)| *is_true == Some(true));
            let groups: Vec<u32> = groups.map(|(group, _)| *group).collect();
            let rows = Rows { groups: &groups, count, arguments: &arguments };
            state.add(rows).map_err(|e| call.named(e))?;
        }
        Ok(())
    }

    /// The schema of [`states`](Self::states): the keys, which are the first columns of a schema,
    /// the states of each aggregate, and the number of the group.
    pub(super) fn state_schema(&self, keys: &Schema) -> SchemaRef {
        let states = self.state_fields().flatten();
        let states = states.map(|(name, data_type)| Arc::new(Field::new(name, data_type, true)));
        let number = Arc::new(Field::new("", DataType::UInt64, false));
        let keys = keys.fields().iter().take(self.key_columns).cloned();
        let fields: Vec<_> = keys.chain(states).chain([number]).collect();
        Arc::new(Schema::new(fields))
    }

    /// The fields of the state of each aggregate.
    pub(super) fn state_fields(&self) -> impl Iterator<Item = Vec<StateField>> {
        self.states.iter().map(|state| state.state_fields())
    }

    /// Prepares for [`states`](Self::states) and [`values`](Self::values). Without keys there is
    /// one group, also if there are no rows.
    ///
    /// # Errors
    /// A sum that overflows.
    pub(super) fn finish(&mut self) -> Result<usize> {
        let count = if self.key_columns == 0 { 1 } else { self.count() };
        for (call, state) in self.calls.iter().zip(&mut self.states) {
            state.finish(count).map_err(|e| call.named(e))?;
        }
        Ok(count)
    }

    /// The keys and states of some groups.
    ///
    /// # Errors
    /// More bytes than an array can have.
    pub(super) fn states(&self, groups: Range<usize>, schema: &SchemaRef) -> Result<RecordBatch> {
        let keys = self.key_values(groups.clone())?.into_iter().zip(schema.fields());
        let mut columns =
            keys.map(|(key, field)| as_type(field, key)).collect::<Result<Vec<_>>>()?;
        for state in &self.states {
            columns.extend(state.states(groups.clone())?);
        }
        columns.push(self.group_numbers(groups));
        RecordBatch::try_new(schema.clone(), columns).map_err(failed)
    }

    /// Merges the states of groups.
    ///
    /// # Errors
    /// A sum that overflows.
    pub(super) fn merge(&mut self, states: &RecordBatch) -> Result<()> {
        let places: Vec<usize> = (0..self.key_columns).collect();
        let keys = states.project(&places).map_err(failed)?;
        self.numbers.clear();
        self.keys.number(&keys, &mut self.numbers)?;
        let count = self.keys.count();
        let mut column = self.key_columns;
        for (call, state) in self.calls.iter().zip(&mut self.states) {
            let next = column + state.state_fields().len();
            let arguments = &states.columns()[column..next];
            let rows = Rows { groups: &self.numbers, count, arguments };
            state.merge(rows).map_err(|e| call.named(e))?;
            column = next;
        }
        self.note(states.column(column));
        Ok(())
    }

    /// Adds rows of a temporary file: their keys, what the aggregates need of them, and their numbers.
    ///
    /// # Errors
    /// A sum that overflows; too many groups.
    pub(super) fn add_kept(&mut self, rows: &RecordBatch) -> Result<()> {
        let number = rows.num_columns() - 1;
        let project =
            |columns: Range<usize>| rows.project(&columns.collect::<Vec<_>>()).map_err(failed);
        let (keys, inputs) = (project(0..self.key_columns)?, project(self.key_columns..number)?);
        self.add(&keys, &inputs)?;
        self.note(rows.column(number));
        Ok(())
    }

    /// Keeps the number of each new group, which is the smallest one that it comes with: that of its
    /// first states or of its first row.
    fn note(&mut self, numbers: &ArrayRef) {
        let numbers = numbers.as_primitive::<UInt64Type>().values();
        for (group, number) in self.numbers.iter().zip(numbers) {
            if *group as usize == self.merged.len() {
                self.merged.push(*number);
            }
        }
    }

    /// The keys and results of some groups, and the number of each group.
    ///
    /// # Errors
    /// A result that its type cannot hold.
    pub(super) fn values(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        let mut columns = self.key_values(groups.clone())?;
        for (call, state) in self.calls.iter().zip(&self.states) {
            columns.push(state.values(groups.clone()).map_err(|e| call.named(e))?);
        }
        columns.push(self.group_numbers(groups));
        Ok(columns)
    }

    fn key_values(&self, groups: Range<usize>) -> Result<Vec<ArrayRef>> {
        if self.key_columns == 0 { Ok(Vec::new()) } else { self.keys.values_of(groups) }
    }

    fn group_numbers(&self, groups: Range<usize>) -> ArrayRef {
        let number =
            |group: usize| self.merged.get(group).copied().unwrap_or(self.first + group as u64);
        let numbers = groups.map(number);
        Arc::new(UInt64Array::from_iter_values(numbers))
    }
}

impl Call {
    fn accumulator(&self) -> Result<Box<dyn Accumulator>> {
        let aggregation = &self.aggregation;
        // The accumulator reads its arguments by their places among its own columns.
        let own = Aggregation {
            arguments: (0..aggregation.arguments.len()).collect(),
            ..aggregation.clone()
        };
        let inner = accumulator(&own, &self.types)?;
        if aggregation.order.is_empty() {
            return Ok(inner);
        }
        ordered(&own, inner, &self.types)
    }

    fn named(&self, error: crate::error::Error) -> crate::error::Error {
        error.with(format!("cannot compute {}", self.aggregation.text))
    }
}
