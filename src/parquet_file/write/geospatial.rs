//! GEOMETRY and GEOGRAPHY from the metadata of `geoarrow.wkb`: `{"crs": …, "edges": "spherical"}`.
//!
//! Without `edges`, the edges are straight lines in the plane, and the type is GEOMETRY. The
//! coordinate reference system is omitted if it is longitude and latitude on WGS 84, the format's
//! default; "srid:0" means unknown, as in arrow-rs (Arrow C++ writes the default instead). Any
//! other system is given by name or as PROJJSON text.

use parquet::basic::{EdgeInterpolationAlgorithm, LogicalType};
use serde_json::Value;

/// The logical type that the metadata describes; none if it cannot be read: then the column is
/// plain bytes.
pub(crate) fn geospatial_type(metadata: &str) -> Option<LogicalType> {
    let metadata = match metadata {
        "" => Value::Null,
        text => serde_json::from_str(text).ok()?,
    };
    let is_srid = metadata.get("crs_type").is_some_and(|kind| kind == "srid");
    let crs = match metadata.get("crs") {
        None | Some(Value::Null) => Some("srid:0".to_owned()),
        Some(crs) if is_longitude_latitude(crs) => None,
        Some(Value::String(id)) if is_srid => Some(format!("srid:{id}")),
        Some(Value::String(name)) => Some(name.clone()),
        Some(definition) => Some(definition.to_string()),
    };
    use EdgeInterpolationAlgorithm as Edges;
    let edges = match metadata.get("edges").map(Value::as_str) {
        None | Some(Some("planar")) => return Some(LogicalType::geometry(crs)),
        // The format's default.
        Some(Some("spherical")) => None,
        Some(Some("vincenty")) => Some(Edges::VINCENTY),
        Some(Some("thomas")) => Some(Edges::THOMAS),
        Some(Some("andoyer")) => Some(Edges::ANDOYER),
        Some(Some("karney")) => Some(Edges::KARNEY),
        Some(_) => return None,
    };
    Some(LogicalType::geography(crs, edges))
}

/// Whether this is longitude and latitude on WGS 84. EPSG:4326 counts: well-known binary always has
/// the longitude first, whatever the definition says.
fn is_longitude_latitude(crs: &Value) -> bool {
    let is = |authority: &str, code: &str| {
        matches!((authority, code), ("OGC", "CRS84") | ("EPSG", "4326"))
    };
    if let Value::String(name) = crs {
        return name.split_once(':').is_some_and(|(authority, code)| is(authority, code));
    }
    let Some(id) = crs.get("id") else { return false };
    match (id.get("authority"), id.get("code")) {
        (Some(Value::String(authority)), Some(Value::String(code))) => is(authority, code),
        (Some(Value::String(authority)), Some(Value::Number(code))) => {
            is(authority, &code.to_string())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_system_and_the_edges_are_those_of_the_metadata() {
        let geometry = |crs: Option<&str>| Some(LogicalType::geometry(crs.map(str::to_owned)));
        for unknown in ["", "{}", r#"{"crs": null}"#, r#"{"edges": "planar"}"#] {
            assert_eq!(geospatial_type(unknown), geometry(Some("srid:0")), "{unknown}");
        }
        for default in [
            r#"{"crs": "OGC:CRS84"}"#,
            r#"{"crs": "EPSG:4326", "crs_type": "authority_code"}"#,
            r#"{"crs": {"type": "GeographicCRS", "id": {"authority": "EPSG", "code": 4326}}}"#,
            r#"{"crs": {"id": {"authority": "OGC", "code": "CRS84"}}}"#,
        ] {
            assert_eq!(geospatial_type(default), geometry(None), "{default}");
        }
        assert_eq!(geospatial_type(r#"{"crs": "EPSG:25832"}"#), geometry(Some("EPSG:25832")));
        let srid = geospatial_type(r#"{"crs": "5070", "crs_type": "srid"}"#);
        assert_eq!(srid, geometry(Some("srid:5070")));
        let definition = r#"{"crs":{"name":"UTM 32","id":{"authority":"EPSG","code":25832}}}"#;
        let text = r#"{"name":"UTM 32","id":{"authority":"EPSG","code":25832}}"#;
        assert_eq!(geospatial_type(definition), geometry(Some(text)));
        let geography = |edges| Some(LogicalType::geography(None, edges));
        assert_eq!(geospatial_type(r#"{"crs":"OGC:CRS84","edges":"spherical"}"#), geography(None));
        let karney = Some(EdgeInterpolationAlgorithm::KARNEY);
        assert_eq!(geospatial_type(r#"{"crs":"OGC:CRS84","edges":"karney"}"#), geography(karney));
        assert_eq!(geospatial_type(r#"{"edges": "of another day"}"#), None);
        assert_eq!(geospatial_type("no JSON"), None);
    }
}
