//! Binds the grammar's time syntax: `INTERVAL '3 days'`, `EXTRACT(year FROM day)`, and `+` and `-`
//! with dates, timestamps and intervals.

use super::binder::{Binder, Term, into_node};
use crate::error::Result;
use crate::expression::evaluate::literal_placement::Literal;
use crate::expression::evaluate::node::Node;
use crate::expression::functions::time_sum;
use crate::expression::syntax::error_place::shown;
use crate::expression::values::interval;
use crate::expression::values::kind::Kind;
use arrow::array::StringArray;
use sqlparser::ast::{DateTimeField, Expr, Interval};
use std::sync::Arc;

impl Binder<'_> {
    /// `INTERVAL '…'`, `INTERVAL 3 DAY`, `INTERVAL '3' DAY`.
    pub(crate) fn interval(&mut self, expression: &Expr, literal: &Interval) -> Result<Term> {
        let plain = literal.last_field.is_none()
            && literal.leading_precision.is_none()
            && literal.fractional_seconds_precision.is_none();
        let usage = "write INTERVAL '3 days' or INTERVAL 3 DAY";
        if !plain {
            return Err(self.error(expression, usage));
        }
        let unit = literal.leading_field.as_ref().map(ToString::to_string);
        let value = match (self.term(&literal.value)?, unit) {
            (Term::Literal(Literal::Text(text)), None) => interval::parse(&text),
            (Term::Literal(Literal::Text(text)), Some(unit)) => {
                interval::parse(&format!("{text} {unit}"))
            }
            (Term::Literal(Literal::Number(number)), Some(unit)) => {
                interval::of_units(&number, &unit)
            }
            _ => return Err(self.error(expression, usage)),
        };
        let value = value.map_err(|why| self.error(&literal.value, why))?;
        Ok(Term::Node(Node::Constant(value)))
    }

    /// `EXTRACT(year FROM day)`.
    pub(crate) fn extract(
        &mut self,
        expression: &Expr,
        field: &DateTimeField,
        operand: &Expr,
    ) -> Result<Term> {
        let name = field.to_string();
        let name = name.trim_matches(['\'', '"']);
        let part = Node::Constant(Arc::new(StringArray::from(vec![name])));
        let operand_node = self.node(operand)?;
        let arguments = vec![part, operand_node];
        self.bound_call(expression, "date_part", arguments, &[None, Some(operand)]).map(Term::Node)
    }

    /// `+` and `-` with a date, time or interval operand; None if there is none.
    pub(crate) fn time_sum(
        &self,
        expression: &Expr,
        left: &Term,
        subtract: bool,
        right: &Term,
    ) -> Result<Option<Term>> {
        let is_time = |term: &Term| match term {
            Term::Node(node) => time_sum::is_time(node.data_type()),
            Term::Literal(_) => false,
        };
        if !is_time(left) && !is_time(right) {
            return Ok(None);
        }
        let is_null = |term: &Term| match term {
            Term::Literal(literal) => literal == &Literal::Null,
            Term::Node(node) => Kind::of(node.data_type()) == Kind::Null,
        };
        if is_null(left) || is_null(right) {
            return Ok(Some(Term::Literal(Literal::Null)));
        }
        let node = |term: &Term| into_node(term.clone());
        let call = time_sum::sum(node(left), subtract, node(right), shown(expression));
        let call = call.map_err(|why| self.error(expression, why))?;
        Ok(Some(Term::Node(Node::Call(Box::new(call)))))
    }
}
