//! The columns of two tables that are compared.

use super::layout::Layout;
use super::meeting::Comparison;
use super::options::{DiffOptions, Side};
use super::schema_change::SchemaChange;
use crate::error::{Error, Result};
use crate::expression::describe;
use crate::schema::{locate_columns, plain_type, unique_names};
use crate::text::{did_you_mean, escaped, similar};
use arrow::datatypes::{Field, Schema, SchemaRef};
use std::sync::Arc;

/// The columns of two tables that are compared.
#[derive(Debug, Clone)]
pub struct DiffPlan {
    pub(super) options: DiffOptions,
    keys: Vec<Pair>,
    values: Vec<Pair>,
    schema_changes: Vec<SchemaChange>,
}

/// A column of both tables.
#[derive(Debug, Clone)]
struct Pair {
    name: String,
    /// Its position in each table.
    places: [usize; 2],
    /// Its field in each table, with a plain type.
    fields: [Field; 2],
    comparison: Comparison,
}

impl DiffPlan {
    /// Finds the columns.
    ///
    /// # Errors
    /// Unknown columns; keys that cannot be compared (usage errors).
    pub fn bind(options: &DiffOptions, old: &SchemaRef, new: &SchemaRef) -> Result<Self> {
        let (old, new) = (unique_names(old), unique_names(new));
        let schemas = [&*old, &*new];
        let (mut keys, mut key_names) = (Vec::new(), Vec::new());
        let find = |side: usize| {
            let name = escaped(&options.names[side]);
            let found = locate_columns(schemas[side], &options.key);
            found.map_err(|e| e.with(format!("--key: {name}")))
        };
        for (from, to) in find(0)?.into_iter().zip(find(1)?) {
            let fields = [old.field(from), new.field(to)];
            let comparison = Comparison::of_keys(fields[0].data_type(), fields[1].data_type());
            let comparison = comparison.ok_or_else(|| cannot_meet(&fields, options))?;
            keys.push(Pair::new([from, to], fields, comparison));
            key_names.extend(fields.map(|field| field.name().clone()));
        }
        for (option, names) in
            [("--columns", options.columns.as_deref()), ("--exclude", Some(&options.exclude[..]))]
        {
            check_names(option, names.unwrap_or_default(), schemas)?;
        }
        let is_regarded = |name: &str| {
            let is_in = |names: &[String]| names.iter().any(|other| other == name);
            !is_in(&options.exclude) && options.columns.as_deref().is_none_or(is_in)
        };
        let is_key = |name: &str| key_names.iter().any(|key| key == name);
        let schema_changes =
            SchemaChange::all(&old, &new, |name| is_key(name) || is_regarded(name));
        let mut values = Vec::new();
        for (from, field) in old.fields().iter().enumerate() {
            let name = field.name();
            if is_key(name) || !is_regarded(name) {
                continue;
            }
            if let Some((to, other)) = new.column_with_name(name)
                && let Some(comparison) = Comparison::of(field.data_type(), other.data_type())
            {
                values.push(Pair::new([from, to], [field, other], comparison));
            }
        }
        if keys.is_empty() && values.is_empty() {
            return Err(Error::usage("the tables have no column in common to compare"));
        }
        Ok(Self { options: options.clone(), keys, values, schema_changes })
    }

    /// How the schemas differ.
    pub fn schema_changes(&self) -> &[SchemaChange] {
        &self.schema_changes
    }

    /// The columns of a table that are read, in ascending order.
    pub fn columns(&self, side: Side) -> Vec<usize> {
        places(self.keys.iter().chain(&self.values), side)
    }

    /// The key columns of a table, in ascending order.
    pub fn key_columns(&self, side: Side) -> Vec<usize> {
        places(self.keys.iter(), side)
    }

    /// The names of the compared columns that are not keys.
    pub fn value_names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.values.iter().map(|pair| pair.name.as_str())
    }

    /// The number of key columns.
    pub(super) fn key_count(&self) -> usize {
        self.keys.len()
    }

    /// The layout of a table's batches.
    pub(super) fn layout(&self, side: Side) -> Layout {
        self.layout_of(side, &self.columns(side), &self.values)
    }

    /// The layout of a table's batches that have only its key columns.
    pub(super) fn key_layout(&self, side: Side) -> Layout {
        self.layout_of(side, &self.key_columns(side), &[])
    }

    fn layout_of(&self, side: Side, read: &[usize], values: &[Pair]) -> Layout {
        let place =
            |pair: &Pair| read.partition_point(|column| *column < pair.places[side as usize]);
        let part = |pair: &Pair| (place(pair), pair.comparison.clone());
        let key = |pair: &Pair| Field::new(&pair.name, pair.comparison.data_type().clone(), true);
        let value = |pair: &Pair| pair.fields[side as usize].clone().with_nullable(true);
        let fields = self.keys.iter().map(key).chain(values.iter().map(value));
        Layout {
            table: self.options.names[side as usize].clone(),
            keys: self.keys.iter().map(part).collect(),
            values: values.iter().map(part).collect(),
            schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())),
        }
    }
}

impl Pair {
    fn new(places: [usize; 2], fields: [&Field; 2], comparison: Comparison) -> Self {
        let plain = |field: &Field| {
            let data_type = plain_type(field.data_type()).clone();
            Field::new(field.name(), data_type, true)
        };
        let name = fields[0].name().clone();
        Self { name, places, fields: fields.map(plain), comparison }
    }
}

fn places<'a>(pairs: impl Iterator<Item = &'a Pair>, side: Side) -> Vec<usize> {
    let mut places: Vec<usize> = pairs.map(|pair| pair.places[side as usize]).collect();
    places.sort_unstable();
    places.dedup();
    places
}

fn cannot_meet([old, new]: &[&Field; 2], options: &DiffOptions) -> Error {
    Error::usage(format!(
        "--key: cannot compare column \"{}\" of {} ({}) with that of {} ({}); CAST one of them with \
         stream-select",
        escaped(old.name()),
        escaped(&options.names[0]),
        describe(old.data_type()),
        escaped(&options.names[1]),
        describe(new.data_type())
    ))
}

/// # Errors
/// A name that neither table has.
fn check_names(option: &str, names: &[String], schemas: [&Schema; 2]) -> Result<()> {
    let has = |name: &String| schemas.iter().any(|schema| schema.column_with_name(name).is_some());
    let Some(unknown) = names.iter().find(|name| !has(name)) else { return Ok(()) };
    let mut known: Vec<&str> = Vec::new();
    for field in schemas.iter().flat_map(|schema| schema.fields()) {
        if !known.contains(&field.name().as_str()) {
            known.push(field.name());
        }
    }
    let near =
        did_you_mean(similar(unknown, known).iter().map(|name| format!("\"{}\"", escaped(name))));
    let unknown = escaped(unknown);
    Err(Error::usage(format!("{option}: neither table has a column \"{unknown}\"{near}")))
}
