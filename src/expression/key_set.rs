//! Keys that are collected one by one and then looked for in a column: an `IN` list that may be
//! larger than an expression.

use super::among::{Hashed, Set};
use super::coerce::{Literal, Place, place_literal};
use super::kind::{describe, plain_type};
use super::node::{Column, Node};
use super::read::Reader;
use super::uuid::is_uuid_field;
use super::{Predicate, show};
use crate::error::{Error, Result};
use crate::text::escaped;
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{DataType, Field, Schema};
use uuid::Uuid;

/// The keys that are looked for in one column. They are held in memory, each distinct one once.
#[derive(Debug)]
pub struct KeySet {
    column: usize,
    data_type: DataType,
    is_uuid: bool,
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
            let name = escaped(field.name());
            let what = describe(&data_type);
            Error::usage(format!("column \"{name}\" is {what}, of which there are no keys"))
        })?;
        Ok(Self { column, data_type, is_uuid: is_uuid_field(field), keys })
    }

    /// Adds a key as text reads it. A key that the type does not have, as 300 among 8-bit integers,
    /// equals no value and is left out.
    ///
    /// # Errors
    /// Text that the type cannot read.
    pub fn add(&mut self, text: &str) -> Result<()> {
        let place = match self.is_uuid {
            true if Uuid::try_parse(text).is_err() => None,
            _ => place_literal(&Literal::Text(text.to_owned()), &self.data_type)?,
        };
        match place {
            Some(Place::At { value, exact: true }) => self.keys.insert_all(&value),
            Some(_) => Ok(()),
            None => {
                let what = if self.is_uuid { "uuid".to_owned() } else { describe(&self.data_type) };
                Err(Error::failed(format!("'{}' does not read as {what}", escaped(text))))
            }
        }
    }

    /// Adds the values of a column of another table; nulls are no keys.
    ///
    /// # Errors
    /// Values without a text, or whose text the type cannot read.
    pub fn add_all(&mut self, values: &ArrayRef, field: &Field) -> Result<()> {
        let values = super::kind::plain_array(values)?;
        // UUIDs and other bytes are not told apart by their types.
        let is_alike = is_uuid_field(field) == self.is_uuid;
        if is_alike && values.data_type() == &self.data_type {
            return self.keys.insert_all(&values);
        }
        let texts: Reader<'_, String> = show::field_texts(&values, field).ok_or_else(|| {
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
