//! Evaluates a condition on rows of which only some columns are known: files whose partition keys
//! cannot match are never read.

use super::bounds::Possible;
use crate::expression::bind::dispatch::bind;
use crate::expression::bind::predicate::Predicate;
use crate::expression::syntax::error_place::Source;
use crate::expression::syntax::parse::{Condition, chain};
use arrow::array::{Array, RecordBatch};
use arrow::datatypes::Schema;
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

/// A condition, as far as it depends on known columns.
#[derive(Debug, Clone)]
pub struct PartialPredicate(Part);

#[derive(Debug, Clone)]
enum Part {
    /// Reads known columns only.
    Known(Predicate),
    Not(Box<Part>),
    And(Vec<Part>),
    Or(Vec<Part>),
    /// Reads other columns too, or is invalid: binding the whole condition will report that.
    Unknown,
}

impl PartialPredicate {
    /// Binds the parts of a condition, between `AND`, `OR` and `NOT`, that read only columns of
    /// `known`, by their exact names: another spelling may refer to a column that is not known.
    pub fn of_condition(condition: &Condition, known: &Schema) -> Self {
        Self(part(condition.source(), condition.expression(), known))
    }

    /// Whether a row with the known values could match. `known` is a batch of one row, of the
    /// schema passed to [`of_condition`](Self::of_condition). A part that cannot be computed may
    /// match: it fails with its row.
    pub fn can_match(&self, known: &RecordBatch) -> bool {
        possible(&self.0, known).yes
    }

    /// Whether every such row matches, whatever the other columns hold.
    pub fn must_match(&self, known: &RecordBatch) -> bool {
        // An operand that is not known may fail, even if another one decides.
        !has_unknown(&self.0) && possible(&self.0, known).is_certain()
    }
}

fn part(source: Source<'_>, expression: &Expr, known: &Schema) -> Part {
    if let Ok(predicate) = bind(source, expression, known, true).map(Predicate::of) {
        return Part::Known(predicate);
    }
    match expression {
        Expr::Nested(inner) => part(source, inner, known),
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
            Part::Not(Box::new(part(source, expr, known)))
        }
        Expr::BinaryOp { op: op @ (BinaryOperator::And | BinaryOperator::Or), .. } => {
            let operands = chain(expression, op).into_iter();
            let parts = operands.map(|operand| part(source, operand, known)).collect();
            if op == &BinaryOperator::And { Part::And(parts) } else { Part::Or(parts) }
        }
        _ => Part::Unknown,
    }
}

fn has_unknown(part: &Part) -> bool {
    match part {
        Part::Known(_) => false,
        Part::Not(operand) => has_unknown(operand),
        Part::And(operands) | Part::Or(operands) => operands.iter().any(has_unknown),
        Part::Unknown => true,
    }
}

fn possible(part: &Part, known: &RecordBatch) -> Possible {
    match part {
        Part::Unknown => Possible::ALL,
        Part::Known(predicate) => answer(predicate, known),
        Part::Not(operand) => possible(operand, known).negated(),
        Part::And(operands) => {
            Possible::all(operands.iter().map(|operand| possible(operand, known)), Possible::and)
        }
        Part::Or(operands) => {
            Possible::all(operands.iter().map(|operand| possible(operand, known)), Possible::or)
        }
    }
}

fn answer(predicate: &Predicate, known: &RecordBatch) -> Possible {
    let answers = known.project(predicate.columns()).map(|read| predicate.evaluate(&read));
    match answers {
        Ok(Ok(answers)) if answers.len() == 1 => {
            Possible::only(answers.is_valid(0).then(|| answers.value(0)))
        }
        _ => Possible::ALL,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use std::sync::Arc;

    fn known() -> RecordBatch {
        let columns: [(&str, ArrayRef, bool); 3] = [
            ("year", Arc::new(Int64Array::from(vec![2024])), true),
            ("split", Arc::new(StringArray::from(vec!["train"])), true),
            ("nothing", Arc::new(Int64Array::from(vec![None::<i64>])), true),
        ];
        RecordBatch::try_from_iter_with_nullable(columns).unwrap()
    }

    fn can_match(text: &str) -> bool {
        let known = known();
        PartialPredicate::of_condition(&Condition::parse(text).unwrap(), &known.schema())
            .can_match(&known)
    }

    #[test]
    fn some_conditions_hold_whatever_the_other_columns() {
        for (text, expected) in [
            ("year = 2024", true),
            ("year = 2024 AND NOT (split = 'test' OR nothing IS NOT NULL)", true),
            ("year = 2024 AND x > 5", false),
            ("1 // x = 1 OR year = 2024", false),
            ("NOT (1 // x = 1 AND year = 2023)", false),
            ("nothing = 1", false),
            ("x = x", false),
        ] {
            let known = known();
            let predicate =
                PartialPredicate::of_condition(&Condition::parse(text).unwrap(), &known.schema());
            assert_eq!(predicate.must_match(&known), expected, "{text}");
        }
    }

    #[test]
    fn known_columns_decide() {
        for text in [
            "year = 2024",
            "year % 2 = 0 AND upper(split) = 'TRAIN'",
            "year = 2024 AND x > 5",
            "x > 5 OR year = 2024",
            "year = 2023 OR x > 5",
            "NOT (year = 2023 AND x > 5)",
            "NOT (year = 2024 AND x > 5)",
            "NOT (x > 5)",
            "nothing IS NULL",
            "nothing IS NULL AND x IS NULL",
            "x IS NULL OR nothing = 1",
            "(year = 2023 AND x = 1) OR (year = 2024 AND x = 2)",
            "(year = 2023 OR x = 1) IS NOT TRUE",
            "year = x",
            "CASE WHEN x THEN year = 2023 ELSE FALSE END",
            // Fails with its row, if there is one.
            "1 // (year - 2024) = 1",
            // May refer to columns of the file.
            "YEAR = 2023",
            "Split = 'test' AND TRUE",
            "year.month = 7",
        ] {
            assert!(can_match(text), "{text}");
        }
        for text in [
            "year = 2023",
            "year = 2023 AND x > 5",
            "x > 5 AND (y < 2 OR z) AND \"split\" = 'test'",
            "NOT (year = 2024 OR x > 5)",
            "NOT (NOT (year = 2023))",
            "year = 2023 OR split = 'test'",
            "(year = 2023 AND x = 1) OR (split = 'test' AND x = 2)",
            "nothing = 1",
            "nothing <> 1",
            "NOT (nothing = 1)",
            "nothing = 1 AND x IS NULL",
            "nothing = 1 OR year = 2023",
            "nothing IS NOT NULL",
            "CAST(split AS VARCHAR) LIKE 'te%'",
            "FALSE",
        ] {
            assert!(!can_match(text), "{text}");
        }
    }
}
