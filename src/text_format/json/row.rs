//! Objects as rows: each member goes to the column of its name.

use super::column::JsonColumn;
use super::options::ColumnOptions;
use super::parts::{Fault, members};
use super::problem::{Part, Problem};
use crate::error::Result;
use crate::text::escaped;
use arrow::array::ArrayRef;
use arrow::datatypes::{Field, Fields};
use std::collections::HashMap;

/// A builder of the columns of a table, or of the fields of a struct.
pub(super) struct Row {
    columns: Vec<JsonColumn>,
    places: HashMap<String, usize>,
    ignore_unknown: bool,
    rows: usize,
    /// For each column, the number (from 1) of the last object that had a value for it.
    seen: Vec<u64>,
    objects: u64,
}

impl Row {
    /// # Errors
    /// Those of [`JsonColumn::try_new`].
    pub(super) fn try_new(fields: &Fields, manner: ColumnOptions) -> Result<Self> {
        Self::of_columns(fields, manner.ignore_unknown, |_| manner)
    }

    /// Like [`Row::try_new`], with separate options for each column.
    ///
    /// # Errors
    /// Those of [`JsonColumn::try_new`].
    pub(super) fn of_columns(
        fields: &Fields,
        ignore_unknown: bool,
        manner: impl Fn(&Field) -> ColumnOptions,
    ) -> Result<Self> {
        let columns = fields.iter().map(|field| JsonColumn::try_new(field, manner(field)));
        let names = fields.iter().enumerate().map(|(place, field)| (field.name().clone(), place));
        Ok(Self {
            columns: columns.collect::<Result<_>>()?,
            places: names.collect(),
            ignore_unknown,
            rows: 0,
            seen: vec![0; fields.len()],
            objects: 0,
        })
    }

    /// Appends the object at the start of a text; missing members are null. Returns the length of
    /// the object in bytes.
    pub(super) fn append(&mut self, object: &str) -> Result<usize, Fault<Problem>> {
        self.objects += 1;
        let mut expected = 0;
        let used = members(object, |key, value| {
            let Some(place) = self.place(key, expected) else {
                return if self.ignore_unknown { Ok(()) } else { Err(unknown(key)) };
            };
            expected = place + 1;
            if std::mem::replace(&mut self.seen[place], self.objects) == self.objects {
                let why = format!("duplicate key \"{}\"", escaped(key));
                return Err(Problem::new(why));
            }
            append(&mut self.columns[place], value)
        })?;
        let left_out = self.columns.iter_mut().zip(&self.seen);
        for (column, _) in left_out.filter(|(_, seen)| **seen != self.objects) {
            append(column, "null").map_err(Fault::Refused)?;
        }
        self.rows += 1;
        Ok(used)
    }

    /// Appends a null to every column.
    pub(super) fn append_null(&mut self) {
        self.columns.iter_mut().for_each(JsonColumn::append_null);
        self.rows += 1;
    }

    /// The number of rows appended since the last [`Row::finish`].
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Returns the columns and their number of rows, and resets the builder.
    ///
    /// # Errors
    /// Those of [`JsonColumn::finish`].
    pub(super) fn finish(&mut self) -> Result<(Vec<ArrayRef>, usize)> {
        let arrays = self.columns.iter_mut().map(JsonColumn::finish).collect::<Result<_>>()?;
        Ok((arrays, std::mem::take(&mut self.rows)))
    }

    /// The column of a key; most objects have their keys in the order of the columns.
    fn place(&self, key: &str, expected: usize) -> Option<usize> {
        match self.columns.get(expected) {
            Some(column) if column.name() == key => Some(expected),
            _ => self.places.get(key).copied(),
        }
    }
}

fn append(column: &mut JsonColumn, value: &str) -> Result<(), Problem> {
    column.append(value).map_err(|problem| problem.inside(Part::Field(column.field().clone())))
}

fn unknown(key: &str) -> Problem {
    Problem::new(format!(
        "no column for the key \"{}\": add one with --types or --schema, or skip such keys with \
         --ignore-unknown",
        escaped(key)
    ))
}
