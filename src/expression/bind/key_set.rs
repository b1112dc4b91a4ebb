//! Keys that are collected one by one and then looked up in a column: an `IN` list that may be
//! larger than an expression.

use super::binder::once_per_stored_value;
use super::predicate::Predicate;
use crate::error::{Error, Result};
use crate::expression::evaluate::in_list::{Hashed, InList};
use crate::expression::evaluate::literal_placement::{Literal, Place, place_literal};
use crate::expression::evaluate::node::{Column, Node};
use crate::expression::values::kind::{describe, plain_array, plain_type};
use crate::expression::values::uuid::is_uuid_field;
use crate::expression::values::value_reader::Reader;
use crate::expression::values::value_text;
use crate::text::escaped;
use arrow::array::{Array, ArrayRef};
use arrow::datatypes::{DataType, Field, Schema};
use uuid::Uuid;

/// Keys to look up in one column. Each distinct key is held in memory once.
#[derive(Debug)]
pub struct KeySet {
    column: usize,
    data_type: DataType,
    is_uuid: bool,
    keys: Hashed,
}

impl KeySet {
    /// An empty set for the column at this index of a schema.
    ///
    /// # Errors
    /// A column whose type cannot be looked up: lists, structs, maps, unions.
    pub fn new(schema: &Schema, column: usize) -> Result<Self> {
        let field = schema.field(column);
        let data_type = plain_type(field.data_type()).clone();
        let keys = Hashed::empty(&data_type).ok_or_else(|| {
            let name = escaped(field.name());
            let what = describe(&data_type);
            Error::usage(format!("column \"{name}\" is {what}, which cannot be used as a key"))
        })?;
        Ok(Self { column, data_type, is_uuid: is_uuid_field(field), keys })
    }

    /// Adds a key from its text. A key that does not fit the type, such as 300 for 8-bit integers,
    /// equals no value and is ignored.
    ///
    /// # Errors
    /// Text that the type cannot read.
    pub fn add(&mut self, text: &str) -> Result<()> {
        let place = if self.is_uuid && Uuid::try_parse(text).is_err() {
            None
        } else {
            place_literal(&Literal::Text(text.to_owned()), &self.data_type)?
        };
        match place {
            Some(Place::At { value, exact: true }) => self.keys.insert_all(&value),
            Some(_) => Ok(()),
            None => {
                let what = if self.is_uuid { "uuid".to_owned() } else { describe(&self.data_type) };
                Err(Error::failed(format!("'{}' cannot be read as {what}", escaped(text))))
            }
        }
    }

    /// Adds the values of a column of another table; nulls are skipped.
    ///
    /// # Errors
    /// Values without a text form, or text that the type cannot read.
    pub fn add_all(&mut self, values: &ArrayRef, field: &Field) -> Result<()> {
        let values = plain_array(values)?;
        // UUIDs have the same type as other bytes.
        let is_alike = is_uuid_field(field) == self.is_uuid;
        if is_alike && values.data_type() == &self.data_type {
            return self.keys.insert_all(&values);
        }
        let texts: Reader<'_, String> =
            value_text::field_texts(&values, field).ok_or_else(|| {
                Error::failed(format!("{} cannot be used as a key", describe(values.data_type())))
            })?;
        let nulls = values.logical_nulls();
        for row in 0..values.len() {
            if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
                self.add(&texts(row))?;
            }
        }
        Ok(())
    }

    /// A predicate that is true for rows whose value is one of the keys, and unknown for nulls.
    pub fn into_predicate(self, schema: &Schema) -> Predicate {
        let column = Column { index: self.column, path: Vec::new(), data_type: self.data_type };
        let node = Node::InList(Box::new(Node::Column(column)), InList::of_keys(self.keys));
        Predicate::of(once_per_stored_value(node, schema))
    }
}
