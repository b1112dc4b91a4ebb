//! Two tables with keys, sorted if they are not.

use super::ahead::Ahead;
use super::changes::{Counts, Wanted};
use super::key_values::KeyOrder;
use super::layout::Layout;
use super::merge::Merge;
use super::options::{Batches, Duplicates, InputOrder, Report, Resources, Side, Tables};
use super::plan::DiffPlan;
use crate::error::{Error, Result};
use crate::schema::Order;
use crate::sort::{SortOptions, SortedBatches, Sorter};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use std::cmp::Ordering;

/// Compares two tables by their keys, and reports their differences in the order of the keys.
///
/// # Errors
/// Those of the inputs and of the report; rows in another order than promised; duplicate keys,
/// unless they are matched; a full disk.
pub fn compare(
    plan: &DiffPlan,
    tables: Tables<'_>,
    orders: [InputOrder; 2],
    resources: &Resources,
    wanted: Wanted,
    report: &mut Report<'_>,
) -> Result<Counts> {
    let layouts = [plan.layout(Side::Old), plan.layout(Side::New)];
    let order = KeyOrder::try_new(&layouts[0].schema, plan.key_count()).map_err(of_key)?;
    let sorted = orders.iter().filter(|order| **order == InputOrder::Any).count();
    let memory_bytes = resources.memory_bytes / sorted.max(1);
    let resources = Resources { memory_bytes, ..resources.clone() };
    let Tables { old, new } = tables;
    let mut old = Input::open(plan, &layouts[0], old, orders[0], &resources)?;
    let mut new = Input::open(plan, &layouts[1], new, orders[1], &resources)?;
    let (mut old, mut new) = (|| old.next_batch(), || new.next_batch());
    let by = MergeBy {
        order: &order,
        key_count: plan.key_count(),
        duplicates: plan.options.duplicates,
        tolerance: plan.options.tolerance,
        wanted,
    };
    merged(&by, &layouts, (&mut old, &mut new), report)
}

/// How sorted tables are merged.
pub(super) struct MergeBy<'a> {
    pub(super) order: &'a KeyOrder,
    pub(super) key_count: usize,
    pub(super) duplicates: Duplicates,
    pub(super) tolerance: Option<f64>,
    pub(super) wanted: Wanted,
}

/// Compares tables whose batches of keys and values are in the order of the keys.
///
/// # Errors
/// Those of [`compare`].
pub(super) fn merged(
    by: &MergeBy<'_>,
    layouts: &[Layout; 2],
    (old, new): (&mut Batches<'_>, &mut Batches<'_>),
    report: &mut Report<'_>,
) -> Result<Counts> {
    let key = (by.order, by.key_count);
    let (mut old, mut new) = (|| old(), || new());
    let mut report = |changes: &_| report(changes);
    let merge = Merge {
        old: Ahead::new(&mut old, &layouts[0], key, by.duplicates),
        new: Ahead::new(&mut new, &layouts[1], key, by.duplicates),
        tolerance: by.tolerance,
        report: &mut report,
        wanted: by.wanted,
        counts: Counts { cells: vec![0; layouts[0].values.len()], ..Counts::default() },
    };
    merge.finish()
}

/// Whether the rows of a table are in the order of its keys, by batches with only its key columns.
///
/// # Errors
/// Those of the input; keys that cannot be compared.
pub fn is_sorted(plan: &DiffPlan, side: Side, batches: &mut Batches<'_>) -> Result<bool> {
    let layout = plan.key_layout(side);
    let order = KeyOrder::try_new(&layout.schema, plan.key_count()).map_err(of_key)?;
    let mut last = None;
    while let Some(batch) = batches()? {
        let Some(end) = batch.num_rows().checked_sub(1) else { continue };
        let keys = order.keys(&layout.keyed(&batch)?)?;
        let follows = |last: &_| keys.compare(0, last, 0) != Ordering::Less;
        let is_below = |row: usize| keys.compare(row, &keys, row - 1) == Ordering::Less;
        let is_ascending = match keys.first_not_ascending() {
            None => true,
            Some((_, Ordering::Less)) => false,
            Some((row, _)) => !(row..keys.len()).any(is_below),
        };
        if !is_ascending || !last.as_ref().is_none_or(follows) {
            return Ok(false);
        }
        last = Some(order.keys(&layout.keyed(&batch.slice(end, 1))?)?);
    }
    Ok(true)
}

fn of_key(error: Error) -> Error {
    error.with("--key")
}

/// The keys and values of a table, in the order of its keys.
enum Input<'a, 'b> {
    AsTheyCome { layout: &'a Layout, batches: &'a mut Batches<'b> },
    Sorted(Box<SortedBatches>),
}

impl<'a, 'b> Input<'a, 'b> {
    fn open(
        plan: &DiffPlan,
        layout: &'a Layout,
        batches: &'a mut Batches<'b>,
        order: InputOrder,
        resources: &Resources,
    ) -> Result<Self> {
        if order == InputOrder::Sorted {
            return Ok(Self::AsTheyCome { layout, batches });
        }
        let mut sorter = sorter(&layout.schema, plan.key_count(), resources)?;
        while let Some(batch) = batches()? {
            sorter.push(&layout.keyed(&batch)?)?;
        }
        let all: Vec<usize> = (0..layout.schema.fields().len()).collect();
        Ok(Self::Sorted(Box::new(sorter.finish(&all)?)))
    }

    fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        match self {
            Self::AsTheyCome { layout, batches } => {
                batches()?.map(|batch| layout.keyed(&batch)).transpose()
            }
            Self::Sorted(sorted) => sorted.next_batch(),
        }
    }
}

/// A sort by the first columns. Equal rows keep their order.
///
/// # Errors
/// Columns whose values have no order.
pub(super) fn sorter(
    schema: &SchemaRef,
    key_count: usize,
    resources: &Resources,
) -> Result<Sorter> {
    let names: Vec<String> = (1..=key_count).map(|number| format!("#{number}")).collect();
    let options = SortOptions {
        by: Order::ascending(&names),
        unique: Vec::new(),
        limit: None,
        memory_bytes: resources.memory_bytes,
        temporary_directory: resources.temporary_directory.clone(),
        threads: resources.threads.clone(),
    };
    Sorter::try_new(schema, &options)
}
