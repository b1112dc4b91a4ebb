//! Binds function calls, including those with a syntax of their own (`EXTRACT`, `list[1]`).

use super::binder::{Binder, Term, into_node, once_per_stored_value};
use super::choices::plain_arguments;
use crate::error::Result;
use crate::expression::evaluate::literal_placement::{Place, place_literal};
use crate::expression::evaluate::node::Node;
use crate::expression::functions::aggregate_table::find_aggregate;
use crate::expression::functions::function::{CallError, Function};
use crate::expression::functions::{find, key_type, similar};
use crate::expression::syntax::error_place::shown;
use crate::expression::syntax::tokens::is_left_out;
use crate::expression::values::lists::element_type;
use crate::expression::values::value_reader;
use crate::text::{did_you_mean, escaped};
use arrow::array::{Int64Array, StringArray};
use arrow::datatypes::DataType;
use sqlparser::ast::{
    AccessExpr, BinaryOperator, CeilFloorKind, DateTimeField, Expr, Function as Call, FunctionArg,
    FunctionArgExpr, FunctionArguments, Subscript, TrimWhereField,
};
use std::sync::Arc;

/// Rounds a number, and not to a part of time.
const WHOLE: CeilFloorKind = CeilFloorKind::DateTimeField(DateTimeField::NoDateTime);

impl Binder<'_> {
    /// `name(argument, …)`.
    pub(crate) fn call(&mut self, expression: &Expr, call: &Call) -> Result<Term> {
        let name = call.name.to_string();
        if name.eq_ignore_ascii_case("mod")
            && let [left, right] = &plain_arguments(call)[..]
        {
            return self.binary(expression, left, &BinaryOperator::Modulo, right);
        }
        let function = self.function(expression, &name)?;
        let plain = call.filter.is_none()
            && call.over.is_none()
            && call.null_treatment.is_none()
            && call.within_group.is_empty()
            && matches!(call.parameters, FunctionArguments::None);
        let list = match &call.args {
            FunctionArguments::List(list) if plain => list,
            _ => return Err(self.error(expression, usage(function))),
        };
        if list.duplicate_treatment.is_some() || !list.clauses.is_empty() {
            return Err(self.error(expression, usage(function)));
        }
        let mut arguments = Vec::with_capacity(list.args.len());
        for argument in &list.args {
            match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(argument)) => arguments.push(argument),
                _ => return Err(self.error(expression, usage(function))),
            }
        }
        self.apply(expression, function, &arguments)
    }

    /// Functions for which the grammar has a syntax of its own; there is no other expression.
    pub(crate) fn special_call(&mut self, expression: &Expr) -> Result<Term> {
        match expression {
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                let rest = substring_from.iter().chain(substring_for).map(|part| &**part);
                let arguments: Vec<&Expr> = std::iter::once(&**expr).chain(rest).collect();
                self.apply_named(expression, "substr", &arguments)
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters } => {
                let name = match trim_where {
                    Some(TrimWhereField::Leading) => "ltrim",
                    Some(TrimWhereField::Trailing) => "rtrim",
                    _ => "trim",
                };
                let listed = trim_characters.iter().flatten();
                let arguments: Vec<&Expr> =
                    std::iter::once(&**expr).chain(trim_what.as_deref()).chain(listed).collect();
                self.apply_named(expression, name, &arguments)
            }
            Expr::Ceil { expr, field: WHOLE } => self.apply_named(expression, "ceil", &[expr]),
            Expr::Floor { expr, field: WHOLE } => self.apply_named(expression, "floor", &[expr]),
            Expr::Ceil { .. } => Err(self.error(expression, "usage: ceil(number)")),
            Expr::Floor { .. } => Err(self.error(expression, "usage: floor(number)")),
            Expr::CompoundFieldAccess { root, access_chain } => {
                self.access(expression, root, access_chain)
            }
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
                Err(self.error(expression, "subqueries are not supported"))
            }
            _ => Err(self.error(expression, "this is not supported in an expression")),
        }
    }

    /// `list[1]`, `struct['field']`, `(struct).field`, and chains of these.
    fn access(&mut self, expression: &Expr, root: &Expr, chain: &[AccessExpr]) -> Result<Term> {
        let (mut node, rest) = match root {
            Expr::Identifier(name) => {
                // In `a.b[1]`, the leading names belong together.
                let mut parts = vec![name.clone()];
                parts.extend(chain.iter().map_while(|access| match access {
                    AccessExpr::Dot(Expr::Identifier(name)) => Some(name.clone()),
                    _ => None,
                }));
                let rest = &chain[parts.len() - 1..];
                (into_node(self.column(&parts)?), rest)
            }
            other => (into_node(self.term(other)?), chain),
        };
        for access in rest {
            let (place, key) = match access {
                AccessExpr::Dot(field @ Expr::Identifier(name)) => {
                    (field, Node::Constant(Arc::new(StringArray::from(vec![name.value.as_str()]))))
                }
                AccessExpr::Subscript(Subscript::Index { index }) => {
                    let term = self.term(index)?;
                    (index, self.fitting(index, term, key_type(node.data_type()))?)
                }
                AccessExpr::Subscript(Subscript::Slice { lower_bound, upper_bound, stride }) => {
                    let bounds = [lower_bound, upper_bound, stride];
                    let bounds = bounds.map(|bound| bound.as_ref().filter(|b| !is_left_out(b)));
                    node = self.slice(expression, node, bounds)?;
                    continue;
                }
                _ => {
                    let message = "write list[number], list[from:to], map[key] or struct['field']";
                    return Err(self.error(expression, message));
                }
            };
            let name = match node.data_type() {
                DataType::Struct(_) => "struct_extract",
                DataType::Map(..) => "map_extract_value",
                _ => "array_extract",
            };
            let call = self.bound_call(expression, name, vec![node, key], &[None, Some(place)])?;
            node = once_per_stored_value(call, self.schema);
        }
        Ok(Term::Node(node))
    }

    /// `list[from:to:step]`; an omitted bound is the end of the list on its side.
    fn slice(&mut self, expression: &Expr, list: Node, bounds: [Option<&Expr>; 3]) -> Result<Node> {
        let step = bounds[2].map(|step| self.term(step).map(into_node)).transpose()?;
        // A negative step runs from the end to the front.
        let is_backwards = match &step {
            Some(Node::Constant(step)) => {
                value_reader::integers(step).is_some_and(|step| step(0) < 0)
            }
            _ => false,
        };
        let defaults = if is_backwards { [-1, 1] } else { [1, -1] };
        let mut arguments = vec![list];
        for (bound, default) in bounds.iter().zip(defaults) {
            arguments.push(match bound {
                Some(bound) => into_node(self.term(bound)?),
                None => Node::Constant(Arc::new(Int64Array::from(vec![default]))),
            });
        }
        arguments.extend(step);
        let places = [None, bounds[0], bounds[1], bounds[2]];
        let call = self.bound_call(expression, "list_slice", arguments, &places)?;
        Ok(once_per_stored_value(call, self.schema))
    }

    pub(crate) fn apply_named(
        &mut self,
        expression: &Expr,
        name: &str,
        list: &[&Expr],
    ) -> Result<Term> {
        self.apply(expression, self.function(expression, name)?, list)
    }

    fn function(&self, expression: &Expr, name: &str) -> Result<&'static Function> {
        find(name).ok_or_else(|| {
            let in_another = self.is_in_aggregate && find_aggregate(name).is_some();
            let nested = || format!("{name} cannot be an argument of another aggregate");
            let message = in_another.then(nested).or_else(|| self.unknown_aggregate(name));
            let of_groups =
                if self.groups.is_some() { ", stream-aggregate those of groups" } else { "" };
            self.error(expression, message.unwrap_or_else(|| unknown(name) + of_groups))
        })
    }

    /// A call with bound arguments; an error points at the argument's place, if it has one.
    pub(crate) fn bound_call(
        &self,
        expression: &Expr,
        name: &str,
        arguments: Vec<Node>,
        places: &[Option<&Expr>],
    ) -> Result<Node> {
        let call = self.function(expression, name)?.call(arguments, shown(expression));
        let call = call.map_err(|CallError { argument, message }| {
            let place = argument.and_then(|argument| *places.get(argument)?);
            self.error(place.unwrap_or(expression), message)
        })?;
        Ok(Node::Call(Box::new(call)))
    }

    fn apply(
        &mut self,
        expression: &Expr,
        function: &'static Function,
        list: &[&Expr],
    ) -> Result<Term> {
        let mut arguments = Vec::with_capacity(list.len());
        if let "greatest" | "least" = function.names[0]
            && !list.is_empty()
        {
            arguments = self.in_one_type(list, function.names[0])?.0;
        } else {
            let joins = matches!(function.names[0], "concat" | "concat_ws");
            for (place, argument) in list.iter().enumerate() {
                let term = self.term(argument)?;
                let list = arguments.first().filter(|_| function.takes_any(place));
                let element = list.and_then(|list| element_type(list.data_type()));
                let node = self.fitting(argument, term, element)?;
                arguments.push(if joins { self.with_uuid_as_text(node, argument) } else { node });
            }
        }
        let call = function.call(arguments, shown(expression)).map_err(
            |CallError { argument, message }| {
                let place =
                    argument.and_then(|place| list.get(place).copied()).unwrap_or(expression);
                self.error(place, message)
            },
        )?;
        Ok(Term::Node(Node::Call(Box::new(call))))
    }
}

