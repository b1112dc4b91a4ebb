//! Days and time zones of any year.

pub(crate) mod calendar;
mod offset;
pub(crate) mod zone;
