//! Generated tables: cross products of ranges, and random columns, from a short specification.
//!
//! ```text
//! SPEC   = COLUMN { "," COLUMN }
//! COLUMN = NAME "=" ( RANGE | "random" "(" KIND ")" [ "nulls" P ] )
//! KIND   = "int64" RANGE | "float64" | "normal" [ MEAN DEVIATION ] | "bool" | "uuid"
//!        | "text" RANGE | "choice" N | "date" DATES | "timestamp" MOMENTS
//!        | "decimal" "(" P "," S ")" DECIMALS | "list" "(" KIND [ "nulls" P ] ")" RANGE
//!        | "struct" "(" NAME KIND [ "nulls" P ] { "," NAME KIND [ "nulls" P ] } ")"
//! RANGE  = FROM ".." TO          (numbers as in 1000 or 1_000)
//! ```
//!
//! - `group = 0..1000, row = 0..100`: ranges of Int64, the end excluded, are crossed in the given
//!   order, the last varying fastest: here 100,000 rows.
//! - `random(int64 0..100)`: integers in the range, the end excluded, with equal probability.
//! - `random(float64)`: numbers from 0 up to but not including 1, multiples of 2⁻⁵³.
//! - `random(text 3..8)`: text of 3 to 8 characters, both included, from `a`–`z` and `2`–`7`.
//! - `random(choice 50)`: one of the 50 texts `v0` … `v49`.
//! - `random(normal 10 2)`: normally distributed numbers with mean 10 and deviation 2 (default:
//!   0 and 1).
//! - `random(bool)`, `random(uuid)`: true or false; UUIDs of version 4 (`arrow.uuid`, 16 bytes).
//! - `random(date 2020-01-01..2021-01-01)`, `random(timestamp 2020-01-01..2020-01-02T12:30:00Z)`:
//!   days and microseconds in the range, the end excluded; in UTC if both ends have a `Z`.
//! - `random(decimal(12, 2) 0.00..100.00)`: all decimals of that scale in the range, the end
//!   excluded.
//! - `random(list(int64 0..10 nulls 0.1) 0..5)`: lists of 0 to 5 elements, both included.
//! - `random(struct(a int64 0..3, b text 1..4))`: structs with these fields.
//! - `nulls 0.1` after (or in) the parentheses: a tenth of the values are null, and the column is
//!   nullable; the other values are the same as without it.
//! - `"a name"`: names with characters other than letters, digits and `_` are quoted, and a quote
//!   in them is doubled.
//!
//! The same arguments give the same rows on every machine, whatever the batch size: only integer
//! arithmetic is used (and `libm`, which is the same everywhere), and each column has its own
//! generator, seeded by the seed and the column's position, which runs in row order. The data does
//! not resemble anything real.

mod kind;
mod parse_kind;
mod random;
mod specification;

use crate::error::{Error, Result};
use crate::schema::batch_of;
use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use kind::{MOST_BATCH_ROWS, Range};
use rand_core::{RngCore, SeedableRng};
use rand_xoshiro::SplitMix64;
use random::Random;
use specification::{Named, Specification};
use std::sync::Arc;

/// Generates the rows of a table, batch by batch.
#[derive(Debug)]
pub struct Generator {
    schema: SchemaRef,
    columns: Vec<Column>,
    total_rows: u64,
    next_row: u64,
    batch_rows: usize,
}

/// A generated column with its state.
#[derive(Debug)]
enum Column {
    /// Counts through a range repeatedly, with each value `repeat` times in a row.
    Range { start: i64, length: u64, repeat: u64 },
    /// Generates random values.
    Random(Random),
}

impl Column {
    /// A range in which every value occurs `repeat` times.
    fn range(range: &Range, repeat: u128) -> Self {
        // Only a table that is empty because of another range can have more; it is never filled.
        let clamped = |number: u128| u64::try_from(number).unwrap_or(u64::MAX);
        Self::Range { start: range.start, length: clamped(range.length()), repeat: clamped(repeat) }
    }

