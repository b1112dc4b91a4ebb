//! Syntax tree to bound expression: conditions, and the dispatch over all kinds of expression.
//!
//! Values are bound in `bind_value`, comparisons in `bind_compare`.

use super::bind_value::default_constant;
use super::coerce::Literal;
use super::cost::cheapest_first;
use super::error_place::Source;
use super::kind::{Kind, describe};
use super::node::{Node, Rows};
use super::parse::{start_of, too_deep};
use crate::error::{Error, Result};
use arrow::array::{Array, ArrayRef, BooleanArray};
use arrow::datatypes::{DataType, Schema};
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};
use sqlparser::tokenizer::Location;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How deeply operations may nest; each level costs some stack, also during evaluation.
const DEPTH: usize = 300;

/// How many operands may be bound. The operand of `NULLIF` and of `CASE x` is bound and computed
/// once per comparison, so nesting multiplies operands.
const OPERANDS: usize = 100_000;

/// Binds names and types.
pub(super) struct Binder<'a> {
    pub(super) source: Source<'a>,
    pub(super) schema: &'a Schema,
    pub(super) finer_time: FinerTime,
    /// Whether names must match whole columns exactly.
    pub(super) is_exact: bool,
    depth: usize,
    operands: usize,
}

/// How to treat the part of a point in time that a coarser unit cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FinerTime {
    /// An error, with the way out of it.
    Refused(&'static str),
    CutOff,
}

/// A bound subexpression; a literal waits for the type it is combined with.
#[derive(Debug, Clone)]
pub(super) enum Term {
    Literal(Literal),
    Node(Node),
}

/// Binds a condition.
///
/// # Errors
/// Unknown names, types that do not fit, unsupported syntax: exit status 2, with a caret.
pub(super) fn bind(source: Source<'_>, expression: &Expr, schema: &Schema) -> Result<Node> {
    let finer_time = FinerTime::Refused("use date_trunc");
    let node = Binder::new(source, schema, finer_time).condition(expression)?;
    Ok(per_stored_value(node, schema))
}

/// Binds a condition in which every name must match a whole column exactly.
///
/// # Errors
/// As [`bind`].
pub(super) fn bind_exactly(source: Source<'_>, expression: &Expr, schema: &Schema) -> Result<Node> {
    let finer_time = FinerTime::Refused("use date_trunc");
    let mut binder = Binder { is_exact: true, ..Binder::new(source, schema, finer_time) };
    Ok(per_stored_value(binder.condition(expression)?, schema))
}

impl<'a> Binder<'a> {
    pub(super) fn new(source: Source<'a>, schema: &'a Schema, finer_time: FinerTime) -> Self {
        Self { source, schema, finer_time, is_exact: false, depth: 0, operands: 0 }
    }
}

