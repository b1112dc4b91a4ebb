//! Syntax tree to bound expression: conditions, and the dispatch over all kinds of expression.
//!
//! Names are bound in `names`, literals in `literals`, casts in `casts`, operators in `operators`,
//! comparisons in `comparisons`.

use super::binder::{Binder, Term, constant_condition, into_node, negated, once_per_stored_value};
use crate::error::{Error, Result};
use crate::expression::evaluate::cast::FinerTime;
use crate::expression::evaluate::cost::cheapest_first;
use crate::expression::evaluate::literal_placement::Literal;
use crate::expression::evaluate::node::Node;
use crate::expression::evaluate::rows::Rows;
use crate::expression::syntax::error_place::Source;
use crate::expression::syntax::parse::{chain, start_of};
use crate::expression::syntax::parser_errors::too_deep;
use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Schema};
use sqlparser::ast::{BinaryOperator, CastKind, Expr, UnaryOperator};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How deeply operations may nest; each level costs some stack, also during evaluation.
const DEPTH: usize = 300;

/// How many operands may be bound. The operand of `NULLIF` and of `CASE x` is bound and computed
/// once per comparison, so nesting multiplies operands.
const OPERANDS: usize = 100_000;

/// Binds a condition. If `is_exact`, every name must match a whole column exactly.
///
/// # Errors
/// Unknown names, types that do not fit, unsupported syntax: exit status 2, with a caret.
pub(crate) fn bind(
    source: Source<'_>,
    expression: &Expr,
    schema: &Schema,
    is_exact: bool,
) -> Result<Node> {
    let finer_time = FinerTime::Refused("use date_trunc");
    let mut binder = Binder::new(source, schema, finer_time);
    binder.is_exact = is_exact;
    Ok(once_per_stored_value(binder.condition(expression)?, schema))
}

