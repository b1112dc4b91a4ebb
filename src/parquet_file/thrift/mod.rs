//! Thrift's compact protocol: one reader of structures, and structures that can be edited.
//!
//! The `parquet` crate keeps its reader of headers to itself, and it refuses whole footers for one
//! odd field. Source: Apache Thrift, "Thrift Compact protocol encoding".

mod reader;
mod structure;

pub(crate) use reader::{Compact, FieldHead, Taken};
pub(crate) use structure::{Kind, Structure, integer_list, structure_list};
