//! Repairs the elements of a footer's schema: annotations that contradict the physical type, each
//! other, or this version of the format.
//!
//! According to the specification, a reader ignores an annotation that does not fit and reads the
//! physical type (parquet-format, LogicalTypes.md). A decimal column whose scale cannot be right is
//! refused, because its digits would be shown without their scale.

use super::annotation::{Converted, Logical, Physical};
use super::fields::{self, repair_text};
use crate::parquet_file::thrift::{Structure, WireType};

/// Fields of `SchemaElement`.
const TYPE: i64 = 1;
const TYPE_LENGTH: i64 = 2;
const REPETITION: i64 = 3;
const NAME: i64 = 4;
const NUM_CHILDREN: i64 = 5;
const CONVERTED_TYPE: i64 = 6;
const SCALE: i64 = 7;
const PRECISION: i64 = 8;
const LOGICAL_TYPE: i64 = 10;

/// The places of a schema's elements in its tree.
pub(crate) struct SchemaElements {
    pub(crate) elements: Vec<Place>,
    /// The top-level column of each leaf.
    pub(crate) leaf_roots: Vec<usize>,
    /// The physical type of each leaf, as its enumerator.
    pub(crate) leaf_types: Vec<Option<i64>>,
}

/// The place of an element.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The top-level column that contains it; none for the root.
    pub(crate) root: Option<usize>,
    /// Its position among the leaves, if it is one.
    pub(crate) leaf: Option<usize>,
}

/// The result of repairing an element.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    /// Its values cannot be read, for this reason.
    Unreadable(String),
    /// Its values are decimals of this precision and scale, which the crate refuses for the
    /// physical type.
    Decimal(u8, i8),
}