impl Binder<'_> {
    /// Binds an expression that must be true, false or unknown.
    pub(crate) fn condition(&mut self, expression: &Expr) -> Result<Node> {
        let what = match self.term(expression)? {
            Term::Node(node) if node.data_type() == &DataType::Boolean => return Ok(node),
            Term::Node(node) if node.data_type() == &DataType::Null => {
                return Ok(constant_condition(None));
            }
            Term::Literal(Literal::Null) => return Ok(constant_condition(None)),
            other => other.describe(),
        };
        let hint = match expression {
            Expr::BinaryOp { op: BinaryOperator::StringConcat, .. } => {
                "; || concatenates text, use OR"
            }
            _ => "",
        };
        Err(self.error(expression, format!("a condition is expected here, not {what}{hint}")))
    }

    /// Binds any expression; a literal on its own has a type of its own.
    pub(crate) fn node(&mut self, expression: &Expr) -> Result<Node> {
        self.term(expression).map(into_node)
    }

    /// Binds any expression.
    pub(crate) fn term(&mut self, expression: &Expr) -> Result<Term> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.error(expression, too_deep(DEPTH)));
        }
        self.operands += 1;
        if self.operands > OPERANDS {
            let message =
                "NULLIF and CASE x are nested too deeply; there would be too much to compute";
            return Err(self.error(expression, message));
        }
        let term = match self.of_groups(expression)? {
            Some(term) => term,
            None => self.dispatch(expression)?,
        };
        self.depth -= 1;
        Ok(match term {
            Term::Node(node) => Term::Node(match folded(node) {
                call @ Node::Call(_) => once_per_stored_value(call, self.schema),
                node => node,
            }),
            literal => literal,
        })
    }

    fn dispatch(&mut self, expression: &Expr) -> Result<Term> {
        let node = match expression {
            Expr::Nested(inner) => return self.term(inner),
            Expr::Identifier(name) => return self.column(std::slice::from_ref(name)),
            Expr::CompoundIdentifier(parts) => return self.column(parts),
            Expr::Value(value) => return self.literal(expression, &value.value),
            Expr::TypedString(typed) => return self.typed_literal(expression, typed),
            Expr::Cast { kind, expr, data_type, format: None } => {
                let null_on_failure = matches!(kind, CastKind::TryCast | CastKind::SafeCast);
                return self.cast(expression, expr, data_type, null_on_failure);
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => negated(self.condition(expr)?),
            Expr::UnaryOp { op, expr } => return self.signed(expression, *op, expr),
            Expr::BinaryOp { op: op @ BinaryOperator::And, .. } => {
                Node::And(self.operands(expression, op)?)
            }
            Expr::BinaryOp { op: op @ BinaryOperator::Or, .. } => {
                Node::Or(self.operands(expression, op)?)
            }
            Expr::BinaryOp { op: BinaryOperator::StringConcat, .. } => {
                return self.concatenation(expression);
            }
            Expr::Case { .. } => self.case(expression)?,
            Expr::BinaryOp { left, op, right } => {
                return self.binary(expression, left, op, right);
            }
            Expr::IsNull(operand) => self.is_null(operand)?,
            Expr::IsNotNull(operand) => negated(self.is_null(operand)?),
            Expr::IsUnknown(operand) => Node::IsNull(Box::new(self.condition(operand)?)),
            Expr::IsNotUnknown(operand) => {
                negated(Node::IsNull(Box::new(self.condition(operand)?)))
            }
            Expr::IsTrue(operand) => Node::Is(Box::new(self.condition(operand)?), true),
            Expr::IsFalse(operand) => Node::Is(Box::new(self.condition(operand)?), false),
            Expr::IsNotTrue(operand) => negated(Node::Is(Box::new(self.condition(operand)?), true)),
            Expr::IsNotFalse(operand) => {
                negated(Node::Is(Box::new(self.condition(operand)?), false))
            }
            Expr::IsDistinctFrom(left, right) => negated(self.same(left, right)?),
            Expr::IsNotDistinctFrom(left, right) => self.same(left, right)?,
            Expr::Between { expr, negated: not, low, high } => {
                negated_if(*not, self.between(expr, low, high)?)
            }
            Expr::InList { expr, list, negated: not } => {
                negated_if(*not, self.in_list(expr, list)?)
            }
            Expr::Like { negated: not, any: false, expr, pattern, escape_char } => {
                negated_if(*not, self.like(expression, expr, pattern, escape_char, false)?)
            }
            Expr::ILike { negated: not, any: false, expr, pattern, escape_char } => {
                negated_if(*not, self.like(expression, expr, pattern, escape_char, true)?)
            }
            Expr::Function(function) => match self.choosing_call(function)? {
                Some(node) => node,
                None => return self.call(expression, function),
            },
            Expr::Interval(literal) => return self.interval(expression, literal),
            Expr::Extract { field, expr, .. } => return self.extract(expression, field, expr),
            Expr::SimilarTo { negated: not, expr, pattern, escape_char: None } => {
                let call = self.apply_named(expression, "regexp_full_match", &[expr, pattern])?;
                return Ok(Term::Node(negated_if(*not, into_node(call))));
            }
            Expr::Position { expr, r#in } => {
                return self.apply_named(expression, "position", &[r#in, expr]);
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                return self.apply_named(expression, "timezone", &[time_zone, timestamp]);
            }
            other => return self.special_call(other),
        };
        Ok(Term::Node(node))
    }

    /// The operands of a chain of `AND`s or `OR`s, cheapest first.
    fn operands(&mut self, expression: &Expr, operator: &BinaryOperator) -> Result<Vec<Node>> {
        let operands = chain(expression, operator).into_iter();
        operands.map(|operand| self.condition(operand)).collect::<Result<_>>().map(cheapest_first)
    }

    fn is_null(&mut self, operand: &Expr) -> Result<Node> {
        Ok(match self.term(operand)? {
            Term::Literal(literal) => constant_condition(Some(literal == Literal::Null)),
            Term::Node(node) => Node::IsNull(Box::new(node)),
        })
    }

    /// An error with the caret at the start of an expression.
    pub(crate) fn error(&self, expression: &Expr, message: impl Into<String>) -> Error {
        self.source.error(start_of(expression), message)
    }
}

fn negated_if(not: bool, node: Node) -> Node {
    if not { negated(node) } else { node }
}

/// Computes an expression that reads no column, once. One that fails is kept, and fails for the
/// rows that reach it.
fn folded(node: Node) -> Node {
    let mut read = BTreeSet::new();
    node.reads(&mut read);
    if matches!(node, Node::Constant(_)) || !read.is_empty() {
        return node;
    }
    let one = Rows::one();
    let value: Result<ArrayRef> = match node.data_type() {
        DataType::Boolean => node.answers(&one).map(|answers| Arc::new(answers) as ArrayRef),
        _ => node.values(&one).map(|values| values.array),
    };
    value.map_or(node, Node::Constant)
}
