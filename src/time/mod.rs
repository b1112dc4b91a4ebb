//! Time as calendars and clocks show it.

pub(crate) mod offset;
