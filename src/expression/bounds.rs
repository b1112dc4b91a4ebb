//! Which answers are possible for rows of which only bounds are known (Parquet's statistics).
//!
//! Always on the safe side: an answer is ruled out only where the bounds prove it.

use super::among::Set;
use super::coerce::Test;
use super::compare::{Operator, compare};
use super::kind::{Kind, plain_array};
use super::node::{Comparison, Node};
use super::pattern::Like;
use super::read::{self, Values};
use arrow::array::{Array, ArrayRef, AsArray, Float64Array};
use std::sync::Arc;

/// What is known of a column's values in a set of rows.
#[derive(Debug, Clone)]
pub struct ColumnBounds {
    /// An array of one value of the column's type that no value is below; it need not occur (it may
    /// be cut short). None or null if unknown. NaN is never accounted for: it may always occur.
    pub min: Option<ArrayRef>,
    /// An array of one value of the column's type that no value is above; likewise.
    pub max: Option<ArrayRef>,
    /// How many of the values are null; None if unknown.
    pub null_count: Option<u64>,
    /// How many rows there are.
    pub rows: u64,
}

/// The answers that some row may give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Possible {
    pub(super) yes: bool,
    pub(super) no: bool,
    pub(super) unknown: bool,
}

impl Possible {
    const ALL: Self = Self { yes: true, no: true, unknown: true };
    const NONE: Self = Self { yes: false, no: false, unknown: false };

    fn negated(self) -> Self {
        Self { yes: self.no, no: self.yes, ..self }
    }

    fn and(self, other: Self) -> Self {
        Self {
            yes: self.yes && other.yes,
            no: self.no || other.no,
            unknown: self.unknown || other.unknown,
        }
    }

    fn or(self, other: Self) -> Self {
        self.negated().and(other.negated()).negated()
    }
}

/// The bounds of the columns that an expression reads.
#[derive(Clone, Copy)]
pub(super) struct Bounds<'a> {
    pub(super) columns: &'a [usize],
    pub(super) bounds: &'a [ColumnBounds],
}

impl Bounds<'_> {
    /// The answers that a boolean expression may give.
    pub(super) fn possible(&self, node: &Node) -> Possible {
        match node {
            Node::Constant(value) => constant(value),
            Node::Column(_) => match self.column(node) {
                Some(bounds) => bounds.test(&Test::Against(Operator::Equal, truth())),
                None => Possible::ALL,
            },
            Node::Not(operand) => self.possible(operand).negated(),
            Node::And(operands) => operands
                .iter()
                .map(|operand| self.possible(operand))
                .reduce(Possible::and)
                .unwrap_or(Possible::ALL),
            Node::Or(operands) => operands
                .iter()
                .map(|operand| self.possible(operand))
                .reduce(Possible::or)
                .unwrap_or(Possible::ALL),
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
            Node::Among(operand, set) => self.among(operand, set),
            Node::Like(like) => self.like(like),
            Node::PerDictionaryValue(_, node) => self.possible(node),
            Node::Arithmetic(_) | Node::Convert(_) => Possible::ALL,
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
        let computed = matches!(operand, Node::Column(_) | Node::Arithmetic(_) | Node::Convert(_));
        if computed {
            return Possible { unknown: false, ..Possible::ALL };
        }
        let found = self.possible(operand);
        Possible { yes: found.unknown, no: found.yes || found.no, unknown: false }
    }

    fn among(&self, operand: &Node, set: &Set) -> Possible {
        let Some(bounds) = self.column(operand) else { return Possible::ALL };
        if !set.others.is_empty() {
            return Possible::ALL;
        }
        let found = set
            .constants
            .iter()
            .map(|constant| bounds.test(&Test::Against(Operator::Equal, constant.clone())))
            .reduce(Possible::or)
            .unwrap_or_else(|| bounds.test(&Test::Fixed(false)));
        Possible { unknown: found.unknown || set.has_null, ..found }
    }

    fn like(&self, like: &Like) -> Possible {
        let (Some(bounds), Some(pattern)) = (self.column(&like.operand), &like.ready) else {
            return Possible::ALL;
        };
        let prefix = pattern.prefix().as_bytes();
        let below = bounds
            .bound(&bounds.max)
            .is_some_and(|max| read::bytes(&max).is_some_and(|max| max(0) < prefix));
        let above = bounds.bound(&bounds.min).is_some_and(|min| {
            read::bytes(&min).is_some_and(|min| {
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

    /// The answers of a test with a constant.
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

    /// Whether some value between the bounds may pass the comparison, and whether some may not.
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
                    || of(&max, Operator::Less) == Some(true);
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
        let is_nan = read::floats(&bound).is_some_and(|float| usable && float(0).is_nan());
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

fn constant(value: &ArrayRef) -> Possible {
    match value.as_boolean_opt() {
        Some(answer) if answer.is_valid(0) => {
            Possible { yes: answer.value(0), no: !answer.value(0), unknown: false }
        }
        _ => Possible { unknown: true, ..Possible::NONE },
    }
}

fn truth() -> ArrayRef {
    Arc::new(arrow::array::BooleanArray::from(vec![true]))
}
