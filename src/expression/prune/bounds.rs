//! The possible answers for rows of which only the bounds are known (Parquet's statistics).
//!
//! Always conservative: an answer is excluded only if the bounds prove it impossible.

use super::Absent;
use crate::expression::bind::predicate::Predicate;
use crate::expression::evaluate::compare::{Operator, compare};
use crate::expression::evaluate::in_list::InList;
use crate::expression::evaluate::like::Like;
use crate::expression::evaluate::literal_test::Test;
use crate::expression::evaluate::node::{Comparison, Node};
use crate::expression::values::kind::{Kind, plain_array};
use crate::expression::values::value_reader::{self, Values};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array};
use std::sync::Arc;

/// The known bounds of a column's values in a set of rows.
#[derive(Debug, Clone)]
pub struct ColumnBounds {
    /// A lower bound (an array of one value of the column's type). It need not occur: it may be
    /// truncated. None or null if unknown. NaN is not covered: it may always occur.
    pub min: Option<ArrayRef>,
    /// An upper bound; likewise.
    pub max: Option<ArrayRef>,
    /// Values that are known not to occur; None if unknown.
    pub absent: Option<Absent>,
    /// The number of nulls; None if unknown.
    pub null_count: Option<u64>,
    /// The number of rows.
    pub rows: u64,
}

/// The answers that are possible for a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Possible {
    pub(crate) yes: bool,
    pub(crate) no: bool,
    pub(crate) unknown: bool,
}

impl Possible {
    pub(crate) const ALL: Self = Self { yes: true, no: true, unknown: true };
    const NONE: Self = Self { yes: false, no: false, unknown: false };

    pub(crate) fn negated(self) -> Self {
        Self { yes: self.no, no: self.yes, ..self }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        // False with anything is false.
        let (open, other_open) = (self.yes || self.unknown, other.yes || other.unknown);
        Self {
            yes: self.yes && other.yes,
            no: self.no || other.no,
            unknown: self.unknown && other_open || other.unknown && open,
        }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        self.negated().and(other.negated()).negated()
    }

    /// Whether true is the only answer.
    pub(crate) fn is_certain(self) -> bool {
        self.yes && !self.no && !self.unknown
    }

    /// The answers of all operands of a chain.
    pub(crate) fn all(
        answers: impl Iterator<Item = Self>,
        combine: fn(Self, Self) -> Self,
    ) -> Self {
        answers.reduce(combine).unwrap_or(Self::ALL)
    }

    /// One answer; None is unknown.
    pub(crate) fn only(answer: Option<bool>) -> Self {
        Self { yes: answer == Some(true), no: answer == Some(false), unknown: answer.is_none() }
    }
}

/// The bounds of the columns that an expression reads.
#[derive(Clone, Copy)]
pub(super) struct Bounds<'a> {
    pub(super) columns: &'a [usize],
    pub(super) bounds: &'a [ColumnBounds],
}

