//! Tables compared as multisets of rows, whatever their order.
//!
//! Rows that both tables have at the same places are skipped. A digest of
//! each of the other rows is sorted, and the digests of both tables are merged. Rows that only one
//! table has are then sorted by their places.

use super::cells::Stretch;
use super::changes::{Changes, Counts, Kind, Wanted};
use super::digest::{RowDigests, digest_field, number_field};
use super::failed;
use super::key_values::KeyOrder;
use super::keyed::{MergeBy, merged, sorter};
use super::layout::Layout;
use super::meeting::Values;
use super::merge::{changed, kept};
use super::options::{Batches, Duplicates, Report, Resources, Side, Tables};
use super::plan::DiffPlan;
use crate::error::Result;
use crate::schema::batch_of;
use crate::sort::{SortedBatches, Sorter};
use arrow::array::{ArrayRef, BooleanArray, RecordBatch, UInt64Array};
use arrow::buffer::BooleanBuffer;
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use std::sync::Arc;

/// Compares two tables as multisets of rows: first the rows that only the first one has are
/// reported, in its order, then those that only the second one has.
///
/// # Errors
/// Those of the inputs and of the report; columns that cannot be compared; a full disk.
pub fn compare_unordered(
    plan: &DiffPlan,
    tables: Tables<'_>,
    resources: &Resources,
    wanted: Wanted,
    report: &mut Report<'_>,
) -> Result<Counts> {
    let layouts = [plan.layout(Side::Old), plan.layout(Side::New)];
    let digests = RowDigests::try_new(&layouts[0])?;
    // Two sorts are read while what they leave is sorted again.
    let resources = Resources { memory_bytes: resources.memory_bytes / 4, ..resources.clone() };
    let shows = wanted == Wanted::Rows;
    let mut old = Unmatched::new(&layouts[0], (&digests, 0), shows, &resources)?;
    let mut new = Unmatched::new(&layouts[1], (&digests, 1), shows, &resources)?;
    let same = in_step((tables.old, &mut old), (tables.new, &mut new))?;
    let (old_layout, new_layout) = (old.sorted_layout(), new.sorted_layout());
    let (mut old, mut new) = (old.finish()?, new.finish()?);
    let by = MergeBy {
        order: &KeyOrder::try_new(&old_layout.schema, 1)?,
        key_count: 1,
        duplicates: Duplicates::InOrder,
        tolerance: None,
        wanted,
    };
    let alone = |layout: &Layout| sorter(&without_digest(&layout.schema)?, 1, &resources);
    let (mut removed, mut added) = (alone(&old_layout)?, alone(&new_layout)?);
    let (mut next_old, mut next_new) = (|| old.next_batch(), || new.next_batch());
    let mut put = |changes: &Changes| {
        let (sorter, batch) = match changes.kind {
            Kind::Removed => (&mut removed, &changes.old),
            _ => (&mut added, &changes.new),
        };
        if let Some(batch) = batch {
            let places: Vec<usize> = (1..batch.num_columns()).collect();
            sorter.push(&batch.project(&places).map_err(failed)?)?;
        }
        Ok(Wanted::Rows)
    };
    let layouts = [old_layout, new_layout];
    let mut counts = merged(&by, &layouts, (&mut next_old, &mut next_new), &mut put)?;
    counts.same += same;
    if shows {
        let wanted = show(Kind::Removed, removed, &layouts[0], report)?;
        if wanted == Wanted::Rows {
            show(Kind::Added, added, &layouts[1], report)?;
        }
    }
    Ok(counts)
}

/// Skips rows that both tables have at the same places, and returns their number.
fn in_step(
    (old, old_rest): (&mut Batches<'_>, &mut Unmatched<'_>),
    (new, new_rest): (&mut Batches<'_>, &mut Unmatched<'_>),
) -> Result<u64> {
    let (mut old_rows, mut new_rows) = (Next::default(), Next::default());
    let mut same = 0;
    loop {
        old_rows.fill(old, old_rest)?;
        new_rows.fill(new, new_rest)?;
        let (one, two) = (&mut old_rows, &mut new_rows);
        let rows = match (one.left(), two.left()) {
            (0, 0) => return Ok(same),
            (rows, 0) | (0, rows) => rows,
            (rows, others) => rows.min(others),
        };
        let all = BooleanBuffer::new_set(rows);
        let differing = if one.left() == 0 || two.left() == 0 {
            all
        } else {
            let stretch = Stretch { old: one.at, new: two.at, rows };
            let found = changed(&one.values, &two.values, stretch, None)?;
            found.map_or_else(|| BooleanBuffer::new_unset(rows), |found| found.rows)
        };
        let count = differing.count_set_bits();
        if one.left() > 0 && two.left() > 0 {
            same += (rows - count) as u64;
        }
        one.pass(rows, &differing, old_rest)?;
        two.pass(rows, &differing, new_rest)?;
    }
}

