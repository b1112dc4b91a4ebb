//! A value that does not fit: its place in the row, the reason, and a type that would hold it.

use super::not_a_number::{float_text, restored};
use super::parts::Fault;
use crate::text::{Cut, escaped, shortened};
use crate::text_format::conversion_error::ConversionError;
use crate::text_format::infer::{Inferred, as_sampled, fitting, ways_out};
use arrow::datatypes::{DataType, Field, FieldRef};
use std::sync::Arc;

/// A value that does not fit.
#[derive(Debug)]
pub(crate) struct Problem {
    /// The path to the value, last step first.
    path: Vec<Part>,
    why: String,
    way_out: Option<WayOut>,
}

/// A step into a value.
#[derive(Debug)]
pub(super) enum Part {
    /// A column, or a field of a struct.
    Field(FieldRef),
    Item,
    MapValue,
}

/// How to read a value that an inferred type is too narrow for.
#[derive(Debug)]
struct WayOut {
    /// The type that holds both the value and those of the sample.
    wider: DataType,
    /// Whether the inferred type, if given explicitly, would read the value: a number in another
    /// form.
    is_number: bool,
}

/// A longer suggestion does not help.
const MOST_SUGGESTED_BYTES: usize = 200;

impl Problem {
    pub(super) fn new(why: String) -> Self {
        Self { path: Vec::new(), why, way_out: None }
    }

    pub(super) fn misfit(
        json: &str,
        misfit: ConversionError,
        data_type: &DataType,
        inferred: bool,
    ) -> Self {
        let why = match data_type {
            DataType::Null => format!("{} where only nulls were seen before", shown(json)),
            _ => format!("{} {}", shown(json), misfit.words(data_type)),
        };
        let way_out = inferred.then(|| WayOut {
            wider: match misfit {
                ConversionError::Rounded => DataType::Utf8,
                _ => wider(data_type, json),
            },
            is_number: misfit.is_number(),
        });
        Self { path: Vec::new(), why, way_out }
    }

    /// The same problem, in a part of a value.
    pub(super) fn inside(mut self, part: Part) -> Self {
        self.path.push(part);
        self
    }

    /// The column and the reason, as one line of a message.
    pub(crate) fn text(&self) -> String {
        let mut path = String::new();
        for part in self.path.iter().rev() {
            match part {
                Part::Field(field) if path.is_empty() => path.push_str(field.name()),
                Part::Field(field) => path.push_str(&format!(".{}", field.name())),
                Part::Item => path.push_str("[]"),
                Part::MapValue => path.push_str("{}"),
            }
        }
        match path.as_str() {
            "" => self.why.clone(),
            path => format!("column \"{}\": {}", escaped(path), self.why),
        }
    }

    /// The same line; with the option that makes the column accept the value, if its type was
    /// inferred.
    pub(super) fn text_with_way_out(&self, sampled_rows: u64) -> String {
        match self.way_out() {
            Some(way) => format!("{} ({}: {way})", self.text(), as_sampled(sampled_rows)),
            None => self.text(),
        }
    }

    fn way_out(&self) -> Option<String> {
        let way_out = self.way_out.as_ref()?;
        let (Part::Field(column), steps) = self.path.split_last()? else { return None };
        let wider = widened(column.data_type(), steps, &way_out.wider)?;
        let text = ways_out(column, wider, way_out.is_number);
        (text.len() <= MOST_SUGGESTED_BYTES).then_some(text)
    }
}

/// The problem in the parts of a value.
impl From<Fault<Self>> for Problem {
    fn from(fault: Fault<Self>) -> Self {
        match fault {
            Fault::Refused(problem) => problem,
            // The syntax was checked with the row, except for halves of surrogate pairs.
            Fault::Syntax(error) => Self::new(error.to_string()),
        }
    }
}

/// The narrowest type for the values of an inferred column and another value.
fn wider(data_type: &DataType, json: &str) -> DataType {
    let value = match json.as_bytes().first() {
        Some(b'"' | b'[' | b'{') => Inferred::Text,
        _ if float_text(json).is_some() => Inferred::Float,
        _ => Inferred::of_text(json),
    };
    fitting(data_type, value)
}

/// A type with the type of one part replaced; `steps` lead to the part, last step first.
fn widened(data_type: &DataType, steps: &[Part], wider: &DataType) -> Option<DataType> {
    let Some((step, steps)) = steps.split_last() else { return Some(wider.clone()) };
    let part = |field: &FieldRef| {
        let inner = widened(field.data_type(), steps, wider)?;
        Some(Arc::new(Field::clone(field).with_data_type(inner)))
    };
    match (step, data_type) {
        (Part::Item, DataType::List(item)) => Some(DataType::List(part(item)?)),
        (Part::Field(named), DataType::Struct(fields)) => {
            let fields = fields.iter().map(|field| {
                if field.name() == named.name() { part(field) } else { Some(field.clone()) }
            });
            Some(DataType::Struct(fields.collect::<Option<_>>()?))
        }
        (Part::MapValue, DataType::Map(entries, sorted)) => {
            let DataType::Struct(fields) = entries.data_type() else { return None };
            let [key, value] = &fields[..] else { return None };
            let fields = vec![key.clone(), part(value)?];
            let entries = Field::clone(entries).with_data_type(DataType::Struct(fields.into()));
            Some(DataType::Map(Arc::new(entries), *sorted))
        }
        _ => None,
    }
}

/// A value, shortened for a message.
pub(super) fn shown(json: &str) -> String {
    // Cut before measuring: it may be very long.
    let json = &restored(json);
    let front = json.char_indices().nth(100).map_or(json.as_ref(), |(end, _)| &json[..end]);
    shortened(&escaped(front), Cut::End, 60)
}
