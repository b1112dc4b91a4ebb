//! Joins a stream with the nearest rows of a table when both are sorted by time: only the rows of the
//! table that may be partners are in memory.

use super::as_of::AsOf;
use super::as_of_window::AsOfWindow;
use super::checked::Checked;
use super::keys::KeyColumns;
use super::pairs::{Right, Write};
use super::partners::Partners;
use super::plan::JoinPlan;
use super::result_writer::ResultWriter;
use super::sorted::Batches;
use crate::error::Result;
use crate::text::escaped;
use arrow::array::RecordBatch;
use std::ops::Range;

/// An as-of join of two inputs that are sorted by time.
pub struct SortedAsOf {
    plan: JoinPlan,
    as_of: AsOf,
    table: Batches,
    stream_order: Checked,
    table_order: Checked,
    window: AsOfWindow,
    window_rows: usize,
    /// The time of the last row in the window; none if the table has no later times.
    reached: Option<i128>,
    is_ended: bool,
    /// The time of the last row of the stream that has one.
    time: i128,
    rows: ResultWriter,
}

const BY: &str = "the column of --as-of";

impl SortedAsOf {
    /// A window with this many rows is compacted.
    ///
    /// # Errors
    /// Keys whose values cannot be compared (a usage error).
    pub(super) fn try_new(
        plan: JoinPlan,
        as_of: AsOf,
        table: Batches,
        window_rows: usize,
    ) -> Result<Self> {
        let bound = plan.bound();
        let name = escaped(&plan.options.table_name);
        let order = |name: &str, column, schema| {
            Checked::try_new(name, BY, &KeyColumns::one(column), schema)
        };
        let none = Right { columns: Vec::new(), keys: Vec::new(), sizes: None };
        Ok(Self {
            stream_order: order("the stream", as_of.stream, &bound.stream_schema)?,
            table_order: order(&name, as_of.table, &bound.table_schema)?,
            window: AsOfWindow::try_new(&plan, window_rows)?,
            rows: ResultWriter::new(plan.clone(), none, 0),
            plan,
            as_of,
            table,
            window_rows,
            reached: Some(i128::MIN),
            is_ended: false,
            time: i128::MIN,
        })
    }

    /// Joins the next batch of the stream.
    ///
    /// # Errors
    /// Those of [`super::Joiner::push`]; inputs that are not sorted.
    pub(super) fn push(
        &mut self,
        batch: &RecordBatch,
        aside: Write<'_>,
        write: Write<'_>,
    ) -> Result<()> {
        self.stream_order.rows(batch)?;
        let times = self.as_of.of_stream(batch)?;
        let mut from = 0;
        while from < times.len() {
            let rows = self.rows_known(&times[from..]);
            let is_full = self.window.is_full();
            if from + rows == times.len() || is_full && rows > 0 {
                self.join_rows(batch, &times, from..from + rows, aside, write)?;
                from += rows;
                continue;
            }
            if is_full {
                // These rows are below the time of the stream: all but the last of each key go.
                self.compact(times[from].unwrap_or(self.time))?;
            }
            self.read()?;
        }
        // The window also has the keys of the stream.
        if self.window.is_full() { self.compact(self.time) } else { Ok(()) }
    }

    /// Reads the table to its end, so that damage there is noticed.
    ///
    /// # Errors
    /// Those of the table's reader; a table that is not sorted.
    pub(super) fn finish(mut self) -> Result<()> {
        while !self.is_ended {
            self.next_batch()?;
        }
        Ok(())
    }

    /// How many of the next rows of the stream have partners that are known.
    fn rows_known(&self, times: &[Option<i128>]) -> usize {
        let Some(reached) = self.reached else { return times.len() };
        let timed = times.partition_point(Option::is_some);
        let is_known =
            |time: &Option<i128>| time.is_some_and(|time| self.as_of.reach(time) < reached);
        let known = times[..timed].partition_point(is_known);
        // Rows without a time have no partner.
        if known == timed { times.len() } else { known }
    }

    fn join_rows(
        &mut self,
        batch: &RecordBatch,
        times: &[Option<i128>],
        rows: Range<usize>,
        aside: Write<'_>,
        write: Write<'_>,
    ) -> Result<()> {
        let batch = batch.slice(rows.start, rows.len());
        let times = &times[rows];
        let mut partners = self.window.partners(&self.plan, &self.as_of, &batch, times)?;
        self.rows.set_table(self.window.gathered(&self.plan, &mut partners)?);
        self.time = times.iter().rev().flatten().next().copied().unwrap_or(self.time);
        self.rows.push(&batch, &Partners::One(partners), aside, write)
    }

