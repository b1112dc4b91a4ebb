//! Binds comparisons: decides how two types are compared, and where a constant falls among a
//! column's values.

use super::binder::{
    Binder, Term, constant_condition, default_constant, into_node, once_per_stored_value,
};
use crate::error::{Error, Result};
use crate::expression::evaluate::compare::Operator;
use crate::expression::evaluate::in_list::InList;
use crate::expression::evaluate::like::{Like, Pattern};
use crate::expression::evaluate::literal_placement::{Literal, Place, place_literal, place_value};
use crate::expression::evaluate::literal_test::Test;
use crate::expression::evaluate::node::{Comparison, Node};
use crate::expression::evaluate::uuid::is_uuid;
use crate::expression::syntax::error_place::shown;
use crate::expression::values::kind::{Kind, describe};
use crate::expression::values::literal_text::unescape_bytes;
use crate::expression::values::value_reader;
use crate::text::escaped;
use arrow::array::{BinaryArray, new_null_array};
use sqlparser::ast::{BinaryOperator, Expr, Value};
use std::sync::Arc;
use uuid::Uuid;

impl Binder<'_> {
    /// `=` `<>` `<` `<=` `>` `>=`.
    pub(crate) fn comparison(
        &mut self,
        left: &Expr,
        operator: Operator,
        right: &Expr,
    ) -> Result<Node> {
        self.refuse_chain(left, right)?;
        self.refuse_chain(right, right)?;
        let (left_term, right_term) = (self.term(left)?, self.term(right)?);
        self.compare((left, left_term), operator, (right, right_term))
    }

    /// DuckDB binds `BETWEEN`, `IN` and `LIKE` tighter than `=`; we do not, and `a < b < c` has no
    /// meaning. Parentheses are required to make the meaning explicit.
    fn refuse_chain(&self, operand: &Expr, place: &Expr) -> Result<()> {
        if !is_comparison(operand) {
            return Ok(());
        }
        let message = "comparisons cannot be chained; combine them with AND, or use parentheses";
        Err(self.error(place, message))
    }

    /// `IS NOT DISTINCT FROM`.
    pub(crate) fn same(&mut self, left: &Expr, right: &Expr) -> Result<Node> {
        let (left_term, right_term) = (self.term(left)?, self.term(right)?);
        let (left, right) = constant_last((left, left_term), (right, right_term));
        let operand = into_node(left.1);
        if right.1.is_null() {
            return Ok(Node::IsNull(Box::new(operand)));
        }
        if Kind::of(operand.data_type()) == Kind::Null {
            return Ok(Node::IsNull(Box::new(into_node(right.1))));
        }
        let comparison = self.against(&operand, left.0, Operator::Equal, right)?;
        Ok(once_per_stored_value(Node::Same(Box::new(operand), comparison), self.schema))
    }

    pub(crate) fn between(&mut self, operand: &Expr, low: &Expr, high: &Expr) -> Result<Node> {
        self.refuse_chain(operand, low)?;
        let term = self.term(operand)?;
        let (low_term, high_term) = (self.term(low)?, self.term(high)?);
        // A literal takes the type of each bound, and is compared with the bounds separately.
        if !matches!(term, Term::Node(_)) {
            let term = || (operand, term.clone());
            return Ok(Node::And(vec![
                self.compare(term(), Operator::GreaterOrEqual, (low, low_term))?,
                self.compare(term(), Operator::LessOrEqual, (high, high_term))?,
            ]));
        }
        let node = into_node(term);
        let low = self.against(&node, operand, Operator::GreaterOrEqual, (low, low_term))?;
        let high = self.against(&node, operand, Operator::LessOrEqual, (high, high_term))?;
        Ok(once_per_stored_value(Node::Between(Box::new(node), low, high), self.schema))
    }

    pub(crate) fn in_list(&mut self, operand: &Expr, list: &[Expr]) -> Result<Node> {
        self.refuse_chain(operand, list.first().unwrap_or(operand))?;
        let term = self.term(operand)?;
        if !matches!(term, Term::Node(_)) {
            let mut nodes = Vec::with_capacity(list.len());
            for item in list {
                let item_term = self.term(item)?;
                let term = (operand, term.clone());
                nodes.push(self.compare(term, Operator::Equal, (item, item_term))?);
            }
            return Ok(Node::Or(nodes));
        }
        let node = into_node(term);
        let (mut constants, mut others, mut has_null) = (Vec::new(), Vec::new(), false);
        for item in list {
            let item_term = self.term(item)?;
            if item_term.is_null() {
                has_null = true;
                continue;
            }
            match self.against(&node, operand, Operator::Equal, (item, item_term))? {
                Comparison::Test(Test::Against(_, value)) => constants.push(value),
                Comparison::Test(Test::Fixed(_)) => {}
                other => others.push(other),
            }
        }
        let list = InList::new(constants, others, has_null, node.data_type());
        Ok(once_per_stored_value(Node::InList(Box::new(node), list), self.schema))
    }

    pub(crate) fn like(
        &mut self,
        expression: &Expr,
        operand: &Expr,
        pattern: &Expr,
        escape: &Option<Box<Expr>>,
        ignore_case: bool,
    ) -> Result<Node> {
        self.refuse_chain(operand, pattern)?;
        let escape = match escape {
            Some(escape) => self.escape_character(escape)?,
            None => None,
        };
        let (Some(text), Some(pattern_text)) = (self.text(operand)?, self.text(pattern)?) else {
            return Ok(constant_condition(None));
        };
        let ready = match &pattern_text {
            Node::Constant(value) => {
                let Some(text) = value_reader::text(value).map(|text| text(0).to_owned()) else {
                    return Ok(constant_condition(None));
                };
                let made = Pattern::new(&text, escape, ignore_case);
                Some(made.map_err(|why| self.error(pattern, why))?)
            }
            _ => None,
        };
        let like = Like {
            operand: text,
            pattern: pattern_text,
            ready,
            escape,
            ignore_case,
            text: shown(expression),
        };
        Ok(once_per_stored_value(Node::Like(Box::new(like)), self.schema))
    }

    fn escape_character(&self, escape: &Expr) -> Result<Option<char>> {
        if let Expr::Value(value) = escape
            && let Value::SingleQuotedString(text) = &value.value
        {
            let mut letters = text.chars();
            match (letters.next(), letters.next()) {
                (None, _) => return Ok(None),
                (Some(letter), None) => return Ok(Some(letter)),
                _ => {}
            }
        }
        Err(self.error(escape, "ESCAPE needs a single character"))
    }

    /// A text operand; None for null.
    fn text(&mut self, expression: &Expr) -> Result<Option<Node>> {
        let term = self.term(expression)?;
        if term.is_null() {
            return Ok(None);
        }
        let node = into_node(term);
        match Kind::of(node.data_type()) {
            Kind::Text => Ok(Some(node)),
            _ => {
                let what = describe(node.data_type());
                let message = format!("LIKE needs text, not {what}; CAST it to VARCHAR");
                Err(self.error(expression, message))
            }
        }
    }

    fn compare(
        &self,
        left: (&Expr, Term),
        operator: Operator,
        right: (&Expr, Term),
    ) -> Result<Node> {
        let flip = is_constant(&left.1) && !is_constant(&right.1);
        let operator = if flip { operator.flipped() } else { operator };
        let (left, right) = constant_last(left, right);
        let operand = into_node(left.1);
        if Kind::of(operand.data_type()) == Kind::Null || right.1.is_null() {
            return Ok(constant_condition(None));
        }
        let comparison = self.against(&operand, left.0, operator, right)?;
        Ok(once_per_stored_value(Node::Compare(Box::new(operand), comparison), self.schema))
    }

    /// The comparison of a bound operand with a term.
    fn against(
        &self,
        left: &Node,
        left_expression: &Expr,
        operator: Operator,
        (expression, right): (&Expr, Term),
    ) -> Result<Comparison> {
        let data_type = left.data_type();
        if right.is_null() || Kind::of(data_type) == Kind::Null {
            let null = new_null_array(data_type, 1);
            return Ok(Comparison::With(operator, Box::new(Node::Constant(null))));
        }
        let what = right.describe();
        let right = match right {
            Term::Node(node) => node,
            Term::Literal(literal) => {
                self.check_uuid(left, &literal, expression)?;
                let place = place_literal(&literal, data_type);
                if let Some(place) = place.map_err(|error| self.placed(expression, error))? {
                    return Ok(Comparison::Test(Test::new(operator, place)));
                }
                match (&literal, Kind::of(data_type)) {
                    (Literal::Text(text), Kind::Binary) => {
                        let bytes = unescape_bytes(text).unwrap_or_default();
                        Node::Constant(Arc::new(BinaryArray::from(vec![bytes.as_slice()])))
                    }
                    _ => default_constant(&literal),
                }
            }
        };
        if let Node::Constant(value) = &right {
            if value.data_type() == data_type {
                let place = Place::At { value: value.clone(), exact: true };
                return Ok(Comparison::Test(Test::new(operator, place)));
            }
            if let Some(place) = place_value(value, data_type) {
                return Ok(Comparison::Test(Test::new(operator, place)));
            }
        }
        let kinds = (Kind::of(data_type), Kind::of(right.data_type()));
        if !kinds.0.compares_with(kinds.1) {
            let other = matches!(kinds.0, Kind::Other) || matches!(kinds.1, Kind::Other);
            let hint = if other { "" } else { "; CAST one of them" };
            let mut named = describe(data_type);
            if matches!(left, Node::Column(_)) {
                named = format!("{} ({named})", shown(left_expression));
            }
            return Err(self.error(expression, format!("cannot compare {named} with {what}{hint}")));
        }
        Ok(Comparison::With(operator, Box::new(right)))
    }

    /// Text that is not a UUID equals no UUID, so it must be a mistake.
    pub(crate) fn check_uuid(&self, column: &Node, literal: &Literal, place: &Expr) -> Result<()> {
        match literal {
            Literal::Text(text)
                if is_uuid(column, self.schema) && Uuid::try_parse(text).is_err() =>
            {
                let text = escaped(text);
                Err(self.error(place, format!("'{text}' cannot be read as a UUID")))
            }
            _ => Ok(()),
        }
    }

    /// Adds a place in the expression to the error of a literal.
    pub(crate) fn placed(&self, expression: &Expr, error: Error) -> Error {
        self.error(expression, error.to_string())
    }
}

/// Whether an expression is a comparison without parentheses around it.
fn is_comparison(expression: &Expr) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(expression, Expr::BinaryOp { op: Eq | NotEq | Lt | LtEq | Gt | GtEq, .. })
}

fn is_constant(term: &Term) -> bool {
    matches!(term, Term::Literal(_) | Term::Node(Node::Constant(_)))
}

/// Swaps the operands of a comparison so that a constant is on the right.
fn constant_last<T>(left: (T, Term), right: (T, Term)) -> ((T, Term), (T, Term)) {
    if is_constant(&left.1) && !is_constant(&right.1) { (right, left) } else { (left, right) }
}
