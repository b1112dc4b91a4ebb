//! Descriptors and memory.
