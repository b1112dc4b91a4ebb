//! Binds operators: signs, arithmetic, comparisons, and those that are functions.

use super::binder::{Binder, Term, into_node, negated};
use crate::error::Result;
use crate::expression::evaluate::arithmetic::{Arithmetic, Operation};
use crate::expression::evaluate::compare::Operator;
use crate::expression::evaluate::literal_placement::Literal;
use crate::expression::evaluate::node::Node;
use crate::expression::functions::time_sum;
use crate::expression::syntax::error_place::shown;
use crate::expression::values::kind::{Kind, describe};
use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

/// The function that an operator stands for.
fn function_of(operator: &BinaryOperator) -> Option<&'static str> {
    Some(match operator {
        BinaryOperator::BitwiseAnd => "bit_and",
        BinaryOperator::BitwiseOr => "bit_or",
        BinaryOperator::PGBitwiseShiftLeft => "bit_shift_left",
        BinaryOperator::PGBitwiseShiftRight => "bit_shift_right",
        // As in DuckDB, not as in other dialects.
        BinaryOperator::BitwiseXor => "power",
        BinaryOperator::PGRegexMatch => "regexp_matches",
        BinaryOperator::Glob => "glob",
        BinaryOperator::Arrow => "json_extract",
        BinaryOperator::LongArrow => "json_extract_string",
        _ => return None,
    })
}

fn comparison_operator(operator: &BinaryOperator) -> Option<Operator> {
    Some(match operator {
        BinaryOperator::Eq => Operator::Equal,
        BinaryOperator::NotEq => Operator::NotEqual,
        BinaryOperator::Lt => Operator::Less,
        BinaryOperator::LtEq => Operator::LessOrEqual,
        BinaryOperator::Gt => Operator::Greater,
        BinaryOperator::GtEq => Operator::GreaterOrEqual,
        _ => return None,
    })
}

impl Binder<'_> {
    /// `-x` and `+x`.
    pub(crate) fn signed(
        &mut self,
        expression: &Expr,
        sign: UnaryOperator,
        operand: &Expr,
    ) -> Result<Term> {
        if sign == UnaryOperator::BitwiseNot {
            return self.apply_named(expression, "bit_not", &[operand]);
        }
        if !matches!(sign, UnaryOperator::Minus | UnaryOperator::Plus) {
            return Err(self.error(expression, format!("the operator {sign} is not supported")));
        }
        let minus = sign == UnaryOperator::Minus;
        let node = match self.term(operand)? {
            Term::Literal(Literal::Number(number)) => {
                let number = if minus { number.negated() } else { number };
                return Ok(Term::Literal(Literal::Number(number)));
            }
            Term::Literal(Literal::Null) => return Ok(Term::Literal(Literal::Null)),
            other => into_node(other),
        };
        if minus && let Some(negated) = time_sum::negated(&node) {
            return Ok(Term::Node(negated));
        }
        if !Kind::of(node.data_type()).is_number() {
            let what = describe(node.data_type());
            return Err(self.error(operand, format!("{sign} needs a number, not {what}")));
        }
        if !minus {
            return Ok(Term::Node(node));
        }
        let negated = Arithmetic::negation(node, shown(expression));
        let negated = negated.ok_or_else(|| self.error(operand, "this cannot be negated"))?;
        Ok(Term::Node(Node::Arithmetic(Box::new(negated))))
    }

    /// Operators between two operands, except `AND` and `OR`.
    pub(crate) fn binary(
        &mut self,
        expression: &Expr,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
    ) -> Result<Term> {
        let operation = match operator {
            BinaryOperator::Plus => Operation::Add,
            BinaryOperator::Minus => Operation::Subtract,
            BinaryOperator::Multiply => Operation::Multiply,
            BinaryOperator::Divide => Operation::Divide,
            BinaryOperator::DuckIntegerDivide => Operation::IntegerDivide,
            BinaryOperator::Modulo => Operation::Modulo,
            other => {
                if let Some(name) = function_of(other) {
                    return self.apply_named(expression, name, &[left, right]);
                }
                if let BinaryOperator::PGRegexNotMatch = other {
                    let found = self.apply_named(expression, "regexp_matches", &[left, right])?;
                    return Ok(Term::Node(negated(into_node(found))));
                }
                let operator = comparison_operator(other).ok_or_else(|| {
                    self.error(right, format!("the operator {other} is not supported"))
                })?;
                return Ok(Term::Node(self.comparison(left, operator, right)?));
            }
        };
        let (left_term, right_term) = (self.term(left)?, self.term(right)?);
        if let Operation::Add | Operation::Subtract = operation {
            let subtract = operation == Operation::Subtract;
            if let Some(sum) = self.time_sum(expression, &left_term, subtract, &right_term)? {
                return Ok(sum);
            }
        }
        let (left, right) = (self.operand(left, left_term)?, self.operand(right, right_term)?);
        let (Some(left), Some(right)) = (left, right) else {
            return Ok(Term::Literal(Literal::Null));
        };
        let bound = Arithmetic::new(left, operation, right, shown(expression));
        let too_long = "the result would have more than 76 decimal places";
        let bound = bound.ok_or_else(|| self.error(expression, too_long))?;
        Ok(Term::Node(Node::Arithmetic(Box::new(bound))))
    }

    /// A number operand; None for null.
    fn operand(&self, expression: &Expr, term: Term) -> Result<Option<Node>> {
        let node = into_node(term);
        match Kind::of(node.data_type()) {
            Kind::Null => Ok(None),
            kind if kind.is_number() => Ok(Some(node)),
            _ => {
                let what = describe(node.data_type());
                Err(self.error(expression, format!("a number is expected here, not {what}")))
            }
        }
    }
}
