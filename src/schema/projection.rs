//! Selects columns, or parts of them, in a given order.

use super::columns::locate_column;
use super::nested_arrays::batch_of;
use crate::error::{Error, Result};
use crate::text::escaped;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StructArray};
use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// The selected columns of a schema.
#[derive(Debug, Clone)]
pub struct Projection {
    /// By the column's position in the file; the decoder returns them in this order.
    kept: BTreeMap<usize, Kept>,
    /// For each output column, its position among the decoded ones.
    order: Vec<usize>,
    /// Whether the output order equals the decoding order. Cached, because some callers ask for
    /// each column.
    is_in_order: bool,
    schema: SchemaRef,
}

/// The selected part of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// The whole column.
    Whole,
    /// These children of a struct, by their positions.
    Children(BTreeMap<usize, Kept>),
}

impl Projection {
    /// Selects all columns, or the named ones, in the given order. `a.b` is the struct `a` with
    /// only `b` in it, unless a column has that name; several paths into one struct make one
    /// column.
    ///
    /// # Errors
    /// An unknown, ambiguous or repeated name (usage errors).
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

    /// Selects only some of the output columns, given as ascending positions.
    #[must_use]
    pub fn narrowed(&self, whole: &Schema, columns: &[usize]) -> Self {
        let sources = self.sources();
        let named: Vec<usize> = columns.iter().filter_map(|c| sources.get(*c).copied()).collect();
        let kept = named.iter().map(|column| (*column, self.kept[column].clone())).collect();
        Self::with_order(whole, kept, &named)
    }

    /// The selected columns, in the order of the schema, and these columns, which are whole.
    #[must_use]
    pub fn with_whole(&self, schema: &Schema, columns: &[usize]) -> Self {
        let mut kept = self.kept.clone();
        kept.extend(columns.iter().map(|column| (*column, Kept::Whole)));
        let named: Vec<usize> = kept.keys().copied().collect();
        Self::with_order(schema, kept, &named)
    }

    /// Whether these output columns are exactly these whole columns, in any order.
    pub fn is_same(&self, columns: &[usize], whole: &[usize]) -> bool {
        let sources = self.sources();
        let source = |column: &usize| {
            let source = sources.get(*column)?;
            (self.kept.get(source) == Some(&Kept::Whole)).then_some(*source)
        };
        let found: Option<BTreeSet<usize>> = columns.iter().map(source).collect();
        found.is_some_and(|found| found.iter().eq(whole))
    }

    /// For each output column its position in the whole schema.
    fn sources(&self) -> Vec<usize> {
        let kept: Vec<usize> = self.kept.keys().copied().collect();
        self.order.iter().map(|place| kept[*place]).collect()
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

    /// The output schema.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The selected parts, by the column's position in the whole schema.
    pub fn kept(&self) -> &BTreeMap<usize, Kept> {
        &self.kept
    }

    /// For each output column, its position among the selected ones; `None` if the order is the
    /// same.
    pub fn order(&self) -> Option<&[usize]> {
        (!self.is_in_order).then_some(&self.order)
    }

    /// Applies the projection to a batch of the selected columns, which are whole and in the order
    /// of the whole schema.
    ///
    /// # Errors
    /// A batch with other columns.
    pub fn apply(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let kept: Vec<&Kept> = self.kept.values().collect();
        let column = |place: &usize| match kept.get(*place) {
            Some(kept) if *place < batch.num_columns() => Ok(part(batch.column(*place), kept)),
            _ => Err(Error::failed("a batch has other columns than its schema")),
        };
        let columns = self.order.iter().map(column).collect::<Result<Vec<_>>>()?;
        batch_of(&self.schema, columns, batch.num_rows())
            .map_err(|e| Error::failed(format!("cannot choose columns: {e}")))
    }
}

/// The positions of columns by their names, `None` for an ambiguous name. Used only to find many
/// columns: searching all of them for each name took a second for ten thousand.
fn by_name<'a>(schema: &'a Schema, names: &[String]) -> HashMap<&'a str, Option<usize>> {
    const FEW: usize = 16;
    let mut places = HashMap::new();
    if names.len() > FEW {
        for (place, field) in schema.fields().iter().enumerate() {
            let known = places.entry(field.name().as_str()).or_insert(Some(place));
            *known = known.filter(|known| *known == place);
        }
    }
    places
}

/// Adds a path; returns whether anything was added.
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

/// The positions from the top down to the column with this name. The name of a whole column takes
/// precedence.
pub(super) fn find_path(schema: &Schema, name: &str) -> Result<Vec<usize>> {
    match descend(schema.fields(), name) {
        Some(path) if schema.fields().find(name).is_none() => Ok(path),
        _ => locate_column(schema, name).map(|place| vec![place]),
    }
}

/// Tries each dot as the separator between a struct's name and a name inside it.
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

/// The field with a name that no other field has.
fn only<'a>(fields: &'a Fields, name: &str) -> Option<(usize, &'a FieldRef)> {
    let mut called = fields.iter().enumerate().filter(|(_, field)| field.name() == name);
    let only = called.next()?;
    called.next().is_none().then_some(only)
}

/// The selected children of a struct; its nulls stay.
/// The selected part of a column.
pub(crate) fn part(column: &ArrayRef, kept: &Kept) -> ArrayRef {
    let (Kept::Children(children), Some(whole)) = (kept, column.as_struct_opt()) else {
        return column.clone();
    };
    let inner = children.iter().map(|(place, kept)| {
        let field = project(&whole.fields()[*place], kept);
        (Arc::new(field), part(whole.column(*place), kept))
    });
    let (fields, arrays): (Vec<_>, Vec<_>) = inner.unzip();
    // Children of an existing struct have its length, and a struct without any is never selected.
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
        assert_eq!(
            message(&["dot"]),
            "unknown column \"dot\"; the columns are \"a\", \"s\", \"s.dot\""
        );
        assert_eq!(message(&["s.doc"]), "unknown column \"s.doc\" (did you mean \"s.dot\"?)");
        assert_eq!(
            message(&["a.b"]),
            "unknown column \"a.b\"; the columns are \"a\", \"s\", \"s.dot\""
        );
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
            assert!(error.to_string().starts_with("unknown column \"s.a\""), "{error}");
        }
    }
}
