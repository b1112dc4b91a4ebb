//! Makes duplicate column names unique: `x`, `x_2`.

use arrow::datatypes::{Field, FieldRef, Schema, SchemaRef};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The hint in an error about a duplicate name.
pub(crate) const UNIQUE_NAMES: &str = "parquet-to-stream and stream-select have --unique-names";

/// The hint in an error about a duplicate name whose columns are at these positions: each can be
/// selected by its number.
pub(crate) fn told_apart(places: &[usize]) -> String {
    const MOST_NUMBERS: usize = 4;
    let numbers = places.iter().take(MOST_NUMBERS).map(|place| format!("#{}", place + 1));
    let mut numbers = numbers.collect::<Vec<_>>().join(", ");
    if places.len() > MOST_NUMBERS {
        numbers.push_str(" ...");
    }
    format!("tell them apart by number: {numbers}; {UNIQUE_NAMES}")
}

/// Makes all names in the schema unique. The first column with a name keeps it; the others get
/// `_2`, `_3` and so on, with the first number that makes an unused name.
pub fn unique_names(schema: &SchemaRef) -> SchemaRef {
    let names: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    let numbered = numbered(&names);
    if numbered.iter().all(Option::is_none) {
        return schema.clone();
    }
    let fields = schema.fields().iter().zip(numbered).map(|(field, name)| match name {
        None => field.clone(),
        Some(name) => Arc::new(Field::clone(field).with_name(name)),
    });
    let fields: Vec<FieldRef> = fields.collect();
    Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()))
}

/// For each name that equals an earlier one, the new name: with the first number, starting at 2,
/// that makes an unused name.
pub(crate) fn numbered(names: &[&str]) -> Vec<Option<String>> {
    let own: HashSet<&str> = names.iter().copied().collect();
    if own.len() == names.len() {
        return vec![None; names.len()];
    }
    // For each name that was seen, the number to try next.
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let mut given: HashSet<String> = HashSet::new();
    let unique = names.iter().map(|name| {
        let Some(number) = numbers.get_mut(name) else {
            numbers.insert(name, 2_u32);
            return None;
        };
        loop {
            let free = format!("{name}_{number}");
            *number += 1;
            if !own.contains(free.as_str()) && given.insert(free.clone()) {
                return Some(free);
            }
        }
    });
    unique.collect()
}

/// Whether any name occurs more than once.
pub(crate) fn has_equal_names(schema: &Schema) -> bool {
    let mut names = HashSet::with_capacity(schema.fields().len());
    !schema.fields().iter().all(|field| names.insert(field.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::DataType;

    #[test]
    fn equal_names_are_numbered() {
        let unique = |names: &str| {
            let fields = names.split(' ').map(|name| Field::new(name, DataType::Int8, true));
            let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
            let unique = unique_names(&schema);
            assert!(!has_equal_names(&unique));
            assert_eq!(has_equal_names(&schema), unique != schema);
            let names = unique.fields().iter().map(|field| field.name().as_str());
            names.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(unique("a X x"), "a X x");
        assert_eq!(unique("x y x x y"), "x y x_2 x_3 y_2");
        assert_eq!(unique("x x x_2"), "x x_3 x_2");
        assert_eq!(unique("x_2 x x x_2 x_2_2"), "x_2 x x_3 x_2_3 x_2_2");
        // A numbered name may collide with that of another column.
        assert_eq!(unique("a a_2 a a_2 a_2_2 a"), "a a_2 a_3 a_2_3 a_2_2 a_4");
    }
}
