//! Time zones.

pub(crate) mod calendar;
pub(crate) mod offset;
