//! Schema inference from a sample of objects. Strings are text, whatever they contain.

use super::not_a_number::float_text;
use super::parts::{Fault, items, members};
use crate::text::count;
use crate::text_format::infer::Inferred;
use arrow::datatypes::{DataType, Field, Fields, Schema};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The shape that holds all values seen so far.
#[derive(Debug)]
pub(super) enum InferredShape {
    /// Neither arrays nor objects, or several kinds, which only text can hold.
    Plain(Inferred),
    List(Box<InferredShape>),
    Object(Members),
    /// Objects whose keys are data: the shape that holds the values of all keys.
    Map(Box<InferredShape>),
}

/// The members of objects, in the order of their first occurrence.
#[derive(Debug, Default)]
pub(super) struct Members {
    shapes: Vec<(String, InferredShape)>,
    places: HashMap<String, usize>,
    /// The number of objects seen, and of all their members.
    objects: usize,
    members: usize,
    /// Names of members whose type is given: their values are ignored.
    given: HashSet<String>,
}

/// Why no schema can be inferred.
pub(super) enum Refusal {
    /// Values nested deeper than [`MOST_DEPTH`].
    TooDeep,
    /// Objects with more keys than [`MOST_KEYS`]: most likely the keys are data.
    TooManyKeys,
    /// Objects that share few keys: this many objects with this many distinct keys.
    KeysAreValues { objects: usize, keys: usize },
}

/// The maximum depth of nesting. The stack would allow more, but no real data needs it.
const MOST_DEPTH: usize = 64;

/// The maximum number of keys: a table with more columns is not a table.
const MOST_KEYS: usize = 10_000;

/// Objects with more keys than this, each having less than a tenth of them, are maps, as in DuckDB
/// (`map_inference_threshold`, `field_appearance_threshold`).
const MAP_KEYS: usize = 200;
const MAP_SHARE: usize = 10;

/// Rows with more keys than this, each having less than a hundredth of them, are refused: a column
/// for each key takes memory for each row.
const SPARSE_KEYS: usize = 1000;
const SPARSE_SHARE: usize = 100;

impl Refusal {
    pub(super) fn text(&self) -> String {
        match self {
            Self::TooDeep => format!("values are nested deeper than {MOST_DEPTH} levels"),
            Self::TooManyKeys => format!(
                "more than {} keys; if the keys are data, give the column a type: --types 'name map<utf8, ...>'",
                count(MOST_KEYS as u64)
            ),
            Self::KeysAreValues { objects, keys } => format!(
                "the first {} objects have {} distinct keys, which seem to be data: use --schema 'key type, \
             ...' and --ignore-unknown to read only the keys you name",
                count(*objects as u64),
                count(*keys as u64)
            ),
        }
    }
}

impl Members {
    /// The members of rows; `types` gives the types of some columns.
    pub(super) fn of_rows(types: Option<&Schema>) -> Self {
        let given = types.iter().flat_map(|types| types.fields().iter());
        Self { given: given.map(|field| field.name().clone()).collect(), ..Self::default() }
    }

    /// Adds the row at the start of a text; returns its length in bytes.
    pub(super) fn add_row(&mut self, object: &str) -> Result<usize, Fault<Refusal>> {
        let used = self.add(object, 0)?;
        if self.is_sparse(SPARSE_KEYS, SPARSE_SHARE) {
            Err(Fault::Refused(Refusal::KeysAreValues {
                objects: self.objects,
                keys: self.shapes.len(),
            }))
        } else {
            Ok(used)
        }
    }

    /// Adds an object.
    fn add(&mut self, object: &str, depth: usize) -> Result<usize, Fault<Refusal>> {
        if depth > MOST_DEPTH {
            return Err(Fault::Refused(Refusal::TooDeep));
        }
        self.objects += 1;
        members(object, |key, value| {
            let place = match self.places.get(key) {
                Some(place) => *place,
                None if self.shapes.len() == MOST_KEYS => return Err(Refusal::TooManyKeys),
                None => {
                    self.shapes.push((key.to_owned(), InferredShape::Plain(Inferred::Null)));
                    self.places.insert(key.to_owned(), self.shapes.len() - 1);
                    self.shapes.len() - 1
                }
            };
            self.members += 1;
            if self.given.contains(key) {
                Ok(())
            } else {
                self.shapes[place].1.add(value, depth + 1)
            }
        })
    }

    /// Whether there are more than `most` keys, and an object has less than 1/`share` of them on
    /// average.
    fn is_sparse(&self, most: usize, share: usize) -> bool {
        let keys = self.shapes.len();
        most < keys && self.members * share < self.objects.saturating_mul(keys)
    }

