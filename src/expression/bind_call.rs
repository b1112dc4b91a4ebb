//! Binds calls of functions, also those with a syntax of their own (`EXTRACT`, `list[1]`).

use super::bind::{Binder, Term};
use super::bind_compare::into_node;
use super::bind_value::shown;
use super::functions::{Function, Wrong, find, similar};
use super::node::Node;
use crate::error::Result;
use crate::text::escaped;
use sqlparser::ast::{
    Expr, Function as Call, FunctionArg, FunctionArgExpr, FunctionArguments, TrimWhereField,
};

impl Binder<'_> {
    /// `name(argument, …)`.
    pub(super) fn call(&mut self, expression: &Expr, call: &Call) -> Result<Term> {
        let name = call.name.to_string();
        let Some(function) = find(&name) else {
            return Err(self.error(expression, unknown(&name)));
        };
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

    /// Functions whose arguments the grammar knows by words.
    pub(super) fn special_call(&mut self, expression: &Expr) -> Result<Term> {
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
            _ => Err(self.error(expression, "this is not supported in an expression")),
        }
    }

    fn apply_named(&mut self, expression: &Expr, name: &str, list: &[&Expr]) -> Result<Term> {
        match find(name) {
            Some(function) => self.apply(expression, function, list),
            None => Err(self.error(expression, unknown(name))),
        }
    }

    fn apply(
        &mut self,
        expression: &Expr,
        function: &'static Function,
        list: &[&Expr],
    ) -> Result<Term> {
        let mut arguments = Vec::with_capacity(list.len());
        for argument in list {
            arguments.push(into_node(self.term(argument)?));
        }
        let call = function.call(arguments, shown(expression)).map_err(
            |Wrong { argument, message }| {
                let place =
                    argument.and_then(|place| list.get(place).copied()).unwrap_or(expression);
                self.error(place, message)
            },
        )?;
        Ok(Term::Node(Node::Call(Box::new(call))))
    }
}

fn usage(function: &Function) -> String {
    format!("the function is called as {}", function.signature)
}

fn unknown(name: &str) -> String {
    if let "count" | "sum" | "avg" | "min" | "max" | "median" | "any_value" =
        name.to_ascii_lowercase().as_str()
    {
        return format!("{name} is about many rows, and an expression looks at one");
    }
    let near = similar(name);
    let hint = match near.is_empty() {
        true => String::new(),
        false => format!("; similar: {}", near.join(", ")),
    };
    format!("no function \"{}\"{hint}", escaped(name))
}
