//! Record batch in, record batch out; no I/O.