    pub(super) fn schema(&self) -> Schema {
        Schema::new(self.fields())
    }

    fn fields(&self) -> Fields {
        let field =
            |(name, shape): &(String, InferredShape)| Field::new(name, shape.data_type(), true);
        self.shapes.iter().map(field).collect()
    }

    /// The shape that holds the values of all keys.
    fn values(&mut self) -> InferredShape {
        let shapes = std::mem::take(&mut self.shapes).into_iter().map(|(_, shape)| shape);
        shapes.reduce(InferredShape::join).unwrap_or(InferredShape::Plain(Inferred::Null))
    }

    fn join(mut self, other: Self) -> Self {
        for (name, shape) in other.shapes {
            match self.places.get(&name) {
                Some(place) => {
                    let before = &mut self.shapes[*place].1;
                    let joined = std::mem::replace(before, InferredShape::Plain(Inferred::Null));
                    *before = joined.join(shape);
                }
                None => {
                    self.places.insert(name.clone(), self.shapes.len());
                    self.shapes.push((name, shape));
                }
            }
        }
        self.objects += other.objects;
        self.members += other.members;
        self
    }
}

impl InferredShape {
    fn add(&mut self, value: &str, depth: usize) -> Result<(), Refusal> {
        let plain = match value.as_bytes().first() {
            Some(b'n') => return Ok(()),
            Some(b'[') => return self.add_list(value, depth),
            Some(b'{') => return self.add_object(value, depth),
            Some(b'"') => Inferred::Text,
            _ if float_text(value).is_some() => Inferred::Float,
            _ => Inferred::of_text(value),
        };
        *self = match self {
            Self::Plain(before) => Self::Plain(before.join(plain)),
            _ => Self::Plain(Inferred::Text),
        };
        Ok(())
    }

    fn add_list(&mut self, value: &str, depth: usize) -> Result<(), Refusal> {
        if depth > MOST_DEPTH {
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
            Self::Object(members) => {
                refusal(members.add(value, depth))?;
                if members.is_sparse(MAP_KEYS, MAP_SHARE) {
                    *self = Self::Map(Box::new(members.values()));
                }
                Ok(())
            }
            Self::Map(_) if depth > MOST_DEPTH => Err(Refusal::TooDeep),
            Self::Map(values) => refusal(members(value, |_, value| values.add(value, depth + 1))),
            _ => self.becomes_text(),
        }
    }

    fn becomes_text(&mut self) -> Result<(), Refusal> {
        *self = Self::Plain(Inferred::Text);
        Ok(())
    }

    /// The narrowest shape that holds both.
    fn join(self, other: Self) -> Self {
        use InferredShape::{List, Map, Object, Plain};
        match (self, other) {
            (Plain(Inferred::Null), any) | (any, Plain(Inferred::Null)) => any,
            (Plain(a), Plain(b)) => Plain(a.join(b)),
            (List(a), List(b)) => List(Box::new(a.join(*b))),
            (Map(a), Map(b)) => Map(Box::new(a.join(*b))),
            (Map(values), Object(mut members)) | (Object(mut members), Map(values)) => {
                Map(Box::new(values.join(members.values())))
            }
            (Object(a), Object(b)) => {
                let mut members = a.join(b);
                if members.is_sparse(MAP_KEYS, MAP_SHARE) {
                    Map(Box::new(members.values()))
                } else {
                    Object(members)
                }
            }
            _ => Plain(Inferred::Text),
        }
    }

    fn data_type(&self) -> DataType {
        match self {
            Self::Plain(inferred) => inferred.data_type(),
            Self::List(item) => {
                DataType::List(Field::new_list_field(item.data_type(), true).into())
            }
            Self::Object(members) => DataType::Struct(members.fields()),
            Self::Map(values) => {
                let key = Field::new("key", DataType::Utf8, false);
                let value = Field::new("value", values.data_type(), true);
                let entries = DataType::Struct(vec![key, value].into());
                DataType::Map(Arc::new(Field::new("entries", entries, false)), false)
            }
        }
    }
}

/// Ignores syntax errors: the syntax was checked with the enclosing object, and what remains (half
/// of a surrogate pair in a key) is reported when the object is read.
fn refusal<T>(done: Result<T, Fault<Refusal>>) -> Result<(), Refusal> {
    match done {
        Err(Fault::Refused(refusal)) => Err(refusal),
        _ => Ok(()),
    }
}
