//! Expressions over groups: keys, and calls of functions of many rows.
//!
//! Such an expression is bound twice. First every call is bound to the columns of the rows and
//! stands for a null of its type, so that all calls and their types are known. Then keys and calls
//! are columns of the schema of groups: the keys, followed by the results of the calls.

use super::aggregate_call::{called, hint};
use super::binder::{Binder, Term};
use super::group_scope::GroupScope;
use crate::error::Result;
use crate::expression::evaluate::cast::FinerTime;
use crate::expression::evaluate::node::{Column, Node};
use crate::expression::syntax::name::own_names;
use crate::expression::values::kind::plain_type;
use crate::text::escaped;
use arrow::array::new_null_array;
use sqlparser::ast::{Expr, Ident};

impl Binder<'_> {
    /// The key or the call that an expression over groups is; `None` if it is neither.
    ///
    /// # Errors
    /// A column of the rows that is neither.
    pub(crate) fn of_groups(&mut self, expression: &Expr) -> Result<Option<Term>> {
        let Some(scope) = self.groups else { return Ok(None) };
        if let Some((call, aggregate)) = called(expression) {
            let text = expression.to_string();
            let place = match scope.place(&text) {
                Some(place) => place,
                None => {
                    let finer_time = FinerTime::Refused("use date_trunc");
                    let mut rows = Binder::new(self.source, scope.rows, finer_time);
                    rows.is_in_aggregate = true;
                    let bound = rows.aggregate(expression, call, aggregate)?;
                    let mut calls = scope.calls.borrow_mut();
                    calls.push(bound);
                    calls.len() - 1
                }
            };
            let data_type = scope.calls.borrow()[place].result.clone();
            return Ok(Some(Term::Node(if scope.is_complete {
                let index = scope.keys.len() + place;
                Node::Column(Column { index, path: Vec::new(), data_type })
            } else {
                Node::Constant(new_null_array(&data_type, 1))
            })));
        }
        if matches!(expression, Expr::Value(_) | Expr::Nested(_)) {
            return Ok(None);
        }
        if let Some(place) = self.key(expression) {
            let data_type = plain_type(self.schema.field(place).data_type()).clone();
            let column = Column { index: place, path: Vec::new(), data_type };
            return Ok(Some(Term::Node(Node::Column(column))));
        }
        let names = match expression {
            Expr::Identifier(name) => std::slice::from_ref(name),
            Expr::CompoundIdentifier(names) => names,
            _ => return Ok(None),
        };
        if let [name] = names
            && self.exact_column(&name.value).is_none()
            && let Some((_, named)) = scope.named.iter().find(|(known, _)| *known == name.value)
        {
            return self.term(named).map(Some);
        }
        self.refuse_column(scope, names).map(|()| None)
    }

    /// The key that an expression over groups is, as its column.
    pub(crate) fn key(&self, expression: &Expr) -> Option<usize> {
        let scope = self.groups?;
        let text = scope.text(expression);
        scope.keys.iter().position(|key| *key == text)
    }

    /// The key that an item of a list over groups is: an expression of `--by` or its name.
    pub(crate) fn key_of_item(&self, expression: &Expr) -> Option<usize> {
        let scope = self.groups?;
        let named = match expression {
            Expr::Identifier(name) => own_names(std::slice::from_ref(name), self.schema),
            _ => None,
        };
        let of_name = |names: Vec<String>| self.exact_column(names.first()?);
        let named = named.and_then(of_name).filter(|place| *place < scope.keys.len());
        named.or_else(|| self.key(expression))
    }

    /// A column of the rows has many values in a group.
    fn refuse_column(&self, scope: &GroupScope<'_>, names: &[Ident]) -> Result<()> {
        let is_key = own_names(names, self.schema).is_some();
        if is_key || own_names(names, scope.rows).is_none() {
            return Ok(());
        }
        let name: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
        let name = escaped(&name.join("."));
        Err(self.source.error_at(
            names[0].span,
            format!("\"{name}\" is neither in --by nor inside an aggregate; try any_value({name})"),
        ))
    }

    /// The error for a function that does not exist, if it may be one of many rows.
    pub(crate) fn unknown_aggregate(&self, name: &str) -> Option<String> {
        self.groups?;
        let hint = Some(hint(name)).filter(|hint| !hint.is_empty())?;
        let name = escaped(name);
        Some(format!("unknown function \"{name}\"{hint}; stream-aggregate --functions lists all"))
    }
}
