//! Which schema objects have, as a sample of them shows. Strings are text, whatever stands in them.

use super::parts::{Fault, items, members};
use crate::text_format::infer::Inferred;
use arrow::datatypes::{DataType, Field, Fields, Schema};
use std::collections::HashMap;

/// What all values seen so far could be.
#[derive(Debug)]
pub(super) enum Shape {
    /// No array and no object, or several kinds, which only text holds.
    Plain(Inferred),
    List(Box<Shape>),
    Object(Members),
}

/// The members of objects, in the order they were first seen.
#[derive(Debug, Default)]
pub(super) struct Members {
    shapes: Vec<(String, Shape)>,
    places: HashMap<String, usize>,
}

/// Why no schema can be inferred.
pub(super) enum Refusal {
    /// Values in values, deeper than [`MOST_DEPTH`].
    TooDeep,
    /// Objects of more keys than [`MOST_KEYS`]: the keys are values, most likely.
    TooManyKeys,
}

/// The stack bears more; nobody means it.
pub(super) const MOST_DEPTH: usize = 64;

/// A table of so many columns is no table.
pub(super) const MOST_KEYS: usize = 10_000;

impl Members {
    /// Looks at an object.
    pub(super) fn add(&mut self, object: &str, depth: usize) -> Result<(), Fault<Refusal>> {
        if MOST_DEPTH < depth {
            return Err(Fault::Refused(Refusal::TooDeep));
        }
        members(object, |key, value| {
            let place = match self.places.get(key) {
                Some(place) => *place,
                None if self.shapes.len() == MOST_KEYS => return Err(Refusal::TooManyKeys),
                None => {
                    self.shapes.push((key.to_owned(), Shape::Plain(Inferred::Null)));
                    self.places.insert(key.to_owned(), self.shapes.len() - 1);
                    self.shapes.len() - 1
                }
            };
            self.shapes[place].1.add(value, depth + 1)
        })
    }

    pub(super) fn schema(&self) -> Schema {
        Schema::new(self.fields())
    }

    fn fields(&self) -> Fields {
        let field = |(name, shape): &(String, Shape)| Field::new(name, shape.data_type(), true);
        self.shapes.iter().map(field).collect()
    }
}

impl Shape {
    fn add(&mut self, value: &str, depth: usize) -> Result<(), Refusal> {
        let plain = match value.as_bytes().first() {
            Some(b'n') => return Ok(()),
            Some(b'[') => return self.add_list(value, depth),
            Some(b'{') => return self.add_object(value, depth),
            Some(b'"') => Inferred::Text,
            _ => Inferred::of_text(value),
        };
        *self = match self {
            Self::Plain(before) => Self::Plain(before.join(plain)),
            _ => Self::Plain(Inferred::Text),
        };
        Ok(())
    }

    fn add_list(&mut self, value: &str, depth: usize) -> Result<(), Refusal> {
        if MOST_DEPTH < depth {
            return Err(Refusal::TooDeep);
        }
        if let Self::Plain(Inferred::Null) = self {
            *self = Self::List(Box::new(Self::Plain(Inferred::Null)));
        }
        match self {
            Self::List(item) => refusal(items(value, |value| item.add(value, depth + 1))),
            _ => self.becomes_text(),
        }
    }

    fn add_object(&mut self, value: &str, depth: usize) -> Result<(), Refusal> {
        if let Self::Plain(Inferred::Null) = self {
            *self = Self::Object(Members::default());
        }
        match self {
            Self::Object(members) => refusal(members.add(value, depth)),
            _ => self.becomes_text(),
        }
    }

    fn becomes_text(&mut self) -> Result<(), Refusal> {
        *self = Self::Plain(Inferred::Text);
        Ok(())
    }

    fn data_type(&self) -> DataType {
        match self {
            Self::Plain(inferred) => inferred.data_type(),
            Self::List(item) => {
                DataType::List(Field::new_list_field(item.data_type(), true).into())
            }
            Self::Object(members) => DataType::Struct(members.fields()),
        }
    }
}

/// The syntax was read whole with the object around it; what is wrong still (half of a surrogate pair
/// in a key) is told when the object is read.
fn refusal(done: Result<(), Fault<Refusal>>) -> Result<(), Refusal> {
    match done {
        Err(Fault::Refused(refusal)) => Err(refusal),
        _ => Ok(()),
    }
}