/// The next rows of a table.
#[derive(Default)]
struct Next {
    batch: Option<RecordBatch>,
    values: Vec<Values>,
    at: usize,
    /// The number of the first row of the batch.
    first: u64,
}

impl Next {
    fn left(&self) -> usize {
        self.batch.as_ref().map_or(0, |batch| batch.num_rows() - self.at)
    }

    fn fill(&mut self, batches: &mut Batches<'_>, rest: &Unmatched<'_>) -> Result<()> {
        while self.left() == 0 {
            self.first += self.batch.take().map_or(0, |batch| batch.num_rows() as u64);
            let Some(batch) = batches()? else { return Ok(()) };
            let batch = rest.layout.keyed(&batch)?;
            self.values = rest.layout.value_columns(&batch)?;
            (self.batch, self.at) = (Some(batch), 0);
        }
        Ok(())
    }

    /// Passes rows, if there are any, and keeps those that differ.
    fn pass(
        &mut self,
        rows: usize,
        differing: &BooleanBuffer,
        rest: &mut Unmatched<'_>,
    ) -> Result<()> {
        let Some(batch) = self.batch.as_ref().filter(|_| self.left() > 0) else { return Ok(()) };
        if differing.count_set_bits() > 0 {
            let values = self.values.iter().map(|values| Values {
                array: values.array.slice(self.at, rows),
                lost: values.lost.as_ref().map(|lost| lost.slice(self.at, rows)),
            });
            let first = self.first + self.at as u64;
            let batch = batch.slice(self.at, rows);
            rest.push(&batch, &values.collect::<Vec<_>>(), differing, first)?;
        }
        self.at += rows;
        Ok(())
    }
}

/// The rows of a table that do not have the same place in the other one, sorted by their digests.
struct Unmatched<'a> {
    layout: &'a Layout,
    digests: &'a RowDigests,
    side: u64,
    /// Whether rows are kept, and not only their digests.
    shows: bool,
    schema: SchemaRef,
    sorter: Sorter,
}

impl<'a> Unmatched<'a> {
    fn new(
        layout: &'a Layout,
        (digests, side): (&'a RowDigests, u64),
        shows: bool,
        resources: &Resources,
    ) -> Result<Self> {
        let own: &[FieldRef] = if shows { layout.schema.fields() } else { &[] };
        let added = [digest_field(), number_field()].map(Arc::new);
        let fields = added.into_iter().take(if shows { 2 } else { 1 }).chain(own.iter().cloned());
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let sorter = sorter(&schema, 1, resources)?;
        Ok(Self { layout, digests, side, shows, schema, sorter })
    }

    fn push(
        &mut self,
        batch: &RecordBatch,
        values: &[Values],
        differing: &BooleanBuffer,
        first: u64,
    ) -> Result<()> {
        let mut columns = vec![self.digests.of(values, self.side)?];
        if self.shows {
            let numbers = UInt64Array::from_iter_values(first..first + batch.num_rows() as u64);
            columns.push(Arc::new(numbers) as ArrayRef);
            columns.extend(batch.columns().iter().cloned());
        }
        let batch = batch_of(&self.schema, columns, batch.num_rows()).map_err(failed)?;
        if differing.count_set_bits() == batch.num_rows() {
            return self.sorter.push(&batch);
        }
        self.sorter.push(&kept(&batch, &BooleanArray::new(differing.clone(), None))?)
    }

    /// The layout of the sorted rows, whose keys are their digests.
    fn sorted_layout(&self) -> Layout {
        let (table, schema) = (self.layout.table.clone(), self.schema.clone());
        Layout { table, keys: Vec::new(), values: Vec::new(), schema }
    }

    fn finish(self) -> Result<SortedBatches> {
        let all: Vec<usize> = (0..self.schema.fields().len()).collect();
        self.sorter.finish(&all)
    }
}

/// Reports rows in the order of their numbers.
fn show(kind: Kind, sorter: Sorter, layout: &Layout, report: &mut Report<'_>) -> Result<Wanted> {
    let values: Vec<usize> = (1..layout.schema.fields().len() - 1).collect();
    let mut sorted = sorter.finish(&values)?;
    while let Some(batch) = sorted.next_batch()? {
        let (mut old, mut new) = (None, None);
        *(if kind == Kind::Removed { &mut old } else { &mut new }) = Some(batch);
        let wanted = report(&Changes { kind, old, new, differing: Vec::new() })?;
        if wanted != Wanted::Rows {
            return Ok(wanted);
        }
    }
    Ok(Wanted::Rows)
}

fn without_digest(schema: &SchemaRef) -> Result<SchemaRef> {
    let places: Vec<usize> = (1..schema.fields().len()).collect();
    if places.is_empty() {
        return Ok(schema.clone());
    }
    Ok(Arc::new(schema.project(&places).map_err(failed)?))
}
