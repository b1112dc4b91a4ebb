//! The table of contents of the tests that run the tools as processes.