impl Binder<'_> {
    /// Binds an expression that must be true, false or unknown.
    pub(super) fn condition(&mut self, expression: &Expr) -> Result<Node> {
        let what = match self.term(expression)? {
            Term::Literal(Literal::Null) => return Ok(constant_condition(None)),
            Term::Literal(Literal::Number(_)) => "a number".to_owned(),
            Term::Literal(Literal::Text(_)) => "text".to_owned(),
            Term::Literal(Literal::Instant(_)) => "a timestamp".to_owned(),
            Term::Node(node) if node.data_type() == &DataType::Boolean => return Ok(node),
            Term::Node(node) if node.data_type() == &DataType::Null => {
                return Ok(constant_condition(None));
            }
            Term::Node(node) => describe(node.data_type()),
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
    pub(super) fn node(&mut self, expression: &Expr) -> Result<Node> {
        Ok(match self.term(expression)? {
            Term::Literal(literal) => default_constant(&literal),
            Term::Node(node) => node,
        })
    }

    /// Binds any expression.
    pub(super) fn term(&mut self, expression: &Expr) -> Result<Term> {
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
        let term = self.dispatch(expression)?;
        self.depth -= 1;
        Ok(match term {
            Term::Node(node) => Term::Node(match folded(node) {
                call @ Node::Call(_) => per_stored_value(call, self.schema),
                node => node,
            }),
            literal => literal,
        })
    }

    fn dispatch(&mut self, expression: &Expr) -> Result<Term> {
        let node = match expression {
            Expr::Nested(inner) => return self.term(inner),
            Expr::Identifier(_)
            | Expr::CompoundIdentifier(_)
            | Expr::Value(_)
            | Expr::TypedString(_)
            | Expr::Cast { .. } => return self.value(expression),
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => negated(self.condition(expr)?),
            Expr::UnaryOp { op, expr } => return self.signed(expression, *op, expr),
            Expr::BinaryOp { op: BinaryOperator::And, .. } => {
                Node::And(cheapest_first(self.operands(expression, &BinaryOperator::And)?))
            }
            Expr::BinaryOp { op: BinaryOperator::Or, .. } => {
                Node::Or(cheapest_first(self.operands(expression, &BinaryOperator::Or)?))
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
            Expr::InList { expr, list, negated: not } => negated_if(*not, self.among(expr, list)?),
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
                return Ok(if *not { self.negated_term(call) } else { call });
            }
            Expr::Position { expr, r#in } => {
                return self.apply_named(expression, "position", &[r#in, expr]);
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                return self.apply_named(expression, "timezone", &[time_zone, timestamp]);
            }
            Expr::Substring { .. }
            | Expr::Trim { .. }
            | Expr::Ceil { .. }
            | Expr::Floor { .. }
            | Expr::CompoundFieldAccess { .. } => return self.special_call(expression),
            other => return Err(self.unsupported(other)),
        };
        Ok(Term::Node(node))
    }

    fn negated_term(&self, term: Term) -> Term {
        Term::Node(negated(super::bind_compare::into_node(term)))
    }

    /// The operands of a chain of `AND`s or `OR`s of any length; the chain leans to the left.
    fn operands(&mut self, expression: &Expr, chain: &BinaryOperator) -> Result<Vec<Node>> {
        let mut backwards = Vec::new();
        let mut rest = expression;
        while let Expr::BinaryOp { left, op, right } = rest
            && op == chain
        {
            backwards.push(&**right);
            rest = left;
        }
        backwards.push(rest);
        backwards.into_iter().rev().map(|operand| self.condition(operand)).collect()
    }

    fn is_null(&mut self, operand: &Expr) -> Result<Node> {
        Ok(match self.term(operand)? {
            Term::Literal(literal) => constant_condition(Some(literal == Literal::Null)),
            Term::Node(node) => Node::IsNull(Box::new(node)),
        })
    }

    fn unsupported(&self, expression: &Expr) -> Error {
        let what = match expression {
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
                "subqueries are not supported".to_owned()
            }
            _ => "this is not supported in an expression".to_owned(),
        };
        self.error(expression, what)
    }

    /// An error with the caret at the start of an expression.
    pub(super) fn error(&self, expression: &Expr, message: impl Into<String>) -> Error {
        self.source.error(self.start(expression), message)
    }

    pub(super) fn start(&self, expression: &Expr) -> Location {
        start_of(expression)
    }
}

impl Term {
    /// Whether the term is known to be null.
    pub(super) fn is_null(&self) -> bool {
        match self {
            Self::Literal(literal) => literal == &Literal::Null,
            Self::Node(Node::Constant(value)) => value.is_null(0),
            Self::Node(node) => Kind::of(node.data_type()) == Kind::Null,
        }
    }
}

pub(super) fn negated(node: Node) -> Node {
    Node::Not(Box::new(node))
}

pub(super) fn constant_condition(answer: Option<bool>) -> Node {
    Node::Constant(Arc::new(BooleanArray::from(vec![answer])))
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
    let one =
        Rows { indices: Arc::new([]), columns: Vec::new(), count: 1, numbers: None, first: 0 };
    let value: Result<ArrayRef> = match node.data_type() {
        DataType::Boolean => node.answers(&one).map(|answers| Arc::new(answers) as ArrayRef),
        _ => node.values(&one).map(|values| values.array),
    };
    value.map_or(node, Node::Constant)
}

/// Evaluates an expression that reads only one dictionary or run-end encoded column once per
/// distinct value.
pub(super) fn per_stored_value(node: Node, schema: &Schema) -> Node {
    let mut read = BTreeSet::new();
    node.reads(&mut read);
    let Some(index) = read.pop_first() else { return node };
    let data_type = schema.field(index).data_type();
    let encoded = matches!(data_type, DataType::Dictionary(..) | DataType::RunEndEncoded(..));
    let known = matches!(node, Node::Column(_) | Node::PerStoredValue(..));
    if !read.is_empty() || !encoded || known {
        return node;
    }
    Node::PerStoredValue(index, Box::new(node))
}
