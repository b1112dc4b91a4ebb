//! The scope of expressions over groups: keys, and calls of functions of many rows.

use crate::expression::evaluate::node::Node;
use crate::expression::functions::aggregate::AggregateFunction;
use crate::expression::syntax::output_name::output_name;
use arrow::datatypes::{DataType, Schema};
use sqlparser::ast::Expr;
use std::cell::RefCell;

/// The keys and the calls that expressions over groups may use.
#[derive(Debug)]
pub(crate) struct GroupScope<'a> {
    /// The columns of the rows.
    pub(crate) rows: &'a Schema,
    /// The keys as expressions; the first columns of the schema of groups.
    pub(crate) keys: &'a [String],
    /// The items of the list that have names, which a condition on groups may use.
    pub(crate) named: Vec<(&'a str, &'a Expr)>,
    /// The calls so far.
    pub(crate) calls: RefCell<Vec<BoundAggregate>>,
    /// Whether all calls are known and stand for their columns.
    pub(crate) is_complete: bool,
}

/// A call, bound to the columns of the rows.
#[derive(Debug, Clone)]
pub(crate) struct BoundAggregate {
    pub(crate) function: AggregateFunction,
    pub(crate) arguments: Vec<Node>,
    /// Whether equal arguments count once.
    pub(crate) is_distinct: bool,
    /// The rows that count.
    pub(crate) filter: Option<Node>,
    pub(crate) order: Vec<OrderTerm>,
    pub(crate) parameter: Parameter,
    pub(crate) result: DataType,
    /// The call as it was written.
    pub(crate) text: String,
}

/// A term of an `ORDER BY`.
#[derive(Debug, Clone)]
pub(crate) struct OrderTerm {
    pub(crate) node: Node,
    pub(crate) descending: bool,
    pub(crate) nulls_first: bool,
}

/// The constant that a function takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Parameter {
    /// None.
    None,
    /// The share of the values below a quantile.
    Share(f64),
    /// The text between texts.
    Separator(String),
    /// The most values.
    Most(usize),
}

impl GroupScope<'_> {
    pub(crate) fn place(&self, text: &str) -> Option<usize> {
        self.calls.borrow().iter().position(|call| call.text == text)
    }

    /// The text of an expression, by which it is compared with the keys.
    pub(crate) fn text(&self, expression: &Expr) -> String {
        output_name(expression, self.rows)
    }
}