impl Binder<'_> {
    /// A literal takes the type of a map's keys or of the elements of a list in which it is
    /// searched for, if that type has the value.
    fn fitting(&self, argument: &Expr, term: Term, part: Option<&DataType>) -> Result<Node> {
        if let (Term::Literal(literal), Some(part)) = (&term, part)
            && let Some(Place::At { value, exact: true }) =
                place_literal(literal, part).map_err(|error| self.placed(argument, error))?
        {
            return Ok(Node::Constant(value));
        }
        Ok(into_node(term))
    }
}

fn usage(function: &Function) -> String {
    format!("usage: {}", function.signature)
}

fn unknown(name: &str) -> String {
    let of_many_rows = match name.to_ascii_lowercase().as_str() {
        "min" => "use least(a, b) for columns, stream-aggregate for rows",
        "max" => "use greatest(a, b) for columns, stream-aggregate for rows",
        "row_number" | "rank" | "lag" | "lead" => "pipe the stream to DuckDB or Polars",
        lower if find_aggregate(lower).is_some() => "use stream-aggregate",
        _ => "",
    };
    if let "unnest" | "generate_subscripts" = &*name.to_ascii_lowercase() {
        return format!(
            "{name} can only be a whole item of stream-select's list; compute with its elements in \
             a second stream-select"
        );
    }
    if !of_many_rows.is_empty() {
        return format!(
            "{name} works on many rows, but an expression sees only one; {of_many_rows}"
        );
    }
    if let "now" | "today" | "random" | "uuid" = name.to_ascii_lowercase().as_str() {
        let why = "the same rows must always give the same result";
        return format!("unknown function \"{name}\": {why}; let the shell insert the value");
    }
    let hint = did_you_mean(similar(name));
    format!("unknown function \"{}\"{hint}; stream-select --functions lists all", escaped(name))
}
