//! Lists over groups, such as follow `SELECT` in a query with `GROUP BY`.

use super::aggregate_inputs::{Aggregation, inputs};
use super::binder::Binder;
use super::group_scope::GroupScope;
use super::predicate::Predicate;
use super::select_items::{Binding, refuse_doubles};
use super::select_list::SelectList;
use crate::error::{Error, Result};
use crate::expression::evaluate::cast::FinerTime;
use crate::expression::syntax::error_place::Source;
use crate::expression::syntax::output_name::output_name;
use crate::expression::syntax::parse::parse_over_groups;
use crate::expression::syntax::parse_list::{Item, parse_list, parse_list_over_groups};
use crate::expression::values::kind::plain_type;
use crate::schema::plain_field;
use arrow::array::RecordBatch;
use arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use sqlparser::ast::Expr;
use std::cell::RefCell;
use std::sync::Arc;

/// A list over groups, bound to the schema of the rows.
///
/// Of each batch of rows, [`keys`](Self::keys) gives the keys and [`inputs`](Self::inputs) what the
/// aggregates need. Of the groups, as a batch of the [`group_schema`](Self::group_schema),
/// [`results`](Self::results) gives the result.
#[derive(Debug, Clone)]
pub struct AggregateList {
    keys: SelectList,
    inputs: SelectList,
    aggregates: Vec<Aggregation>,
    group_schema: SchemaRef,
    having: Option<Predicate>,
    results: SelectList,
    source: Arc<ListSource>,
}

/// The texts of a list and the schema that it was bound to, to bind it again.
#[derive(Debug)]
pub struct ListSource {
    /// The list.
    pub list: String,
    /// The keys.
    pub by: Option<String>,
    /// The condition on groups.
    pub having: Option<String>,
    /// The columns of the rows.
    pub rows: Schema,
}

impl AggregateList {
    /// Parses a list over groups and the list of their keys, and binds both to the columns of a
    /// schema. `having` is a condition on groups.
    ///
    /// The result has the keys that the list does not have, then the list.
    ///
    /// # Errors
    /// Exit status 2, with the text and a caret below the message: text that is not a list, unknown
    /// or ambiguous names, types that do not fit, a column that is neither a key nor aggregated,
    /// duplicate names in the result.
    pub fn bind(
        text: &str,
        by: Option<&str>,
        having: Option<&str>,
        schema: &Schema,
    ) -> Result<Self> {
        let (keys, key_texts) = bind_keys(by, schema).map_err(|e| e.with("--by"))?;
        let items = parse_list_over_groups(text)?;
        let condition = having.map(parse_over_groups).transpose();
        let condition = condition.map_err(|e| e.with("--having"))?;
        let calls = RefCell::default();
        let mut scope = GroupScope {
            rows: schema,
            keys: &key_texts,
            named: Vec::new(),
            calls,
            is_complete: false,
        };
        let key_schema = plain_keys(keys.schema());
        bind_items(text, &items, &key_schema, &scope)?;
        let named = named(&items);
        if let (Some(text), Some(condition)) = (having, &condition) {
            scope.named.clone_from(&named);
            bind_having(text, condition, &key_schema, &scope).map_err(|e| e.with("--having"))?;
        }
        let calls = scope.calls.borrow().clone();
        let results = calls.iter().enumerate().map(|(place, call)| {
            Arc::new(Field::new(format!("\u{1}{place}"), call.result.clone(), true))
        });
        let fields: Vec<_> = key_schema.fields().iter().cloned().chain(results).collect();
        let group_schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        scope.is_complete = true;
        scope.named.clear();
        let results = bind_items(text, &items, &group_schema, &scope)?;
        scope.named = named;
        let condition = having.zip(condition.as_ref()).map(|(text, condition)| {
            bind_having(text, condition, &group_schema, &scope).map_err(|e| e.with("--having"))
        });
        let condition = condition.transpose()?;
        let (inputs, aggregates) = inputs(&calls, schema);
        let source = ListSource {
            list: text.to_owned(),
            by: by.map(str::to_owned),
            having: having.map(str::to_owned),
            rows: schema.clone(),
        };
        let source = Arc::new(source);
        Ok(Self { keys, inputs, aggregates, group_schema, having: condition, results, source })
    }

    /// The texts and the schema that it was bound from.
    pub fn source(&self) -> &ListSource {
        &self.source
    }

    /// The keys of rows.
    pub fn keys(&self) -> &SelectList {
        &self.keys
    }

