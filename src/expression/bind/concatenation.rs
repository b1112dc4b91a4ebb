//! Binds `||`.

use super::binder::{Binder, Term, into_node};
use crate::error::Result;
use crate::expression::evaluate::cast::Conversion;
use crate::expression::evaluate::concatenate::Concatenation;
use crate::expression::evaluate::node::Node;
use crate::expression::syntax::error_place::shown;
use crate::expression::syntax::parse::chain;
use crate::expression::values::kind::{Kind, describe};
use crate::expression::values::lists::{NOT_CONCATENATED, element_type};
use arrow::array::new_null_array;
use arrow::datatypes::DataType;
use sqlparser::ast::{BinaryOperator, Expr};

impl Binder<'_> {
    /// A chain of `||` of any length. Other types except lists are converted to text, unless all
    /// operands are binary.
    pub(crate) fn concatenation(&mut self, expression: &Expr) -> Result<Term> {
        let mut operands = Vec::new();
        for operand in chain(expression, &BinaryOperator::StringConcat) {
            let node = into_node(self.term(operand)?);
            if element_type(node.data_type()).is_some() {
                return Err(self.error(operand, NOT_CONCATENATED));
            }
            let node = self.with_uuid_as_text(node, operand);
            operands.push((operand, node));
        }
        let any = |wanted: &[DataType]| {
            operands.iter().any(|(_, node)| wanted.contains(node.data_type()))
        };
        let binary = operands
            .iter()
            .all(|(_, node)| matches!(Kind::of(node.data_type()), Kind::Binary | Kind::Null))
            && operands.iter().any(|(_, node)| Kind::of(node.data_type()) == Kind::Binary);
        let large = any(&[DataType::LargeUtf8, DataType::LargeBinary]);
        let data_type = match (binary, large) {
            (true, true) => DataType::LargeBinary,
            (true, false) => DataType::Binary,
            (false, true) => DataType::LargeUtf8,
            (false, false) => DataType::Utf8,
        };
        if operands.iter().any(|(_, node)| Kind::of(node.data_type()) == Kind::Null) {
            let null = new_null_array(&data_type, 1);
            return Ok(Term::Node(Node::Constant(null)));
        }
        let wanted = if binary { Kind::Binary } else { Kind::Text };
        let nodes = operands
            .into_iter()
            .map(|(operand, node)| self.joined(operand, node, wanted))
            .collect::<Result<_>>()?;
        let joined = Concatenation { operands: nodes, data_type, text: shown(expression) };
        Ok(Term::Node(Node::Concatenate(Box::new(joined))))
    }

    fn joined(&self, expression: &Expr, operand: Node, wanted: Kind) -> Result<Node> {
        let from = operand.data_type();
        match Kind::of(from) {
            kind if kind == wanted => Ok(operand),
            _ if Conversion::is_possible(from, &DataType::Utf8) => {
                Ok(Conversion::exact(operand, DataType::Utf8, expression))
            }
            _ => {
                let what = describe(from);
                Err(self.error(expression, format!("|| needs text, but this is {what}")))
            }
        }
    }
}
