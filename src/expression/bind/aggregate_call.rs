//! Binds calls of functions of many rows, which stand in expressions over groups.

use super::binder::{Binder, Term, into_node};
use super::group_scope::{BoundAggregate, OrderTerm, Parameter};
use crate::error::Result;
use crate::expression::evaluate::cast::Conversion;
use crate::expression::evaluate::literal_placement::Literal;
use crate::expression::functions::aggregate::AggregateFunction as F;
use crate::expression::functions::aggregate_table::{
    Aggregate, find_aggregate, similar_aggregates,
};
use crate::expression::values::kind::Kind;
use crate::text::did_you_mean;
use arrow::datatypes::{DataType, i256};
use sqlparser::ast::{
    DuplicateTreatment, Expr, Function as Call, FunctionArg, FunctionArgExpr,
    FunctionArgumentClause, FunctionArgumentList, FunctionArguments, OrderByExpr, OrderBySort,
};

/// The length of a list of smallest or largest values is below this, as in DuckDB.
const MOST_VALUES: usize = 1_000_000;

impl Binder<'_> {
    /// Binds a call to the columns of the rows, which are those of this binder.
    pub(crate) fn aggregate(
        &mut self,
        expression: &Expr,
        call: &Call,
        aggregate: &Aggregate,
    ) -> Result<BoundAggregate> {
        let usage = || self.error(expression, format!("usage: {}", aggregate.signature));
        if call.over.is_some() {
            return Err(self.error(expression, "window functions are not supported"));
        }
        let list = match &call.args {
            FunctionArguments::List(list)
                if call.within_group.is_empty() && call.null_treatment.is_none() =>
            {
                list
            }
            _ => return Err(usage()),
        };
        let (function, list_arguments) = arguments(aggregate, list).ok_or_else(usage)?;
        let (least, _) = aggregate.arguments;
        let is_one = list_arguments.len() <= least;
        let function = function.of_several().filter(|_| !is_one).unwrap_or(function);
        let order = order_of(list).ok_or_else(usage)?;
        let (parameter, list_arguments) = self.parameter(function, &list_arguments)?;
        let mut nodes = Vec::with_capacity(list_arguments.len());
        for argument in &list_arguments {
            nodes.push(self.term(argument).map(into_node)?);
        }
        let given: Vec<DataType> = nodes.iter().map(|node| node.data_type().clone()).collect();
        // A median of texts is one of them, as in DuckDB.
        let function = match (function, given.first().map(Kind::of)) {
            (F::QuantileBetween, Some(Kind::Text | Kind::Binary)) => F::QuantileOf,
            _ => function,
        };
        let (types, result) = function.types(&given).map_err(|(place, message)| {
            self.error(list_arguments.get(place).copied().unwrap_or(expression), message)
        })?;
        let converted = nodes.into_iter().zip(types).zip(&list_arguments);
        let arguments = converted.map(|((node, to), argument)| {
            if *node.data_type() == to { node } else { Conversion::exact(node, to, argument) }
        });
        let arguments = arguments.collect();
        let filter = call.filter.as_ref().map(|filter| self.condition(filter)).transpose()?;
        let order = order.into_iter().map(|term| self.order_term(term)).collect::<Result<_>>()?;
        let is_distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
        let text = expression.to_string();
        Ok(BoundAggregate {
            function,
            arguments,
            is_distinct,
            filter,
            order,
            parameter,
            result,
            text,
        })
    }

    /// The constant of a call, and the other arguments.
    fn parameter<'a>(
        &mut self,
        function: F,
        arguments: &[&'a Expr],
    ) -> Result<(Parameter, Vec<&'a Expr>)> {
        if let (
            F::Smallest | F::Largest | F::ArgumentsOfSmallest | F::ArgumentsOfLargest,
            [values @ .., most],
        ) = (function, arguments)
        {
            return Ok((Parameter::Most(self.most(most)?), values.to_vec()));
        }
        let constant = arguments.get(1).copied();
        let is_quantile =
            matches!(function, F::QuantileBetween | F::QuantileOf | F::QuantileEstimate);
        let parameter = match (function, constant) {
            (_, None) if is_quantile => Parameter::Share(0.5),
            (_, Some(share)) if is_quantile => {
                let number = match self.term(share)? {
                    Term::Literal(Literal::Number(number)) => Some(number.to_f64()),
                    _ => None,
                };
                let number = number.filter(|number| (0.0..=1.0).contains(number));
                let message = || self.error(share, "a number from 0 to 1 is expected here");
                Parameter::Share(number.ok_or_else(message)?)
            }
            (F::Join, None) => Parameter::Separator(",".to_owned()),
            (F::Join, Some(separator)) => match self.term(separator)? {
                Term::Literal(Literal::Text(text)) => Parameter::Separator(text),
                _ => return Err(self.error(separator, "a text in quotes is expected here")),
            },
            _ => return Ok((Parameter::None, arguments.to_vec())),
        };
        Ok((parameter, arguments[..1].to_vec()))
    }

    /// The most values of a list.
    fn most(&mut self, number: &Expr) -> Result<usize> {
        let most = match self.term(number)? {
            Term::Literal(Literal::Number(number)) => {
                number.is_integer().then(|| number.rounded(0)).flatten()
            }
            _ => None,
        };
        let most = most.and_then(i256::to_i128).and_then(|most| usize::try_from(most).ok());
        let most = most.filter(|most| (1..MOST_VALUES).contains(most));
        most.ok_or_else(|| self.error(number, "a whole number from 1 to 999999 is expected here"))
    }

    fn order_term(&mut self, term: &OrderByExpr) -> Result<OrderTerm> {
        let node = self.term(&term.expr).map(into_node)?;
        let descending = term.options.sort == Some(OrderBySort::Desc);
        Ok(OrderTerm { node, descending, nulls_first: term.options.nulls_first == Some(true) })
    }
}

/// The function of many rows that an expression calls, if it is such a call.
pub(crate) fn called(expression: &Expr) -> Option<(&Call, &'static Aggregate)> {
    let Expr::Function(call) = expression else { return None };
    Some((call, find_aggregate(&call.name.to_string())?))
}

/// The hint for a function that does not exist.
pub(crate) fn hint(name: &str) -> String {
    did_you_mean(similar_aggregates(name))
}

/// The arguments of a call, if their number is right.
fn arguments<'a>(
    aggregate: &Aggregate,
    list: &'a FunctionArgumentList,
) -> Option<(F, Vec<&'a Expr>)> {
    let is_count = aggregate.function == F::Count;
    if let (true, [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)] | [], None) =
        (is_count, &list.args[..], list.duplicate_treatment)
    {
        return Some((F::CountRows, Vec::new()));
    }
    let argument = |argument: &'a FunctionArg| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => Some(argument),
        _ => None,
    };
    let arguments: Vec<&Expr> = list.args.iter().map(argument).collect::<Option<_>>()?;
    let (least, most) = aggregate.arguments;
    let is_right = !arguments.is_empty() && (least..=most).contains(&arguments.len());
    is_right.then_some((aggregate.function, arguments))
}

/// The terms of the `ORDER BY` in a call; `None` if it has another clause.
fn order_of(list: &FunctionArgumentList) -> Option<Vec<&OrderByExpr>> {
    let mut terms = Vec::new();
    for clause in &list.clauses {
        match clause {
            FunctionArgumentClause::OrderBy(order) => terms.extend(order),
            _ => return None,
        }
    }
    Some(terms)
}