    /// Reads the next batch of the table into the window.
    fn read(&mut self) -> Result<()> {
        let Some(batch) = self.next_batch()? else { return Ok(()) };
        let Some(last) = batch.num_rows().checked_sub(1) else { return Ok(()) };
        self.reached = self.as_of.of_table(&batch.slice(last, 1))?.first().copied().flatten();
        self.window.push(&self.plan, &self.as_of, batch)
    }

    /// The next batch of the table, whose order is checked.
    fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let batch = (self.table)()?;
        match &batch {
            Some(batch) => {
                self.table_order.rows(batch)?;
            }
            None => (self.is_ended, self.reached) = (true, None),
        }
        Ok(batch)
    }

    /// Forgets the rows of the table that cannot be partners from this time of the stream on.
    fn compact(&mut self, time: i128) -> Result<()> {
        let most = self.window_rows;
        let empty = AsOfWindow::try_new(&self.plan, most)?;
        let window = std::mem::replace(&mut self.window, empty);
        self.window = window.compacted(&self.plan, &self.as_of, time, most)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::join::{AsOfNames, How, JoinOptions, Joiner, KeyNames, Resources, TableBuilder};
    use arrow::array::{Array, ArrayRef, AsArray, Int32Array, Int64Array, StringArray};
    use arrow::compute::concat_batches;
    use arrow::datatypes::Int64Type;
    use std::cell::Cell;
    use std::rc::Rc;
    use std::sync::{Arc, Weak};

    /// Small random numbers: each is below its bound.
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (self.0 >> 33) % bound
        }

        /// Rows of some keys, sorted by time, nulls last.
        fn side(&mut self, names: [&str; 2], rows: u64, span: u64) -> RecordBatch {
            let mut times: Vec<i64> = (0..rows).map(|_| self.below(span) as i64).collect();
            times.sort_unstable();
            let nulls = self.below(3).min(rows) as usize;
            let timed = times.len() - nulls;
            let times = times.into_iter().enumerate();
            let times: Int64Array =
                times.map(|(row, time)| (row < timed).then_some(time)).collect();
            let keys: Vec<Option<String>> = (0..rows)
                .map(|_| Some(self.below(5)).filter(|key| *key > 0).map(|key| format!("key {key}")))
                .collect();
            let keys: StringArray = keys.into_iter().collect();
            let number = Int32Array::from_iter_values(0..rows as i32);
            let columns: [(&str, ArrayRef); 3] =
                [("k", Arc::new(keys)), (names[0], Arc::new(times)), (names[1], Arc::new(number))];
            RecordBatch::try_from_iter_with_nullable(
                columns.map(|(name, array)| (name, array, true)),
            )
            .unwrap()
        }

        fn parts(&mut self, batch: &RecordBatch) -> Vec<RecordBatch> {
            let (mut parts, mut start) = (Vec::new(), 0);
            while start < batch.num_rows() {
                let rows = (self.below(6) as usize).min(batch.num_rows() - start);
                parts.push(batch.slice(start, rows));
                start += rows;
            }
            parts
        }
    }

    fn plan(options: &JoinOptions, stream: &RecordBatch, table: &RecordBatch) -> JoinPlan {
        JoinPlan::bind(options, &stream.schema(), &table.schema()).unwrap()
    }

    /// All rows of the result, and those put aside.
    fn joined(mut joiner: Joiner, schema: &JoinPlan, stream: &[RecordBatch]) -> [RecordBatch; 2] {
        let (mut found, mut aside) = (Vec::new(), Vec::new());
        for batch in stream {
            let mut keep = |alone| {
                aside.push(alone);
                Ok(())
            };
            let mut write = |batch| {
                found.push(batch);
                Ok(())
            };
            joiner.push(batch, &mut keep, &mut write).unwrap();
        }
        joiner.finish(&mut |_| Ok(()), &mut |_| Ok(())).unwrap();
        [
            concat_batches(schema.schema(), &found).unwrap(),
            concat_batches(&schema.bound().stream_schema, &aside).unwrap(),
        ]
    }

    /// The join of sorted inputs, whose window has few rows.
    fn sorted(plan: &JoinPlan, table: Vec<RecordBatch>, window_rows: usize) -> Joiner {
        let mut table = table.into_iter();
        let next: Batches = Box::new(move || Ok(table.next()));
        let as_of = plan.bound().as_of.clone().unwrap();
        let join = SortedAsOf::try_new(plan.clone(), as_of, next, window_rows).unwrap();
        Joiner::SortedAsOf(Box::new(join))
    }

    #[test]
    fn partners_are_those_of_a_table_in_memory_whatever_the_size_of_the_window() {
        let mut random = Random(7);
        let mut partners = 0;
        for case in 0..2000 {
            let operator = [">=", ">", "<=", "<"][case % 4];
            let span = 1 + random.below(60);
            let sizes = [random.below(40), random.below(60)];
            let stream = random.side(["at", "n"], sizes[0], span);
            let table = random.side(["since", "m"], sizes[1], span);
            let has_tolerance = case % 4 > 1 || random.below(2) > 0;
            let on = random.below(4) > 0;
            let options = JoinOptions {
                on: if on { KeyNames::parse_list("k").unwrap() } else { Vec::new() },
                as_of: Some(AsOfNames::parse(&format!("at {operator} since")).unwrap()),
                tolerance: has_tolerance.then(|| random.below(span + 2).to_string()),
                how: [How::Inner, How::Left, How::Semi, How::Anti][random.below(4) as usize],
                prefix: "t_".to_owned(),
                unmatched: random.below(2) > 0,
                table_name: "t".to_owned(),
                ..JoinOptions::default()
            };
            let options =
                JoinOptions { unmatched: options.unmatched && options.how != How::Anti, ..options };
            let plan = plan(&options, &stream, &table);
            let resources =
                Resources { memory_bytes: usize::MAX, temporary_directory: None, any_order: false };
            let mut builder = TableBuilder::try_new(plan.clone(), resources).unwrap();
            builder.push(&table).unwrap();
            let expected = joined(builder.finish().unwrap(), &plan, std::slice::from_ref(&stream));
            let (of_stream, of_table) = (random.parts(&stream), random.parts(&table));
            let window_rows = random.below(8) as usize;
            let found = joined(sorted(&plan, of_table, window_rows), &plan, &of_stream);
            assert_eq!(found, expected, "case {case}: {operator} {options:?}");
            let column = expected[0].column_by_name("m");
            partners += column.map_or(0, |column| column.len() - column.null_count());
        }
        assert!(5_000 < partners, "{partners}");
    }

    /// A table of 10,000 batches of 10 rows, and the most of them that were in memory at a time.
    fn long_table(rows: i64) -> (Batches, Rc<Cell<usize>>) {
        let most = Rc::new(Cell::new(0));
        let (seen, mut start, mut given) = (most.clone(), 0, Vec::<Weak<dyn Array>>::new());
        let next: Batches = Box::new(move || {
            given.retain(|array| array.strong_count() > 0);
            seen.set(seen.get().max(given.len()));
            if start == rows {
                return Ok(None);
            }
            let times: ArrayRef = Arc::new(Int64Array::from_iter_values(start..start + 10));
            let keys: ArrayRef = Arc::new(Int64Array::from_iter_values(0..10));
            given.push(Arc::downgrade(&times));
            start += 10;
            Ok(Some(RecordBatch::try_from_iter([("k", keys), ("since", times)]).unwrap()))
        });
        (next, most)
    }

    #[test]
    fn few_rows_of_a_long_table_are_in_memory_even_if_a_batch_of_the_stream_spans_it() {
        for (operator, tolerance) in
            [(">=", None), (">", None), (">=", Some("7")), ("<", Some("7"))]
        {
            let times: ArrayRef =
                Arc::new(Int64Array::from(vec![5, 40_003, 40_006, 99_989, 200_000]));
            let keys: ArrayRef = Arc::new(Int64Array::from(vec![3, 8, 9, 5, 6]));
            let stream = RecordBatch::try_from_iter([("k", keys), ("at", times)]).unwrap();
            let (table, most) = long_table(100_000);
            let options = JoinOptions {
                on: KeyNames::parse_list("k").unwrap(),
                as_of: Some(AsOfNames::parse(&format!("at {operator} since")).unwrap()),
                tolerance: tolerance.map(str::to_owned),
                how: How::Left,
                ..JoinOptions::default()
            };
            let schema = RecordBatch::try_from_iter([
                ("k", stream.column(0).slice(0, 0)),
                ("since", stream.column(1).slice(0, 0)),
            ]);
            let plan = plan(&options, &stream, &schema.unwrap());
            let as_of = plan.bound().as_of.clone().unwrap();
            let join = SortedAsOf::try_new(plan.clone(), as_of, table, 50).unwrap();
            let [found, _] = joined(Joiner::SortedAsOf(Box::new(join)), &plan, &[stream]);
            let since = found.column(2).as_primitive::<Int64Type>().iter().collect::<Vec<_>>();
            let expected = match (operator, tolerance) {
                ("<", _) => [None, Some(40_008), Some(40_009), Some(99_995), None],
                (_, None) => [Some(3), Some(39_998), Some(39_999), Some(99_985), Some(99_996)],
                _ => [Some(3), Some(39_998), Some(39_999), Some(99_985), None],
            };
            assert_eq!(since, expected, "{operator} {tolerance:?}");
            assert!(most.get() < 12, "{operator} {tolerance:?}: {} batches", most.get());
        }
    }
}
