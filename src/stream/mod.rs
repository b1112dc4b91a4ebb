//! The Arrow IPC streaming format.
