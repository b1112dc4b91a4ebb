//! Keys that are collected one by one and then looked for in a column: an `IN` list that may be
//! larger than an expression.

use super::among::{Hashed, Set};
use super::coerce::{Literal, Place, place_literal};
use super::kind::{describe, plain_type};
use super::node::{Column, Node};
use super::read::Reader;
use super::{Predicate, show};
use crate::error::{Error, Result};
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{DataType, Schema};

/// The keys that are looked for in one column. They are held in memory, each distinct one once.
#[derive(Debug)]
pub struct KeySet {
    column: usize,
    data_type: DataType,
    keys: Hashed,
}

impl KeySet {
    /// No keys yet, for the column at this place of a schema.
    ///
    /// # Errors
    /// A column of a type whose values cannot be looked up: lists, structs, maps, unions.
    pub fn new(schema: &Schema, column: usize) -> Result<Self> {
        let field = schema.field(column);
        let data_type = plain_type(field.data_type()).clone();
        let keys = Hashed::empty(&data_type).ok_or_else(|| {
            let name = crate::text::escaped(field.name());
            let what = describe(&data_type);
            Error::usage(format!("column \"{name}\" is {what}, of which there are no keys"))
        })?;
        Ok(Self { column, data_type, keys })
    }

    /// Adds a key as text reads it. A key that the type does not have, as 300 among 8-bit integers,
    /// equals no value and is left out.
    ///
    /// # Errors
    /// Text that the type cannot read.
    pub fn add(&mut self, text: &str) -> Result<()> {
        let place = place_literal(&Literal::Text(text.to_owned()), &self.data_type)?;
        match place {
            Some(Place::At { value, exact: true }) => self.keys.insert(&value),
            _ => Ok(()),
        }
    }

    /// Adds the values of a column of another table; nulls are no keys.
    ///
    /// # Errors
    /// Values without a text, or whose text the type cannot read.
    pub fn add_all(&mut self, values: &ArrayRef) -> Result<()> {
        let values = super::kind::plain_array(values)?;
        let texts: Reader<'_, String> = show::texts(&values).ok_or_else(|| {
            Error::failed(format!("{} cannot be keys", describe(values.data_type())))
        })?;
        let nulls = values.logical_nulls();
        for row in 0..values.len() {
            if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
                self.add(&texts(row))?;
            }
        }
        Ok(())
    }

    /// True of the rows whose value is one of the keys, unknown of those without a value.
    pub fn into_predicate(self, schema: &Schema) -> Predicate {
        let column = Column { index: self.column, path: Vec::new(), data_type: self.data_type };
        let node = Node::Among(Box::new(Node::Column(column)), Set::of_keys(self.keys));
        Predicate::of(super::bind::per_stored_value(node, schema))
    }
}
