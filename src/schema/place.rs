//! Where inside a schema something is: `column "s.l", list element, field "x"`.

use crate::text::escaped;
use std::fmt;

/// A column or a part of one, as messages name it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// All up to the innermost list or map.
    outer: String,
    /// The names of structs below that, and of the field.
    names: Vec<String>,
}

impl Place {
    /// Outside of all columns.
    pub(super) fn top() -> Self {
        Self { outer: String::new(), names: Vec::new() }
    }

    /// The column, or the field of the struct that is here.
    pub(super) fn field(&self, name: &str) -> Self {
        let names = self.names.iter().cloned().chain([name.to_owned()]).collect();
        Self { outer: self.outer.clone(), names }
    }

    /// What all values of the list that is here have in common.
    pub(super) fn element(&self) -> Self {
        self.inside("list element")
    }

    /// The key, which comes first, or the value of the entries of the map that is here.
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