    /// The next `rows` values, for the rows of the table starting at `first_row`.
    fn fill(&mut self, first_row: u64, rows: usize) -> Result<ArrayRef, ArrowError> {
        match self {
            Self::Range { start, length, repeat } => {
                Ok(Arc::new(Int64Array::from(range(*start, *length, *repeat, first_row, rows))))
            }
            Self::Random(random) => random.fill(rows),
        }
    }
}

impl Generator {
    /// Parses a specification, as described in this module. A table without ranges has `rows` rows,
    /// a table with ranges has the product of their lengths; `batch_rows` is the size of all
    /// batches except the last.
    ///
    /// # Errors
    /// Usage errors with the specification and a caret below it: a syntax error, a range that ends
    /// before it begins, an empty choice, two columns with the same name. Usage errors without
    /// them: `rows` missing or not allowed; 2⁶⁴ rows or more; batches of no rows, of more than 2²⁸,
    /// or with more text than a column can hold (2 GiB).
    pub fn parse(spec: &str, rows: Option<u64>, seed: u64, batch_rows: usize) -> Result<Self> {
        if batch_rows == 0 {
            return Err(Error::usage("batches of 0 rows are not allowed: use 1 or more"));
        }
        let columns = specification::parse(spec)?;
        let total_rows = total_rows(&columns, rows)?;
        // A batch is never larger than the table, whatever was requested.
        let batch_rows = usize::try_from(total_rows).unwrap_or(usize::MAX).clamp(1, batch_rows);
        if batch_rows > MOST_BATCH_ROWS {
            return Err(Error::usage(format!(
                "batches of more than {MOST_BATCH_ROWS} rows are too large"
            )));
        }
        for column in &columns {
            if let Specification::Random(element) = &column.specification {
                element.refuse_too_much(&column.name, batch_rows as u64)?;
            }
        }
        let fields: Vec<Field> = columns
            .iter()
            .map(|column| match &column.specification {
                Specification::Range(_) => Field::new(&column.name, DataType::Int64, false),
                Specification::Random(element) => element.field(&column.name),
            })
            .collect();
        Ok(Self {
            schema: Arc::new(Schema::new(fields)),
            columns: columns_from(&columns, seed),
            total_rows,
            next_row: 0,
            batch_rows,
        })
    }

    /// The names and types; columns with nulls are nullable.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Generates only some of the columns, given as ascending positions, with the same values. Must
    /// precede the first batch.
    pub fn keep_columns(&mut self, columns: &[usize]) {
        if let Ok(schema) = self.schema.project(columns) {
            self.schema = Arc::new(schema);
            let mut place = 0..;
            self.columns.retain(|_| place.next().is_some_and(|place| columns.contains(&place)));
        }
    }

    /// The number of rows in the table.
    pub fn total_rows(&self) -> u64 {
        self.total_rows
    }

    /// Returns the next batch, or `None` after the last.
    ///
    /// # Errors
    /// None that a valid specification can cause; Arrow checks the columns.
    pub fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        let left = usize::try_from(self.total_rows - self.next_row).unwrap_or(usize::MAX);
        let rows = left.min(self.batch_rows);
        if rows == 0 {
            return Ok(None);
        }
        let first_row = self.next_row;
        let arrays = self.columns.iter_mut().map(|column| column.fill(first_row, rows));
        let arrays = arrays.collect::<Result<Vec<_>, _>>();
        let batch = arrays
            .and_then(|arrays| batch_of(&self.schema(), arrays, rows))
            .map_err(|cause| Error::failed(format!("cannot make rows: {cause}")))?;
        self.next_row += rows as u64;
        Ok(Some(batch))
    }
}

fn total_rows(columns: &[Named], rows: Option<u64>) -> Result<u64> {
    let lengths: Vec<u128> =
        columns.iter().filter_map(|c| c.specification.range_length()).collect();
    match (lengths.is_empty(), rows) {
        (true, Some(rows)) => Ok(rows),
        (true, None) => {
            Err(Error::usage("a table without ranges needs its number of rows (try --rows 1000)"))
        }
        (false, Some(_)) => Err(Error::usage(
            "the number of rows is only for tables without ranges; here the ranges determine it",
        )),
        // An empty range makes the table empty, even if the others alone would give too many rows.
        (false, None) if lengths.contains(&0) => Ok(0),
        (false, None) => lengths
            .iter()
            .try_fold(1, |rows: u128, length| rows.checked_mul(*length))
            .and_then(|rows| u64::try_from(rows).ok())
            .ok_or_else(|| Error::usage("the ranges multiply to 2^64 rows or more")),
    }
}

