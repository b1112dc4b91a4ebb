//! The keys of field metadata that name a logical type of Parquet, for reading and writing.

/// Arrow's key for the name of an extension type.
pub(crate) const EXTENSION_NAME: &str = "ARROW:extension:name";
/// Arrow's key for the parameters of an extension type.
pub(crate) const EXTENSION_METADATA: &str = "ARROW:extension:metadata";
/// Our key for a logical type without an extension type. The value is the name of the type in
/// parquet.thrift, `ENUM` or `BSON`.
pub(crate) const LOGICAL_TYPE: &str = "PARQUET:logical_type";