impl SchemaElements {
    /// Walks the elements, which are stored depth first. `None` if the child counts do not add up.
    pub(crate) fn of(elements: &[Structure<'_>]) -> Option<Self> {
        let (mut places, mut leaf_roots) = (vec![Place::default()], Vec::new());
        let mut leaf_types = Vec::new();
        // The current top-level column, and how many of its elements are still to come.
        let (mut column, mut open) = (0, 0_i64);
        for element in elements.iter().skip(1) {
            if open == 0 {
                open = 1;
                column = if places.len() == 1 { 0 } else { column + 1 };
            }
            let children = element.integer(NUM_CHILDREN).unwrap_or(0).max(0);
            let is_leaf = children == 0 && element.has(TYPE);
            let leaf = is_leaf.then_some(leaf_roots.len());
            if is_leaf {
                leaf_roots.push(column);
                leaf_types.push(element.integer(TYPE));
            }
            open = open.checked_add(children)?.checked_sub(1)?;
            places.push(Place { root: Some(column), leaf });
        }
        (open == 0 && !elements.is_empty()).then_some(Self {
            elements: places,
            leaf_roots,
            leaf_types,
        })
    }
}

/// Repairs an element of the schema.
pub(crate) fn repair_element(element: &mut Structure<'_>, place: Place) -> Found {
    fields::SCHEMA_ELEMENT.keep_in(element);
    repair_text(element, NAME);
    if place.root.is_some() && !element.has(REPETITION) {
        // Thrift's default for an unset enumerator is REQUIRED, and other readers read it so.
        element.set_integer(REPETITION, WireType::I32, 0);
    }
    let is_group = element.integer(NUM_CHILDREN).unwrap_or(0) > 0;
    if is_group || !element.has(TYPE) {
        repair_group(element);
        return Found::Nothing;
    }
    let physical =
        element.integer(TYPE).and_then(|code| Physical::of(code, element.integer(TYPE_LENGTH)));
    let Some(physical) = physical else {
        return Found::Unreadable("its type has no length".to_owned());
    };
    repair_annotations(element, physical)
}

/// Drops the annotations of a group that are not lists, maps or variants.
fn repair_group(element: &mut Structure<'_>) {
    let converted = element.integer(CONVERTED_TYPE).and_then(Converted::of);
    let logical = logical(element);
    if !matches!(converted, Some(Converted::Map | Converted::MapKeyValue | Converted::List)) {
        element.remove(CONVERTED_TYPE);
    }
    if !matches!(logical, Some(Logical::Map | Logical::List | Logical::Variant)) {
        element.remove(LOGICAL_TYPE);
    }
}

/// The converted type of an all-null column in files from parquet-cpp before Arrow 1.0.
const ALL_NULL: i64 = 24;

/// `LogicalType` with its member UNKNOWN.
const UNKNOWN: [u8; 3] = [0xbc, 0, 0];

fn repair_annotations(element: &mut Structure<'_>, physical: Physical) -> Found {
    if element.integer(CONVERTED_TYPE) == Some(ALL_NULL) && !element.has(LOGICAL_TYPE) {
        element.set(LOGICAL_TYPE, WireType::STRUCT, UNKNOWN.to_vec());
    }
    let converted = element.integer(CONVERTED_TYPE).and_then(Converted::of);
    let is_decimal = match logical(element) {
        Some(logical) if logical.fits(physical) => matches!(logical, Logical::Decimal { .. }),
        Some(Logical::Decimal { .. }) => true,
        _ => converted == Some(Converted::Decimal),
    };
    if is_decimal && physical.is_decimal() {
        return repair_decimal(element, physical);
    }
    let converted = converted.filter(|converted| converted.fits(physical));
    let logical = logical(element).filter(|logical| logical.fits(physical));
    match (&logical, converted) {
        // parquet-java writes INTERVAL next to UNKNOWN: readers that know INTERVAL use it.
        (Some(Logical::Unknown), Some(_)) | (None, _) => element.remove(LOGICAL_TYPE),
        _ => {}
    }
    match (&logical, converted) {
        (None | Some(Logical::Unknown), Some(_)) => {}
        // The crate derives the converted type from the logical type.
        _ => element.remove(CONVERTED_TYPE),
    }
    Found::Nothing
}

/// Scale and precision are in the element and, in files from later writers, in the logical type,
/// which takes precedence. A missing scale is 0. Some writers declare more digits than the physical
/// type can hold; the stored digits are correct.
fn repair_decimal(element: &mut Structure<'_>, physical: Physical) -> Found {
    let is_logical = matches!(logical(element), Some(Logical::Decimal { .. }));
    let (scale, precision) = match logical(element) {
        Some(Logical::Decimal { scale, precision }) => (Some(scale), Some(precision)),
        _ => {
            element.remove(LOGICAL_TYPE);
            (element.integer(SCALE), element.integer(PRECISION))
        }
    };
    let (scale, precision) = (scale.unwrap_or(0), precision.unwrap_or(0));
    if physical.holds_decimal(precision, scale) {
        element.set_integer(SCALE, WireType::I32, scale);
        element.set_integer(PRECISION, WireType::I32, precision);
        if element.has(LOGICAL_TYPE) {
            element.remove(CONVERTED_TYPE);
        }
        return Found::Nothing;
    }
    for field in [SCALE, PRECISION, LOGICAL_TYPE, CONVERTED_TYPE] {
        element.remove(field);
    }
    match (u8::try_from(precision), i8::try_from(scale)) {
        (Ok(digits @ 1..=76), Ok(scale)) if scale.unsigned_abs() <= digits => {
            Found::Decimal(digits, scale)
        }
        // Not a valid decimal: the physical type is read, as other readers do.
        (Ok(77..) | Err(_), _) if is_logical => Found::Nothing,
        _ => {
            let (decimal, physical) = (format!("DECIMAL({precision},{scale})"), physical.name());
            Found::Unreadable(format!("its type {decimal} does not fit {physical}"))
        }
    }
}

fn logical(element: &Structure<'_>) -> Option<Logical> {
    Logical::read(element.get(LOGICAL_TYPE, WireType::STRUCT)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(fields: &[(i64, i64)]) -> Structure<'static> {
        let mut element = Structure::read(&[0]).unwrap();
        element.set_integer(REPETITION, WireType::I32, 1);
        fields.iter().for_each(|(id, value)| element.set_integer(*id, WireType::I32, *value));
        element
    }

    #[test]
    fn elements_are_found_in_their_columns() {
        let tree = [
            element(&[(NUM_CHILDREN, 3)]),
            element(&[(TYPE, 1)]),
            element(&[(NUM_CHILDREN, 2)]),
            element(&[(TYPE, 1), (NUM_CHILDREN, 0)]),
            element(&[(TYPE, 2)]),
            element(&[(TYPE, 6)]),
        ];
        let places = SchemaElements::of(&tree).unwrap();
        assert_eq!(places.leaf_roots, [0, 1, 1, 2]);
        let roots: Vec<_> = places.elements.iter().map(|place| place.root).collect();
        assert_eq!(roots, [None, Some(0), Some(1), Some(1), Some(1), Some(2)]);
        let leaves: Vec<_> = places.elements.iter().map(|place| place.leaf).collect();
        assert_eq!(leaves, [None, Some(0), None, Some(1), Some(2), Some(3)]);
        assert!(SchemaElements::of(&tree[..4]).is_none());
    }

    #[test]
    fn a_converted_type_of_another_version_is_dropped() {
        let mut odd = element(&[(TYPE, 1), (CONVERTED_TYPE, 25)]);
        assert_eq!(repair_element(&mut odd, Place::default()), Found::Nothing);
        assert_eq!(odd, element(&[(TYPE, 1)]));
    }

    #[test]
    fn the_all_null_type_of_old_writers_becomes_unknown() {
        let mut nulls = element(&[(TYPE, 1), (CONVERTED_TYPE, ALL_NULL)]);
        assert_eq!(repair_element(&mut nulls, Place::default()), Found::Nothing);
        let mut unknown = element(&[(TYPE, 1)]);
        unknown.set(LOGICAL_TYPE, WireType::STRUCT, UNKNOWN.to_vec());
        assert_eq!(nulls, unknown);
    }

    #[test]
    fn a_decimal_without_scale_has_scale_0() {
        let mut decimal =
            element(&[(TYPE, 7), (TYPE_LENGTH, 4), (CONVERTED_TYPE, 5), (PRECISION, 9)]);
        assert_eq!(repair_element(&mut decimal, Place::default()), Found::Nothing);
        assert_eq!(decimal.integer(SCALE), Some(0));
    }

    #[test]
    fn a_decimal_of_more_digits_than_its_type_is_still_a_decimal() {
        let mut decimal = element(&[(TYPE, 1), (CONVERTED_TYPE, 5), (PRECISION, 12), (SCALE, 2)]);
        assert_eq!(repair_element(&mut decimal, Place::default()), Found::Decimal(12, 2));
        assert_eq!(decimal, element(&[(TYPE, 1)]));
        let mut decimal = element(&[(TYPE, 1), (CONVERTED_TYPE, 5), (PRECISION, 2), (SCALE, 3)]);
        let why = "its type DECIMAL(2,3) does not fit INT32".to_owned();
        assert_eq!(repair_element(&mut decimal, Place::default()), Found::Unreadable(why));
    }

    #[test]
    fn interval_next_to_unknown_is_an_interval() {
        let mut interval = element(&[(TYPE, 7), (TYPE_LENGTH, 12), (CONVERTED_TYPE, 21)]);
        let plain = interval.clone();
        interval.set(LOGICAL_TYPE, WireType::STRUCT, UNKNOWN.to_vec());
        assert_eq!(repair_element(&mut interval, Place::default()), Found::Nothing);
        assert_eq!(interval, plain);
    }
}
