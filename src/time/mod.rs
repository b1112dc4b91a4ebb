//! Civil days, time zones and units of any year, and their text in both directions.

pub(crate) mod calendar;
pub(crate) mod format;
pub(crate) mod parse;
pub(crate) mod span;
pub(crate) mod unit;
pub(crate) mod zone;