impl Bounds<'_> {
    /// The possible answers of a boolean expression.
    pub(super) fn possible(&self, node: &Node) -> Possible {
        match node {
            Node::Constant(value) => match value.as_boolean_opt() {
                Some(answer) => Possible::only(answer.is_valid(0).then(|| answer.value(0))),
                None => Possible::ALL,
            },
            Node::Column(_) => match self.column(node) {
                Some(bounds) => bounds.test(&Test::Against(Operator::Equal, truth())),
                None => Possible::ALL,
            },
            Node::Not(operand) => self.possible(operand).negated(),
            Node::And(operands) => {
                Possible::all(operands.iter().map(|operand| self.possible(operand)), Possible::and)
            }
            Node::Or(operands) => {
                Possible::all(operands.iter().map(|operand| self.possible(operand)), Possible::or)
            }
            Node::IsNull(operand) => self.is_null(operand),
            Node::Is(operand, wanted) => {
                let found = self.possible(operand);
                let found = if *wanted { found } else { found.negated() };
                Possible { yes: found.yes, no: found.no || found.unknown, unknown: false }
            }
            Node::Compare(operand, comparison) => self.comparison(operand, comparison),
            Node::Same(operand, comparison) => {
                let found = self.comparison(operand, comparison);
                let beyond = !matches!(comparison, Comparison::Test(_)) && found.unknown;
                Possible { yes: found.yes || beyond, no: found.no || found.unknown, unknown: false }
            }
            Node::Between(operand, low, high) => {
                self.comparison(operand, low).and(self.comparison(operand, high))
            }
            Node::InList(operand, list) => self.in_list(operand, list),
            Node::Like(like) => self.like(like),
            Node::PerStoredValue(_, node) => self.possible(node),
            Node::Arithmetic(_)
            | Node::Convert(_)
            | Node::Case(_)
            | Node::Concatenate(_)
            | Node::Call(_) => Possible::ALL,
        }
    }

    fn comparison(&self, operand: &Node, comparison: &Comparison) -> Possible {
        match (self.column(operand), comparison) {
            (Some(bounds), Comparison::Test(test)) => bounds.test(test),
            _ => Possible::ALL,
        }
    }

    fn is_null(&self, operand: &Node) -> Possible {
        if let Some(bounds) = self.column(operand) {
            return Possible { yes: bounds.has_null(), no: bounds.has_value(), unknown: false };
        }
        let computed = matches!(
            operand,
            Node::Column(_) | Node::Arithmetic(_) | Node::Convert(_) | Node::Call(_)
        );
        if computed {
            return Possible { unknown: false, ..Possible::ALL };
        }
        let found = self.possible(operand);
        Possible { yes: found.unknown, no: found.yes || found.no, unknown: false }
    }

    fn in_list(&self, operand: &Node, list: &InList) -> Possible {
        let Some(bounds) = self.column(operand) else { return Possible::ALL };
        if !list.is_listed() {
            return Possible::ALL;
        }
        let found = list
            .constants
            .iter()
            .map(|constant| bounds.test(&Test::Against(Operator::Equal, constant.clone())))
            .reduce(Possible::or)
            .unwrap_or_else(|| bounds.test(&Test::Fixed(false)));
        Possible { unknown: found.unknown || list.has_null, ..found }
    }

    fn like(&self, like: &Like) -> Possible {
        let (Some(bounds), Some(pattern)) = (self.column(&like.operand), &like.ready) else {
            return Possible::ALL;
        };
        let prefix = pattern.prefix().as_bytes();
        let below = bounds
            .bound(&bounds.max)
            .is_some_and(|max| value_reader::bytes(&max).is_some_and(|max| max(0) < prefix));
        let above = bounds.bound(&bounds.min).is_some_and(|min| {
            value_reader::bytes(&min).is_some_and(|min| {
                let min = min(0);
                &min[..min.len().min(prefix.len())] > prefix
            })
        });
        let yes = bounds.has_value() && !below && !above;
        Possible { yes, no: bounds.has_value(), unknown: bounds.has_null() }
    }

    /// The bounds of a whole column.
    fn column(&self, node: &Node) -> Option<&ColumnBounds> {
        match node {
            Node::Column(column) if column.path.is_empty() => {
                self.bounds.get(self.columns.binary_search(&column.index).ok()?)
            }
            _ => None,
        }
    }
}

impl ColumnBounds {
    fn has_null(&self) -> bool {
        self.null_count != Some(0)
    }

    fn has_value(&self) -> bool {
        self.null_count.is_none_or(|nulls| nulls < self.rows)
    }

    /// The possible answers of a test with a constant.
    fn test(&self, test: &Test) -> Possible {
        let mut possible = Possible { unknown: self.has_null(), ..Possible::NONE };
        if !self.has_value() {
            return possible;
        }
        match test {
            Test::Fixed(answer) => {
                (possible.yes, possible.no) = (*answer, !*answer);
            }
            Test::Against(operator, value) => {
                let (yes, no) = self.against(*operator, value);
                (possible.yes, possible.no) = (yes, no);
                if Kind::of(value.data_type()) == Kind::Float {
                    let nan: ArrayRef = Arc::new(Float64Array::from(vec![f64::NAN]));
                    let of_nan = holds(*operator, &nan, value);
                    possible.yes |= of_nan != Some(false);
                    possible.no |= of_nan != Some(true);
                }
            }
        }
        possible
    }

    /// Whether some value within the bounds may pass the comparison, and whether some may fail it.
    fn against(&self, operator: Operator, value: &ArrayRef) -> (bool, bool) {
        let (min, max) = (self.bound(&self.min), self.bound(&self.max));
        let of = |bound: &Option<ArrayRef>, operator| {
            bound.as_ref().and_then(|bound| holds(operator, bound, value))
        };
        match operator {
            Operator::Less | Operator::LessOrEqual => {
                (of(&min, operator) != Some(false), of(&max, operator) != Some(true))
            }
            Operator::Greater | Operator::GreaterOrEqual => {
                (of(&max, operator) != Some(false), of(&min, operator) != Some(true))
            }
            Operator::Equal => {
                let outside = of(&min, Operator::Greater) == Some(true)
                    || of(&max, Operator::Less) == Some(true)
                    || self.absent.as_ref().is_some_and(|absent| absent.says(value));
                let only = of(&min, operator) == Some(true) && of(&max, operator) == Some(true);
                (!outside, !only)
            }
            Operator::NotEqual => {
                let (yes, no) = self.against(Operator::Equal, value);
                (no, yes)
            }
        }
    }

