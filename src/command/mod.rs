//! Option tables and what is rendered from them.
