//! Which columns are kept, how much of each, and in which order they come out.

use super::columns::locate_column;
use crate::error::{Error, Result};
use crate::text::escaped;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, StructArray};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// The columns that are kept of a schema.
#[derive(Debug, Clone)]
pub struct Projection {
    /// By the column's place in the file; the decoder gives them in this order.
    kept: BTreeMap<usize, Kept>,
    /// For each column that comes out, its place among those decoded.
    order: Vec<usize>,
    /// Whether they come out as they are decoded. Asked for each column by some.
    is_in_order: bool,
    schema: SchemaRef,
}

/// How much of a column is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// All of it.
    Whole,
    /// These children of a struct, by their places.
    Children(BTreeMap<usize, Kept>),
}

impl Projection {
    /// All columns, or those named, in the order named. `a.b` is the struct `a` holding only `b`,
    /// unless a whole column is called so; several paths into one struct make one column.
    ///
    /// # Errors
    /// A name the schema does not have, or has twice, or that was given twice (faults of the
    /// command line).
    pub fn try_new(schema: &Schema, names: Option<&[String]>) -> Result<Self> {
        let Some(names) = names else {
            let count = schema.fields().len();
            let kept = (0..count).map(|place| (place, Kept::Whole)).collect();
            return Ok(Self::with_order(schema, kept, &(0..count).collect::<Vec<_>>()));
        };
        let (mut kept, mut named) = (BTreeMap::new(), Vec::new());
        let (mut tops, by_name) = (HashSet::new(), by_name(schema, names));
        for name in names {
            let path = match by_name.get(name.as_str()) {
                Some(Some(place)) => vec![*place],
                _ => find_path(schema, name)?,
            };
            if !insert(&mut kept, &path) {
                return Err(Error::usage(format!("column \"{}\" is given twice", escaped(name))));
            }
            if tops.insert(path[0]) {
                named.push(path[0]);
            }
        }
        Ok(Self::with_order(schema, kept, &named))
    }

    fn with_order(schema: &Schema, kept: BTreeMap<usize, Kept>, named: &[usize]) -> Self {
        let places: HashMap<usize, usize> =
            kept.keys().enumerate().map(|(place, column)| (*column, place)).collect();
        let place = |column: &usize| places.get(column).copied().unwrap_or_default();
        let order: Vec<usize> = named.iter().map(place).collect();
        let is_in_order = order.iter().enumerate().all(|(place, from)| place == *from);
        let field = |column: &usize| project(schema.field(*column), &kept[column]);
        let fields: Vec<Field> = named.iter().map(field).collect();
        let schema = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
        Self { kept, order, is_in_order, schema }
    }

    /// The schema that comes out.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// What is kept, by the column's place in the whole schema.
    pub fn kept(&self) -> &BTreeMap<usize, Kept> {
        &self.kept
    }

    /// For each column that comes out, its place among those kept; none if they agree.
    pub fn order(&self) -> Option<&[usize]> {
        (!self.is_in_order).then_some(&self.order)
    }

    /// What comes out of a batch that holds the kept columns, whole and in the order of the whole
    /// schema.
    ///
    /// # Errors
    /// A batch of other columns.
    pub fn apply(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let kept: Vec<&Kept> = self.kept.values().collect();
        let column = |place: &usize| match kept.get(*place) {
            Some(kept) if *place < batch.num_columns() => Ok(part(batch.column(*place), kept)),
            _ => Err(Error::failed("a batch has other columns than its schema")),
        };
        let columns = self.order.iter().map(column).collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
            .map_err(|e| Error::failed(format!("cannot choose columns: {e}")))
    }
}

/// The places of columns by their names, none for a name that several have. Only where many columns are
/// to be found: to look at all of them for each took a second for ten thousand.
fn by_name<'a>(schema: &'a Schema, names: &[String]) -> HashMap<&'a str, Option<usize>> {
    const FEW: usize = 16;
    let mut places = HashMap::new();
    if FEW < names.len() {
        for (place, field) in schema.fields().iter().enumerate() {
            let known = places.entry(field.name().as_str()).or_insert(Some(place));
            *known = known.filter(|known| *known == place);
        }
    }
    places
}

/// Adds a path; whether anything was added.
fn insert(kept: &mut BTreeMap<usize, Kept>, path: &[usize]) -> bool {
    match path {
        [] => false,
        [last] => kept.insert(*last, Kept::Whole) != Some(Kept::Whole),
        [first, below @ ..] => {
            match kept.entry(*first).or_insert_with(|| Kept::Children(BTreeMap::new())) {
                Kept::Whole => false,
                Kept::Children(children) => insert(children, below),
            }
        }
    }
}

/// The places from the top down to the column of this name. A whole column's name wins.
pub(super) fn find_path(schema: &Schema, name: &str) -> Result<Vec<usize>> {
    match descend(schema.fields(), name) {
        Some(path) if schema.fields().find(name).is_none() => Ok(path),
        _ => locate_column(schema, name).map(|place| vec![place]),
    }
}