    /// A bound that can be relied on.
    fn bound(&self, bound: &Option<ArrayRef>) -> Option<ArrayRef> {
        let bound = plain_array(bound.as_ref()?).ok()?;
        let usable = bound.len() == 1 && bound.is_valid(0);
        let is_nan = value_reader::floats(&bound).is_some_and(|float| usable && float(0).is_nan());
        (usable && !is_nan).then_some(bound)
    }
}

/// Whether a comparison of two single values holds; None if they cannot be compared.
fn holds(operator: Operator, left: &ArrayRef, right: &ArrayRef) -> Option<bool> {
    let kinds = (Kind::of(left.data_type()), Kind::of(right.data_type()));
    if !kinds.0.compares_with(kinds.1) {
        return None;
    }
    let one = |array: &ArrayRef| Values { array: array.clone(), constant: true };
    let answer = compare(operator, &one(left), &one(right), 1).ok()?;
    answer.is_valid(0).then(|| answer.value(0))
}

fn truth() -> ArrayRef {
    Arc::new(BooleanArray::from(vec![true]))
}

impl Predicate {
    /// Whether any row of a set of rows could be true; `bounds[i]` belongs to `columns()[i]`.
    ///
    /// Never false if a row could be true. Bounds of floats are not assumed to cover NaN, and
    /// bounds may be truncated, as Parquet's are.
    pub fn can_match(&self, bounds: &[ColumnBounds]) -> bool {
        if bounds.iter().any(|column| column.rows == 0) {
            return false;
        }
        Bounds { columns: &self.columns, bounds }.possible(&self.node).yes
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::expression::bind::predicate::Predicate;
    use arrow::array::{
        BooleanArray, Date32Array, Float32Array, Float64Array, Int8Array, RecordBatch, StringArray,
        UInt64Array,
    };
    use arrow::compute::{sort_to_indices, take};

    const TEXTS: [&str; 6] = ["", "a", "ab", "abcdef", "abz", "\u{e9}\u{e9}"];

    /// Every column cycles through its values at its own pace, so that short slices differ.
    pub(in super::super) fn batch() -> RecordBatch {
        let rows = 0..2_000_usize;
        let int8 = rows.clone().map(|row| (row % 11 != 0).then_some((row % 256) as u8 as i8));
        let uint64 = rows.clone().map(|row| (row % 7 != 0).then_some(u64::MAX - row as u64 / 9));
        let specials = [f64::NAN, -0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY];
        let float64 = rows.clone().map(|row| match row % 13 {
            12 => None,
            special @ 0..5 if row / 13 % 3 == 0 => Some(specials[special]),
            _ => Some(row as f64 / 40.0 - 20.0),
        });
        let float32 = rows.clone().map(|row| Some(row as f32 / 10.0));
        let text = rows.clone().map(|row| (row % 5 != 4).then_some(TEXTS[row / 60 % 6]));
        let flag = rows.clone().map(|row| (row % 40 != 0).then_some(row / 100 % 3 == 0));
        let day = rows.map(|row| Some(row as i32 / 3 - 200));
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("i", Arc::new(Int8Array::from_iter(int8))),
            ("u", Arc::new(UInt64Array::from_iter(uint64))),
            ("f", Arc::new(Float64Array::from_iter(float64))),
            ("g", Arc::new(Float32Array::from_iter(float32))),
            ("s", Arc::new(StringArray::from_iter(text))),
            ("b", Arc::new(BooleanArray::from_iter(flag))),
            ("d", Arc::new(Date32Array::from_iter(day))),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    /// Bounds as Parquet writers produce them: without NaN, text truncated to two bytes.
    pub(in super::super) fn bounds(column: &ArrayRef, known: bool) -> ColumnBounds {
        let rows = column.len() as u64;
        let null_count = known.then_some(column.null_count() as u64);
        let order = sort_to_indices(column, None, None).unwrap();
        let sorted = take(column, &order, None).unwrap();
        let is_value = |row: &usize| {
            let nan = value_reader::floats(&sorted).is_some_and(|float| float(*row).is_nan());
            sorted.is_valid(*row) && !nan
        };
        let mut values = (0..sorted.len()).filter(is_value);
        let Some(first) = values.next() else {
            return ColumnBounds { min: None, max: None, absent: None, null_count, rows };
        };
        let last = values.next_back().unwrap_or(first);
        let (mut min, mut max) = (sorted.slice(first, 1), sorted.slice(last, 1));
        if let Some(text) = value_reader::text(&min.clone()) {
            let start: String = text(0).chars().take(2).collect();
            min = Arc::new(StringArray::from(vec![start]));
        }
        if let Some(text) = value_reader::text(&max.clone())
            && text(0).len() > 2
        {
            // The last letter is incremented, so that no value is above the bound.
            let mut start: Vec<char> = text(0).chars().take(2).collect();
            start[1] = char::from_u32(u32::from(start[1]) + 1).unwrap();
            max = Arc::new(StringArray::from(vec![String::from_iter(start)]));
        }
        ColumnBounds { min: Some(min), max: Some(max), absent: None, null_count, rows }
    }

    const LEAVES: [&str; 41] = [
        "i = 5",
        "i <> 5",
        "i < -100",
        "i >= 127",
        "i > 300",
        "i < 300",
        "i < 2.5",
        "i IS NULL",
        "i IS NOT NULL",
        "i IN (3, 4, NULL)",
        "i NOT IN (3, 4)",
        "i BETWEEN 10 AND 20",
        "i NOT BETWEEN -100 AND 100",
        "i IS DISTINCT FROM 7",
        "i IS NOT DISTINCT FROM NULL",
        "i + 1 > 100",
        "COALESCE(CASE WHEN b THEN NULLIF(s, 'a') || 'x' END < 'ab', i < -100)",
        "u > 18446744073709551600",
        "u = -1",
        "u <> -1",
        "f = 'nan'",
        "f > 1e300",
        "f < 0",
        "f = 0",
        "f <= -20",
        "NOT f < 'inf'",
        "f <> -20",
        "f IS NOT DISTINCT FROM 'nan'",
        "g = 0.1",
        "g < 3.3",
        "s = 'abz'",
        "s < 'a'",
        "s LIKE 'ab%'",
        "s LIKE '\u{e9}%'",
        "s NOT LIKE 'a%'",
        "s >= '\u{e9}'",
        "b",
        "NOT b",
        "b IS NOT TRUE",
        "d = '1970-01-01'",
        "d < TIMESTAMP '1969-07-01 12:00:00'",
    ];

    pub(in super::super) fn expressions() -> Vec<String> {
        let mut all: Vec<String> = LEAVES.iter().map(|leaf| (*leaf).to_owned()).collect();
        for (place, leaf) in LEAVES.iter().enumerate() {
            let other = LEAVES[(place * 7 + 3) % LEAVES.len()];
            all.push(format!("({leaf}) AND ({other})"));
            all.push(format!("({leaf}) OR ({other})"));
            all.push(format!("NOT (({leaf}) AND NOT ({other}))"));
            all.push(format!("(({leaf}) OR ({other})) IS NULL"));
            all.push(format!("(({leaf}) AND ({other})) IS NOT TRUE"));
        }
        all
    }

    #[test]
    fn no_matching_row_is_ever_pruned() {
        let batch = batch();
        let (mut ruled_out, mut could_be) = (0, 0);
        for expression in expressions() {
            let predicate = Predicate::bind(&expression, &batch.schema()).unwrap();
            let projected = batch.project(predicate.columns()).unwrap();
            for (start, count) in (0..40).map(|n| (n * 50, 50)).chain((0..100).map(|n| (n * 17, 3)))
            {
                let slice = projected.slice(start, count);
                let matches = predicate.evaluate(&slice).unwrap().true_count() > 0;
                for known in [true, false] {
                    let bounds: Vec<_> =
                        slice.columns().iter().map(|column| bounds(column, known)).collect();
                    let can_match = predicate.can_match(&bounds);
                    assert!(can_match || !matches, "{expression}, rows {start}+{count}");
                    ruled_out += usize::from(!can_match);
                    could_be += usize::from(!matches);
                }
            }
        }
        // Pruning must also be effective: most slices without a match are excluded.
        assert!(ruled_out * 2 > could_be, "{ruled_out} of {could_be}");
    }

    #[test]
    fn without_bounds_everything_may_match() {
        let batch = batch();
        let unknown =
            ColumnBounds { min: None, max: None, absent: None, null_count: None, rows: 9 };
        for leaf in LEAVES.iter().filter(|leaf| !["i > 300", "u = -1"].contains(leaf)) {
            let predicate = Predicate::bind(leaf, &batch.schema()).unwrap();
            assert!(predicate.can_match(std::slice::from_ref(&unknown)), "{leaf}");
        }
        let predicate = Predicate::bind("i = 1 AND FALSE", &batch.schema()).unwrap();
        assert!(!predicate.can_match(std::slice::from_ref(&unknown)));
        let predicate = Predicate::bind("TRUE", &batch.schema()).unwrap();
        assert!(predicate.can_match(&[]));
    }

    #[test]
    fn a_nan_bound_is_ignored() {
        let batch = batch();
        let nan = || -> Option<ArrayRef> { Some(Arc::new(Float64Array::from(vec![f64::NAN]))) };
        let bounds =
            ColumnBounds { min: nan(), max: nan(), absent: None, null_count: Some(0), rows: 9 };
        for leaf in ["f < 0", "f = 0", "f > 0", "f IS NOT NULL"] {
            let predicate = Predicate::bind(leaf, &batch.schema()).unwrap();
            assert!(predicate.can_match(std::slice::from_ref(&bounds)), "{leaf}");
        }
    }
}
