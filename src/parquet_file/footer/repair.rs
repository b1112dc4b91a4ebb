//! Repairs a footer that the `parquet` crate refuses.
//!
//! Source of field numbers and enumerators: parquet.thrift of parquet-format 2.12.

use super::fields::{self, repair_text};
use super::repair_chunk::repair_row_group;
use super::repair_schema::{Found, SchemaElements, repair_element};
use crate::parquet_file::thrift::{Structure, WireType, structure_list};
use std::collections::BTreeMap;

/// The fields of `FileMetaData` that are repaired.
const SCHEMA: i64 = 2;
const ROW_GROUPS: i64 = 4;
const KEY_VALUES: i64 = 5;
const CREATED_BY: i64 = 6;
const COLUMN_ORDERS: i64 = 7;

/// The parts of a repaired footer that the crate's metadata cannot express.
#[derive(Debug, Default)]
pub(crate) struct Oddities {
    /// Top-level columns whose values cannot be read, by position, and why.
    pub(crate) unreadable: BTreeMap<usize, String>,
    /// The precision and scale of leaves whose decimals have more digits than their physical type.
    pub(crate) decimals: BTreeMap<usize, (u8, i8)>,
}

/// The footer without the parts that the crate refuses and the rows do not depend on. `None` if its
/// structure is damaged.
pub(crate) fn repaired(footer: &[u8]) -> Option<(Vec<u8>, Oddities)> {
    let mut file = Structure::read(footer)?;
    fields::FILE.keep_in(&mut file);
    let schema = file.get(SCHEMA, WireType::LIST)?.to_vec();
    let mut elements = structure_list(&schema)?;
    let places = SchemaElements::of(&elements)?;
    let mut oddities = Oddities::default();
    for (element, place) in elements.iter_mut().zip(&places.elements) {
        match (repair_element(element, *place), place.root, place.leaf) {
            (Found::Unreadable(why), Some(root), _) => {
                oddities.unreadable.insert(root, why);
            }
            (Found::Decimal(precision, scale), _, Some(leaf)) => {
                oddities.decimals.insert(leaf, (precision, scale));
            }
            _ => {}
        }
    }
    file.set_structures(SCHEMA, &elements);

    let row_groups = file.get(ROW_GROUPS, WireType::LIST)?.to_vec();
    let mut row_groups = structure_list(&row_groups)?;
    for row_group in &mut row_groups {
        for (leaf, why) in repair_row_group(row_group, &places.leaf_types)? {
            if let Some(root) = places.leaf_roots.get(leaf) {
                oddities.unreadable.insert(*root, why);
            }
        }
    }
    file.set_structures(ROW_GROUPS, &row_groups);

    repair_key_values(&mut file);
    repair_text(&mut file, CREATED_BY);
    repair_column_orders(&mut file, places.leaf_roots.len());
    Some((file.to_bytes(), oddities))
}

/// Keeps the pairs whose key and value are text. A value that is not text (parquet.thrift:
/// `string`) cannot be stored in a schema's metadata.
fn repair_key_values(file: &mut Structure<'_>) {
    const KEY: i64 = 1;
    const VALUE: i64 = 2;
    let list = file.get(KEY_VALUES, WireType::LIST).map(<[u8]>::to_vec);
    let Some(mut pairs) = list.as_deref().and_then(structure_list) else {
        return file.remove(KEY_VALUES);
    };
    pairs.iter_mut().for_each(|pair| fields::KEY_VALUE.keep_in(pair));
    let is_text = |pair: &Structure<'_>, id| {
        pair.binary(id).is_some_and(|text| std::str::from_utf8(text).is_ok())
    };
    pairs.retain(|pair| is_text(pair, KEY) && (!pair.has(VALUE) || is_text(pair, VALUE)));
    file.set_structures(KEY_VALUES, &pairs);
}

/// Drops the column orders unless they are one empty structure per leaf column. Without them, min
/// and max are not trusted.
fn repair_column_orders(file: &mut Structure<'_>, leaves: usize) {
    let is_order = |order: &Structure<'_>| {
        let mut members = order.ids();
        members.next().is_some_and(|(id, _)| order.get(id, WireType::STRUCT) == Some(&[0]))
            && members.next().is_none()
    };
    let orders = file.get(COLUMN_ORDERS, WireType::LIST).and_then(structure_list);
    if orders.is_none_or(|orders| orders.len() != leaves || !orders.iter().all(is_order)) {
        file.remove(COLUMN_ORDERS);
    }
}
