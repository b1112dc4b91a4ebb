//! Logical types without an Arrow equivalent, as field metadata: an extension type if there is one,
//! else the name of the logical type.
//!
//! Sources: Arrow's canonical extension types (`arrow.uuid`, `arrow.json`,
//! `arrow.parquet.variant`), GeoArrow's extension types (`geoarrow.wkb`), parquet-format's
//! LogicalTypes.md and Geospatial.md.

use super::leaf_fields::{edited, is_leaf, leaf_count};
use crate::parquet_file::storable::LOGICAL_TYPE;
use arrow::datatypes::{DataType, FieldRef};
use parquet::basic::{ConvertedType, EdgeInterpolationAlgorithm, LogicalType};
use parquet::schema::types::Type;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::ops::Range;

/// Arrow's key for the name of an extension type.
const EXTENSION_NAME: &str = "ARROW:extension:name";
/// Arrow's key for the parameters of an extension type.
const EXTENSION_METADATA: &str = "ARROW:extension:metadata";

/// The metadata that describes a logical type.
type Metadata = Vec<(&'static str, String)>;

/// The field of a column with the logical types that its Parquet type names.
///
/// `pairs` is the key-value metadata of the file: it may contain a coordinate reference system.
pub(crate) fn annotated(
    field: &FieldRef,
    column: &Type,
    pairs: &HashMap<String, String>,
) -> FieldRef {
    let mut annotations = Vec::new();
    collect(column, 0, pairs, &mut annotations);
    if annotations.is_empty() {
        return field.clone();
    }
    edited(field, &mut |field, leaves| {
        let found = annotations
            .iter()
            .find(|annotation| annotation.leaves == leaves && annotation.fits(field.data_type()));
        // The Arrow schema of the writer says more about the field than the Parquet type does.
        match found {
            Some(found) if !field.metadata().contains_key(EXTENSION_NAME) => {
                let mut metadata = field.metadata().clone();
                metadata.extend(found.metadata.iter().map(|(k, v)| ((*k).to_owned(), v.clone())));
                field.with_metadata(metadata)
            }
            _ => field,
        }
    })
}

struct Annotation {
    leaves: Range<usize>,
    is_variant: bool,
    metadata: Metadata,
}

impl Annotation {
    fn fits(&self, data_type: &DataType) -> bool {
        if self.is_variant { is_variant(data_type) } else { is_leaf(data_type) }
    }
}

fn is_variant(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Struct(fields) if fields.find("metadata").is_some())
}

fn collect(
    column: &Type,
    first_leaf: usize,
    pairs: &HashMap<String, String>,
    annotations: &mut Vec<Annotation>,
) {
    let info = column.get_basic_info();
    let logical = info.logical_type_ref();
    let leaves = first_leaf..first_leaf + leaf_count(column);
    if column.is_primitive() {
        let metadata = leaf_metadata(logical, info.converted_type(), pairs);
        if !metadata.is_empty() {
            annotations.push(Annotation { leaves, is_variant: false, metadata });
        }
        return;
    }
    if let Some(LogicalType::Variant(_)) = logical {
        let metadata = extension("arrow.parquet.variant", "");
        annotations.push(Annotation { leaves, is_variant: true, metadata });
    }
    let mut next = first_leaf;
    for child in column.get_fields() {
        collect(child, next, pairs, annotations);
        next += leaf_count(child);
    }
}

fn leaf_metadata(
    logical: Option<&LogicalType>,
    converted: ConvertedType,
    pairs: &HashMap<String, String>,
) -> Metadata {
    match (logical, converted) {
        (Some(LogicalType::Uuid), _) => extension("arrow.uuid", ""),
        (Some(LogicalType::Json), _) | (None, ConvertedType::JSON) => extension("arrow.json", ""),
        (Some(LogicalType::Enum), _) | (None, ConvertedType::ENUM) => named("ENUM"),
        (Some(LogicalType::Bson), _) | (None, ConvertedType::BSON) => named("BSON"),
        (Some(LogicalType::Geometry(geometry)), _) => {
            extension("geoarrow.wkb", &wkb(geometry.crs.as_deref(), None, pairs))
        }
        (Some(LogicalType::Geography(geography)), _) => {
            // The default algorithm of the specification.
            let edges = geography.algorithm.map_or("spherical", edges);
            extension("geoarrow.wkb", &wkb(geography.crs.as_deref(), Some(edges), pairs))
        }
        _ => Vec::new(),
    }
}

fn extension(name: &str, metadata: &str) -> Metadata {
    vec![(EXTENSION_NAME, name.to_owned()), (EXTENSION_METADATA, metadata.to_owned())]
}

fn named(logical: &str) -> Metadata {
    vec![(LOGICAL_TYPE, logical.to_owned())]
}

/// GeoArrow's metadata of a column: its coordinate reference system, and the interpolation between
/// points if it is not by straight lines. The forms of the reference system are those of
/// Geospatial.md.
fn wkb(crs: Option<&str>, edges: Option<&str>, pairs: &HashMap<String, String>) -> String {
    let mut metadata = Map::new();
    let mut set = |key: &str, value: Value| drop(metadata.insert(key.to_owned(), value));
    match crs {
        None => {
            set("crs", json!("OGC:CRS84"));
            set("crs_type", json!("authority_code"));
        }
        // Unknown.
        Some("srid:0") => {}
        Some(crs) => {
            let of_key = crs.strip_prefix("projjson:").and_then(|key| pairs.get(key));
            match (crs.strip_prefix("srid:"), of_key.and_then(|text| projjson(text))) {
                (Some(id), _) => {
                    set("crs", json!(id));
                    set("crs_type", json!("srid"));
                }
                (_, Some(definition)) => {
                    set("crs", definition);
                    set("crs_type", json!("projjson"));
                }
                _ => set("crs", projjson(crs).unwrap_or(json!(crs))),
            }
        }
    }
    if let Some(edges) = edges {
        set("edges", json!(edges));
    }
    Value::Object(metadata).to_string()
}

/// A PROJJSON definition, which is an object.
fn projjson(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().filter(Value::is_object)
}

fn edges(algorithm: EdgeInterpolationAlgorithm) -> &'static str {
    use EdgeInterpolationAlgorithm as E;
    match algorithm {
        E::VINCENTY => "vincenty",
        E::THOMAS => "thomas",
        E::ANDOYER => "andoyer",
        E::KARNEY => "karney",
        _ => "spherical",
    }
}
