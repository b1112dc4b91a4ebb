//! Made-up data.
