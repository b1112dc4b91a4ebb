//! Text as programs and people write it: delimited text, JSON, aligned tables.
