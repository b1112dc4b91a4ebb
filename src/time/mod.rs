//! Time zones.

pub(crate) mod offset;
