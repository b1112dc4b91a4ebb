//! The path to a part of a schema, for messages: `column "s.l", list element, field "x"`.

use crate::text::escaped;
use std::fmt;

/// A column or a part of one, as named in messages.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Everything up to the innermost list or map.
    outer: String,
    /// The names of structs inside that, and of the field.
    names: Vec<String>,
}

impl Place {
    /// The position above all columns.
    pub(super) fn top() -> Self {
        Self { outer: String::new(), names: Vec::new() }
    }

    /// A column, or a field of the struct at this position.
    pub(super) fn field(&self, name: &str) -> Self {
        let names = self.names.iter().cloned().chain([name.to_owned()]).collect();
        Self { outer: self.outer.clone(), names }
    }

    /// The elements of the list at this position.
    pub(super) fn element(&self) -> Self {
        self.inside("list element")
    }

    /// The keys (first) or the values of the map at this position.
    pub(super) fn of_entry(&self, number: usize) -> Self {
        self.inside(if number == 0 { "map key" } else { "map value" })
    }

    fn inside(&self, what: &str) -> Self {
        Self { outer: format!("{self}, {what}"), names: Vec::new() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.outer)?;
        match (self.outer.as_str(), self.names.as_slice()) {
            (_, []) => Ok(()),
            ("", names) => write!(f, "column \"{}\"", escaped(&names.join("."))),
            (_, names) => write!(f, ", field \"{}\"", escaped(&names.join("."))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_names_columns_lists_and_fields() {
        let list = Place::top().field("s").field("l").element();
        assert_eq!(list.to_string(), "column \"s.l\", list element");
        let value = list.field("x").field("m").of_entry(1);
        assert_eq!(value.to_string(), "column \"s.l\", list element, field \"x.m\", map value");
        assert_eq!(value.element().to_string(), format!("{value}, list element"));
    }
}
