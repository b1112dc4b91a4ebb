//! Binds `CASE`, `COALESCE` and `NULLIF`, whose operands are converted to a common type.

use super::binder::{Binder, Term, default_constant};
use super::literals::cast_text;
use crate::error::Result;
use crate::expression::evaluate::case::{Case, Choice};
use crate::expression::evaluate::cast::Conversion;
use crate::expression::evaluate::compare::Operator;
use crate::expression::evaluate::literal_placement::{Literal, Place, place_literal};
use crate::expression::evaluate::node::Node;
use crate::expression::evaluate::uuid::is_uuid;
use crate::expression::values::common_type::{common_type, decimal_type};
use crate::expression::values::kind::{Kind, describe};
use arrow::array::new_null_array;
use arrow::datatypes::DataType;
use sqlparser::ast::{
    CaseWhen, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Spanned,
};
use sqlparser::tokenizer::Span;

impl Binder<'_> {
    /// Both forms of `CASE`.
    pub(crate) fn case(&mut self, expression: &Expr) -> Result<Node> {
        let Expr::Case { operand, conditions, else_result, .. } = expression else {
            return Err(self.error(expression, "CASE is expected here"));
        };
        let otherwise = else_result.as_deref();
        let mut tests = Vec::with_capacity(conditions.len());
        for CaseWhen { condition, .. } in conditions {
            tests.push(match operand {
                Some(operand) => self.comparison(operand, Operator::Equal, condition)?,
                None => self.condition(condition)?,
            });
        }
        let results = conditions.iter().map(|branch| &branch.result).chain(otherwise);
        let (mut values, data_type) = self.in_one_type(&results.collect::<Vec<_>>(), "CASE")?;
        let otherwise = otherwise.and_then(|_| values.pop());
        let branches = tests.into_iter().zip(values).collect();
        Ok(case_node(Choice::Case { branches, otherwise }, data_type))
    }

    /// `COALESCE`, `IFNULL`, `NULLIF` and `IF`; None for any other function.
    pub(crate) fn choosing_call(&mut self, call: &Function) -> Result<Option<Node>> {
        let name = call.name.to_string().to_ascii_lowercase();
        let arguments = plain_arguments(call);
        Ok(Some(match (name.as_str(), &arguments[..]) {
            ("coalesce", [_, ..]) | ("ifnull", [_, _]) => {
                let (nodes, data_type) = self.in_one_type(&arguments, "COALESCE")?;
                case_node(Choice::Coalesce(nodes), data_type)
            }
            ("nullif", [operand, other]) => self.null_if(operand, other)?,
            ("if", [condition, yes, no]) => {
                let test = self.condition(condition)?;
                let (mut values, data_type) = self.in_one_type(&[yes, no], "IF")?;
                let otherwise = values.pop();
                let branches = values.into_iter().map(|value| (test.clone(), value)).collect();
                case_node(Choice::Case { branches, otherwise }, data_type)
            }
            ("coalesce" | "ifnull" | "nullif" | "if", _) => {
                let usage = "usage: COALESCE(a, b, ...), IFNULL(a, b), NULLIF(a, b), \
                             IF(condition, a, b)";
                let place = call.name.0.first().map_or_else(Span::empty, Spanned::span);
                return Err(self.source.error_at(place, usage));
            }
            _ => return Ok(None),
        }))
    }

    /// `CASE WHEN a = b THEN NULL ELSE a END`.
    fn null_if(&mut self, operand: &Expr, other: &Expr) -> Result<Node> {
        let equal = self.comparison(operand, Operator::Equal, other)?;
        let (mut values, data_type) = self.in_one_type(&[operand], "NULLIF")?;
        let null = Node::Constant(new_null_array(&data_type, 1));
        let choice = Choice::Case { branches: vec![(equal, null)], otherwise: values.pop() };
        Ok(case_node(choice, data_type))
    }

    /// Binds operands and converts them to the common type of the columns, to which literals are
    /// fitted. `what` names the construct in messages.
    pub(crate) fn in_one_type(
        &mut self,
        operands: &[&Expr],
        what: &str,
    ) -> Result<(Vec<Node>, DataType)> {
        let mut terms = Vec::with_capacity(operands.len());
        for operand in operands {
            terms.push((*operand, self.term(operand)?));
        }
        let mut common = DataType::Null;
        for (operand, term) in &terms {
            if let Term::Node(node) = term {
                common = self.meet(operand, &common, node.data_type(), what)?;
            }
        }
        for (operand, term) in &terms {
            if let Term::Literal(literal) = term {
                common = self.meet_literal(operand, common, literal, what)?;
            }
        }
        let uuid = |(_, term): &'_ (&Expr, Term)| match term {
            Term::Node(node) if is_uuid(node, self.schema) => Some(node.clone()),
            _ => None,
        };
        if let Some(uuid) = terms.iter().find_map(uuid) {
            for (operand, term) in &terms {
                if let Term::Literal(literal) = term {
                    self.check_uuid(&uuid, literal, operand)?;
                }
            }
        }
        let nodes = terms.into_iter().map(|(operand, term)| match term {
            Term::Literal(literal) => self.fitted(operand, &literal, &common),
            Term::Node(node) if node.data_type() == &common => Ok(node),
            Term::Node(node) if node.data_type() == &DataType::Null => {
                Ok(Node::Constant(new_null_array(&common, 1)))
            }
            Term::Node(node) => Ok(Conversion::exact(node, common.clone(), operand)),
        });
        Ok((nodes.collect::<Result<_>>()?, common))
    }

    fn meet(
        &self,
        operand: &Expr,
        common: &DataType,
        data_type: &DataType,
        what: &str,
    ) -> Result<DataType> {
        common_type(common, data_type).ok_or_else(|| {
            let (first, this) = (describe(common), describe(data_type));
            let message = format!("{what} mixes {first} and {this}; CAST one of them");
            self.error(operand, message)
        })
    }

    /// A literal widens the type only if it is a number that the type does not have.
    fn meet_literal(
        &self,
        operand: &Expr,
        common: DataType,
        literal: &Literal,
        what: &str,
    ) -> Result<DataType> {
        let own = || default_constant(literal).data_type().clone();
        match (literal, Kind::of(&common)) {
            (Literal::Null, _) => Ok(common),
            (_, Kind::Null) => Ok(own()),
            (Literal::Number(_), Kind::Float) => Ok(common),
            (Literal::Number(_), Kind::Integer) => match place_literal(literal, &common)? {
                Some(Place::At { exact: true, .. }) => Ok(common),
                _ => self.meet(operand, &common, &own(), what),
            },
            (Literal::Number(number), Kind::Decimal) if !number.scientific => {
                let (precision, scale) = number.precision_and_scale();
                let exact = i16::try_from(precision).ok().zip(i16::try_from(scale).ok());
                let exact = exact.and_then(|(digits, scale)| decimal_type(digits, scale));
                self.meet(operand, &common, &exact.unwrap_or_else(own), what)
            }
            (Literal::Text(_), _) => Ok(common),
            (Literal::Number(_) | Literal::Instant(_), _) => {
                self.meet(operand, &common, &own(), what)
            }
        }
    }

    /// A literal as a constant of the common type.
    fn fitted(&self, operand: &Expr, literal: &Literal, to: &DataType) -> Result<Node> {
        if literal == &Literal::Null {
            return Ok(Node::Constant(new_null_array(to, 1)));
        }
        let place = place_literal(literal, to).map_err(|error| self.placed(operand, error))?;
        let value = match (place, literal) {
            (Some(place @ Place::At { exact: true, .. }), Literal::Text(text)) => {
                cast_text(Some(place), text, to, false)?
            }
            (Some(Place::At { value, exact: true }), _) => Some(value),
            _ => None,
        };
        match value {
            Some(value) if value.data_type() == to => Ok(Node::Constant(value)),
            _ => Err(self.error(operand, format!("this is not a value of type {}", describe(to)))),
        }
    }
}

fn case_node(choice: Choice, data_type: DataType) -> Node {
    Node::Case(Box::new(Case { choice, data_type }))
}

/// The arguments of a call without named arguments and clauses; empty if it has any.
pub(crate) fn plain_arguments(call: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &call.args else { return Vec::new() };
    let plain = call.over.is_none() && call.filter.is_none() && list.clauses.is_empty();
    let argument = |argument| match argument {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expression)) if plain => Some(expression),
        _ => None,
    };
    list.args.iter().map(argument).collect::<Option<_>>().unwrap_or_default()
}
