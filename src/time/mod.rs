//! Civil days, time zones and units of any year, and their text in both directions.
//!
//! `calendar` counts days, `unit` describes the units of Arrow's types, and `zone` converts between
//! UTC and local time. `parse` and `format` are ISO 8601; `span` is durations, with their text.

pub(crate) mod calendar;
pub(crate) mod format;
pub(crate) mod parse;
pub(crate) mod span;
pub(crate) mod unit;
pub(crate) mod zone;
