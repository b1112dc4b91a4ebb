//! The values that expressions work on: type families, numbers and points in time of any size, and
//! how arrays are read and shown.

pub(crate) mod common_type;
pub(crate) mod interval;
pub(crate) mod kind;
pub(crate) mod lists;
pub(crate) mod literal_text;
pub(crate) mod nested_text;
pub(crate) mod number;
pub(crate) mod time_part;
pub(crate) mod uuid;
pub(crate) mod value_reader;
pub(crate) mod value_text;
pub(crate) mod zone;