fn range(start: i64, length: u64, repeat: u64, first_row: u64, rows: usize) -> Vec<i64> {
    let mut values = Vec::with_capacity(rows);
    let mut step = first_row / repeat % length;
    let mut left = repeat - first_row % repeat;
    while values.len() < rows {
        // Two's complement: correct even if the length exceeds Int64.
        let value = start.wrapping_add(step as i64);
        let missing = (rows - values.len()) as u64;
        if repeat == 1 {
            let count = missing.min(length - step) as i64;
            values.extend((0..count).map(|more| value.wrapping_add(more)));
            step = 0;
        } else {
            values.resize(values.len() + missing.min(left) as usize, value);
            left = repeat;
            step = if step + 1 == length { 0 } else { step + 1 };
        }
    }
    values
}

fn columns_from(columns: &[Named], seed: u64) -> Vec<Column> {
    let mut seeds = SplitMix64::seed_from_u64(seed);
    let mut made = Vec::with_capacity(columns.len());
    for (place, column) in columns.iter().enumerate() {
        // Two for every column, used or not, so that a column's values depend only on its position.
        let (values_seed, nulls_seed) = (seeds.next_u64(), seeds.next_u64());
        made.push(match &column.specification {
            Specification::Range(range) => {
                let later = columns[place + 1..].iter();
                let repeats = later.filter_map(|c| c.specification.range_length());
                Column::range(range, repeats.fold(1, u128::saturating_mul))
            }
            Specification::Random(element) => {
                Column::Random(Random::new(element, values_seed, nulls_seed))
            }
        });
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Array, AsArray};
    use arrow::compute::concat_batches;
    use arrow::datatypes::{Float64Type, Int64Type};
    use arrow::util::display::array_value_to_string;

    fn table(spec: &str, rows: Option<u64>, batch_rows: usize) -> RecordBatch {
        let mut generator = Generator::parse(spec, rows, 7, batch_rows).unwrap();
        let mut batches = Vec::new();
        while let Some(batch) = generator.next_batch().unwrap() {
            assert!(batch.num_rows() <= batch_rows);
            batches.push(batch);
        }
        let table = concat_batches(&generator.schema(), &batches).unwrap();
        assert_eq!(table.num_rows() as u64, generator.total_rows());
        table
    }

    #[test]
    fn ranges_are_crossed_in_the_order_written() {
        for batch_rows in [1, 2, 3, 5, 7, 24, 1000] {
            let table = table("a = -1..2, b = 10..14, \"c c\" = 5..7", None, batch_rows);
            let column = |place: usize| table.column(place).as_primitive::<Int64Type>().values();
            let mut row = 0;
            for (a, b, c) in
                (-1..2).flat_map(|a| (10..14).flat_map(move |b| (5..7).map(move |c| (a, b, c))))
            {
                assert_eq!((column(0)[row], column(1)[row], column(2)[row]), (a, b, c));
                row += 1;
            }
            assert_eq!(row, table.num_rows());
            assert_eq!(table.schema().field(2).name(), "c c");
        }
    }

    #[test]
    fn values_do_not_depend_on_the_batches_nor_on_nulls() {
        let spec = "i = random(int64 -5..6), f = random(float64) nulls 0.5, t = random(text 0..30), \
                    c = random(choice 12) nulls 0.1";
        let whole = table(spec, Some(1000), 1000);
        for batch_rows in [1, 63, 64, 65, 999] {
            assert_eq!(table(spec, Some(1000), batch_rows), whole);
        }
        let full = table(&spec.replace("nulls 0.5", ""), Some(1000), 100);
        let (full, holed) = (full.column(1).as_primitive::<Float64Type>(), whole.column(1));
        assert_eq!(full.null_count(), 0);
        let holed = holed.as_primitive::<Float64Type>();
        assert!((400..600).contains(&holed.null_count()), "{}", holed.null_count());
        for (row, value) in holed.iter().enumerate() {
            assert!(value.is_none_or(|value| value == full.value(row)));
        }
    }

    #[test]
    fn random_values_stay_within_their_bounds() {
        let spec = "i = random(int64 -5..6), f = random(float64), t = random(text 2..14), \
                    c = random(choice 12), n = random(int64 0..9) nulls 1";
        let table = table(spec, Some(10_000), 1024);
        let integers = table.column(0).as_primitive::<Int64Type>().values();
        assert!((-5..6).all(|value| integers.contains(&value)));
        assert!(integers.iter().all(|value| (-5..6).contains(value)));
        let floats = table.column(1).as_primitive::<Float64Type>().values();
        assert!(floats.iter().all(|value| (0.0..1.0).contains(value)));
        assert!((0.48..0.52).contains(&(floats.iter().sum::<f64>() / 10_000.0)));
        let texts: Vec<&str> = table.column(2).as_string::<i32>().iter().flatten().collect();
        assert!((2..=14).all(|length| texts.iter().any(|text| text.len() == length)));
        assert!(texts.iter().all(|text| (2..=14).contains(&text.len())));
        let choices: Vec<&str> = table.column(3).as_string::<i32>().iter().flatten().collect();
        assert!((0..12).all(|choice| choices.contains(&format!("v{choice}").as_str())));
        assert!(choices.iter().all(|choice| choice[1..].parse::<u64>().unwrap() < 12));
        assert_eq!(table.column(4).null_count(), 10_000);
        let nullable = |name| table.schema().field_with_name(name).unwrap().is_nullable();
        assert!(nullable("n") && !nullable("i"));
    }

    #[test]
    fn the_same_arguments_give_these_values_for_ever() {
        // Computed independently of this code, from the published SplitMix64 and xoshiro256++. A
        // change breaks everyone's reproducible data.
        let spec = "i = random(int64 0..1000000), f = random(float64), \
                    t = random(text 3..8) nulls 0.3, c = random(choice 100)";
        let table = table(spec, Some(5), 2);
        let row = |row: usize| {
            let cells = table.columns().iter().map(|c| array_value_to_string(c, row).unwrap());
            cells.collect::<Vec<_>>().join(" ")
        };
        let expected = [
            "939587 0.061066902356357144 q6la v3",
            "676716 0.6305882945706462 xk6hzznh v95",
            "559799 0.45681770227924023 7i4uel v89",
            "737584 0.8845037474728782  v85",
            "303201 0.07948061138574958 w56z v63",
        ];
        assert_eq!((0..5).map(row).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn ranges_reach_the_ends_of_int64() {
        let table = table(
            "a = -9223372036854775808..-9223372036854775807, b = 9223372036854775806..9223372036854775808",
            None,
            10,
        );
        let column =
            |place: usize| table.column(place).as_primitive::<Int64Type>().values().to_vec();
        assert_eq!(column(0), [i64::MIN, i64::MIN]);
        assert_eq!(column(1), [i64::MAX - 1, i64::MAX]);
        let all = "-9223372036854775808..9223372036854775808";
        let error = Generator::parse(&format!("a = {all}"), None, 0, 1).unwrap_err();
        assert_eq!(error.to_string(), "the ranges multiply to 2^64 rows or more");
        let mut random =
            Generator::parse(&format!("a = random(int64 {all})"), Some(9), 0, 9).unwrap();
        let batch = random.next_batch().unwrap().unwrap();
        let values = batch.column(0).as_primitive::<Int64Type>().values();
        assert!(values.iter().any(|v| *v < 0) && values.iter().any(|v| *v > 0));
    }

    #[test]
    fn rows_are_asked_for_where_nothing_else_says_them() {
        let refused = |spec: &str, rows| Generator::parse(spec, rows, 0, 10).unwrap_err();
        assert_eq!(refused("a = random(float64)", None).exit_status(), 2);
        assert_eq!(refused("a = 0..3", Some(3)).exit_status(), 2);
        assert_eq!(refused("a = 0..9999999999, b = 0..9999999999", None).exit_status(), 2);
        assert_eq!(Generator::parse("a = 0..3", None, 0, 0).unwrap_err().exit_status(), 2);
        let long = Generator::parse("a = random(text 0..1000000)", Some(9999), 0, 9999);
        assert!(long.unwrap_err().to_string().contains("9.3 GiB"));
    }

    #[test]
    fn an_empty_table_has_its_columns() {
        let table =
            table("a = 0..9000000000000000000, b = 5..5, c = 0..9000000000000000000", None, 10);
        assert_eq!((table.num_rows(), table.num_columns()), (0, 3));
        assert_eq!(table.schema().field(1).data_type(), &DataType::Int64);
    }

    const EVERY_KIND: &str = "n = random(normal 10 2) nulls 0.1, b = random(bool), u = random(uuid) nulls 0.2, \
        d = random(date 1999-12-31..2020-03-01), t = random(timestamp 1969-12-31T23:59:59.5Z..1970-01-02Z), \
        p = random(decimal(38, 3) -99999999999999999999999999999999999.999..99999999999999999999999999999999999.999), \
        q = random(decimal(5, 2) -0.05..0.05), \
        l = random(list(int64 0..10 nulls 0.3) 0..4) nulls 0.2, \
        s = random(struct(a text 0..3 nulls 0.5, b list(struct(c choice 9, d uuid nulls 0.5)) 1..2)) nulls 0.3";

    #[test]
    fn every_kind_is_the_same_whatever_the_batches() {
        let whole = table(EVERY_KIND, Some(1000), 1000);
        for batch_rows in [1, 63, 65, 999] {
            assert_eq!(table(EVERY_KIND, Some(1000), batch_rows), whole, "{batch_rows}");
        }
        // Neither nulls nor preceding columns change a value.
        let full = table(&EVERY_KIND.replace(") nulls 0.2,", "),"), Some(1000), 100);
        let (holed, full) = (whole.column_by_name("l").unwrap(), full.column_by_name("l").unwrap());
        assert!(holed.null_count() > 100 && full.null_count() == 0);
        for row in (0..1000).filter(|row| holed.is_valid(*row)) {
            assert_eq!(&holed.slice(row, 1), &full.slice(row, 1));
        }
    }

    #[test]
    fn kinds_keep_to_what_was_asked() {
        let table = table(EVERY_KIND, Some(10_000), 1024);
        let shown = |name: &str| {
            let column = table.column_by_name(name).unwrap();
            let values = (0..column.len()).filter(|row| column.is_valid(*row));
            let mut values: Vec<String> =
                values.map(|row| array_value_to_string(column, row).unwrap()).collect();
            values.sort();
            values
        };
        let ends = |name: &str| (shown(name)[0].clone(), shown(name).last().unwrap().clone());
        assert_eq!(ends("b"), ("false".to_owned(), "true".to_owned()));
        assert_eq!(ends("d"), ("1999-12-31".to_owned(), "2020-02-29".to_owned()));
        let (first, last) = ends("t");
        assert!("1969-12-31T23:59:59.5" <= first.as_str() && first.as_str() < "1970-01-01T00:01");
        assert!(last.starts_with("1970-01-01T23:59") && last.ends_with('Z'));
        let mut cents = shown("q");
        cents.dedup();
        let expected =
            ["-0.01", "-0.02", "-0.03", "-0.04", "-0.05", "0.00", "0.01", "0.02", "0.03", "0.04"];
        assert_eq!(cents, expected);
        assert!(
            shown("p").iter().any(|p| p.starts_with("-9"))
                && shown("p").iter().any(|p| p.starts_with('9'))
        );
        assert!(shown("u").iter().all(|u| u.len() == 32 && u.as_bytes()[12] == b'4'));
        let numbers = table.column(0).as_primitive::<Float64Type>();
        let count = (numbers.len() - numbers.null_count()) as f64;
        let mean = numbers.iter().flatten().sum::<f64>() / count;
        let variance = numbers.iter().flatten().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        assert!((9.9..10.1).contains(&mean) && (3.8..4.2).contains(&variance), "{mean} {variance}");
        let within = numbers.iter().flatten().filter(|x| (8.0..12.0).contains(x)).count() as f64;
        assert!((0.66..0.70).contains(&(within / count)), "{within} of {count}");
    }
}