/// Tries each dot as the border between a struct's name and what is inside it.
fn descend(fields: &Fields, name: &str) -> Option<Vec<usize>> {
    name.match_indices('.').find_map(|(dot, _)| {
        let (first, below) = (&name[..dot], &name[dot + 1..]);
        let (place, field) = only(fields, first)?;
        let DataType::Struct(children) = field.data_type() else { return None };
        let rest = match only(children, below) {
            Some((child, _)) => vec![child],
            None => descend(children, below)?,
        };
        Some([vec![place], rest].concat())
    })
}

/// The field of a name that no other field has.
fn only<'a>(fields: &'a Fields, name: &str) -> Option<(usize, &'a FieldRef)> {
    let mut called = fields.iter().enumerate().filter(|(_, field)| field.name() == name);
    let only = called.next()?;
    called.next().is_none().then_some(only)
}

/// The kept children of a struct; its nulls stay.
fn part(column: &ArrayRef, kept: &Kept) -> ArrayRef {
    let (Kept::Children(children), Some(whole)) = (kept, column.as_struct_opt()) else {
        return column.clone();
    };
    let inner = children.iter().map(|(place, kept)| {
        let field = project(&whole.fields()[*place], kept);
        (Arc::new(field), part(whole.column(*place), kept))
    });
    let (fields, arrays): (Vec<_>, Vec<_>) = inner.unzip();
    // Children of a struct that exists have its length, and a struct without any is never kept.
    match StructArray::try_new(fields.into(), arrays, whole.nulls().cloned()) {
        Ok(part) => Arc::new(part),
        Err(_) => column.clone(),
    }
}

fn project(field: &Field, kept: &Kept) -> Field {
    match (kept, field.data_type()) {
        (Kept::Children(kept), DataType::Struct(children)) => {
            let inner = kept.iter().map(|(place, kept)| project(&children[*place], kept));
            field.clone().with_data_type(DataType::Struct(inner.collect()))
        }
        _ => field.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> Schema {
        let int = |name: &str| Field::new(name, DataType::Int64, true);
        let inner = DataType::Struct(vec![int("x"), int("y"), int("z")].into());
        let s = DataType::Struct(vec![int("b"), Field::new("c", inner, true)].into());
        Schema::new(vec![int("a"), Field::new("s", s, true), int("s.dot")])
    }

    fn names(wanted: &[&str]) -> Result<String> {
        let wanted: Vec<String> = wanted.iter().map(|name| (*name).to_owned()).collect();
        let projection = Projection::try_new(&schema(), Some(&wanted))?;
        let fields = projection.schema().fields().iter();
        Ok(fields.map(|field| shown(field)).collect::<Vec<_>>().join(" "))
    }

    fn shown(field: &Field) -> String {
        match field.data_type() {
            DataType::Struct(inner) => {
                let inner: Vec<String> = inner.iter().map(|field| shown(field)).collect();
                format!("{}({})", field.name(), inner.join(" "))
            }
            _ => field.name().clone(),
        }
    }

    #[test]
    fn columns_come_in_the_order_named() {
        assert_eq!(names(&["s", "a"]).unwrap(), "s(b c(x y z)) a");
        assert_eq!(names(&[]).unwrap(), "");
    }

    #[test]
    fn a_path_keeps_a_part_of_a_struct() {
        assert_eq!(names(&["s.c.z", "a", "s.c.x"]).unwrap(), "s(c(x z)) a");
        assert_eq!(names(&["s.dot", "s.b"]).unwrap(), "s.dot s(b)");
    }

    #[test]
    fn a_wrong_name_is_a_fault_of_the_command_line() {
        let message = |wanted: &[&str]| {
            let error = names(wanted).unwrap_err();
            assert_eq!(error.exit_status(), 2);
            error.to_string()
        };
        assert_eq!(message(&["dot"]), "no column \"dot\"; there are \"a\", \"s\", \"s.dot\"");
        assert_eq!(message(&["s.doc"]), "no column \"s.doc\"; similar: \"s.dot\"");
        assert_eq!(message(&["a.b"]), "no column \"a.b\"; there are \"a\", \"s\", \"s.dot\"");
        assert_eq!(message(&["a", "a"]), "column \"a\" is given twice");
        assert_eq!(message(&["s", "s.b"]), "column \"s.b\" is given twice");
    }

    #[test]
    fn a_path_through_equal_names_means_nothing() {
        let int = |name: &str| Field::new(name, DataType::Int64, true);
        let of = |parts: Vec<Field>| Field::new("s", DataType::Struct(parts.into()), true);
        for fields in
            [vec![of(vec![int("a")]), of(vec![int("a")])], vec![of(vec![int("a"), int("a")])]]
        {
            let names = ["s.a".to_owned()];
            let error = Projection::try_new(&Schema::new(fields), Some(&names)).unwrap_err();
            assert!(error.to_string().starts_with("no column \"s.a\""), "{error}");
        }
    }
}
