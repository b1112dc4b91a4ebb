//! How the schemas of two tables differ.

use super::meeting::{Comparison, logical_type};
use crate::schema::{plain_type, type_text};
use crate::text::escaped;
use arrow::datatypes::{DataType, Schema};

/// A column that only one table has, or that has another type in each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaChange {
    /// The name of the column.
    pub name: String,
    /// Its type in the first table, if it has the column.
    pub old: Option<DataType>,
    /// Its type in the second table, if it has the column.
    pub new: Option<DataType>,
    /// Whether values of both types can be compared.
    pub is_compared: bool,
}

impl SchemaChange {
    /// All changes of the columns for which a condition holds: those of the first table in their
    /// order, then those that it does not have.
    pub(super) fn all(old: &Schema, new: &Schema, regards: impl Fn(&str) -> bool) -> Vec<Self> {
        let mut changes = Vec::new();
        let type_in = |schema: &Schema, name: &str| {
            let found = schema.column_with_name(name);
            found.map(|(_, field)| plain_type(field.data_type()).clone())
        };
        let names = old.fields().iter().chain(
            new.fields().iter().filter(|field| old.column_with_name(field.name()).is_none()),
        );
        for name in names.map(|field| field.name()).filter(|name| regards(name)) {
            let (from, to) = (type_in(old, name), type_in(new, name));
            let (mut is_same, mut is_compared) = (false, false);
            if let (Some(from), Some(to)) = (&from, &to) {
                is_same = logical_type(from) == logical_type(to);
                is_compared = Comparison::of(from, to).is_some();
            }
            if !is_same {
                changes.push(Self { name: name.clone(), old: from, new: to, is_compared });
            }
        }
        changes
    }

    /// The change on one line, with its sign: `~ column price int32 -> int64`.
    pub fn line(&self) -> String {
        let name = escaped(&self.name);
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => {
                let rest = if self.is_compared { "" } else { ", not compared" };
                format!("~ column {name} {} -> {}{rest}", type_text(old), type_text(new))
            }
            (Some(old), None) => format!("- column {name} {}", type_text(old)),
            (None, Some(new)) => format!("+ column {name} {}", type_text(new)),
            (None, None) => String::new(),
        }
    }

    /// The change as a JSON object: `{"column":"price","old":"int32","new":"int64"}`.
    pub fn json(&self) -> String {
        let text = |data_type: &Option<DataType>| data_type.as_ref().map(type_text);
        serde_json::json!({"column": self.name, "old": text(&self.old), "new": text(&self.new)})
            .to_string()
    }
}
