//! Thrift's compact protocol: a reader of structures, and structures that can be edited.
//!
//! The `parquet` crate's reader of headers is private, and it refuses a whole footer for one odd
//! field. Source: Apache Thrift, doc/specs/thrift-compact-protocol.md.

mod reader;
mod structure;

pub(crate) use reader::{CompactReader, FieldHead, Taken, WireType, is_bounded};
pub(crate) use structure::{Structure, integer_list, list_head, structure_list, write_varint};