    /// The columns that the aggregates need of rows.
    pub fn inputs(&self) -> &SelectList {
        &self.inputs
    }

    /// The aggregates.
    pub fn aggregates(&self) -> &[Aggregation] {
        &self.aggregates
    }

    /// The columns of groups: the keys, then the results of the aggregates.
    pub fn group_schema(&self) -> &SchemaRef {
        &self.group_schema
    }

    /// The condition on groups.
    pub fn having(&self) -> Option<&Predicate> {
        self.having.as_ref()
    }

    /// The result for groups.
    pub fn results(&self) -> &SelectList {
        &self.results
    }

    /// The columns of the input that are read, ascending.
    pub fn columns(&self) -> Vec<usize> {
        let mut columns = [self.keys.columns(), self.inputs.columns()].concat();
        columns.sort_unstable();
        columns.dedup();
        columns
    }
}

impl SelectList {
    /// The results for a batch that holds the columns at `positions` of the schema, among them all
    /// that this list reads; its first row has the number `first` in messages.
    ///
    /// # Errors
    /// As [`evaluate_from`](Self::evaluate_from).
    pub fn evaluate_among(
        &self,
        batch: &RecordBatch,
        positions: &[usize],
        first: u64,
    ) -> Result<RecordBatch> {
        let place = |column: &usize| positions.binary_search(column).unwrap_or(usize::MAX);
        let places: Vec<usize> = self.columns().iter().map(place).collect();
        let batch = batch.project(&places).map_err(|e| Error::failed(e.to_string()))?;
        self.evaluate_from(&batch, first)
    }
}

/// The keys, and their texts in expressions.
fn bind_keys(by: Option<&str>, schema: &Schema) -> Result<(SelectList, Vec<String>)> {
    let Some(by) = by else { return Ok((SelectList::of(Vec::new(), schema), Vec::new())) };
    let keys = SelectList::bind(by, schema, false)?;
    let mut texts = Vec::new();
    for item in parse_list(by)? {
        match item {
            Item::Value { expression, .. } => texts.push(output_name(&expression, schema)),
            Item::Star { start, .. } => {
                return Err(Source::new(by).error(start, "name the columns"));
            }
        }
    }
    Ok((keys, texts))
}

/// The keys of groups: those of rows, without encodings.
fn plain_keys(keys: &Schema) -> Schema {
    let plain = |field: &FieldRef| {
        let field = plain_field(field).unwrap_or_else(|| Field::clone(field));
        let data_type = plain_type(field.data_type()).clone();
        field.with_data_type(data_type).with_nullable(true)
    };
    Schema::new(keys.fields().iter().map(plain).collect::<Vec<_>>())
}

fn binder<'a>(text: &'a str, schema: &'a Schema, scope: &'a GroupScope<'a>) -> Binder<'a> {
    let mut binder = Binder::new(Source::new(text), schema, FinerTime::Refused("use date_trunc"));
    binder.groups = Some(scope);
    binder
}

/// The list, preceded by the keys that it does not have.
fn bind_items(
    text: &str,
    items: &[Item],
    schema: &Schema,
    scope: &GroupScope<'_>,
) -> Result<SelectList> {
    let source = Source::new(text);
    let mut list = Binding { binder: binder(text, schema, scope), warnings: Vec::new() };
    let (mut named, mut listed) = (Vec::new(), Vec::new());
    for item in items {
        if let Item::Star { start, .. } = item {
            return Err(source.error(*start, "name the columns; those of --by come first anyway"));
        }
        if let Item::Value { expression, .. } = item {
            listed.extend(list.binder.key_of_item(expression));
        }
        named.extend(list.item(item)?);
    }
    let keys = (0..scope.keys.len()).filter(|key| !listed.contains(key));
    let mut all: Vec<_> = keys.map(|key| Binding::column(schema, key)).collect();
    all.append(&mut named);
    refuse_doubles(&source, schema, &all)?;
    let outputs = all.into_iter().map(|(output, field, _)| (output, field)).collect();
    Ok(SelectList::of(outputs, schema))
}

/// The items that have names of their own, and these.
fn named(items: &[Item]) -> Vec<(&str, &Expr)> {
    let named = items.iter().filter_map(|item| match item {
        Item::Value { expression, name: Some(name), .. } => Some((&*name.value, expression)),
        _ => None,
    });
    named.collect()
}

fn bind_having(
    text: &str,
    condition: &Expr,
    schema: &Schema,
    scope: &GroupScope<'_>,
) -> Result<Predicate> {
    binder(text, schema, scope).condition(condition).map(Predicate::of)
}
