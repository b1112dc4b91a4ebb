//! Whoever holds the reading end of a pipe can place any locks on it.

use super::tables::Tables;
use crate::support::{Python, tool_directory};

#[test]
fn locks_of_strangers_leave_out_no_row_that_they_did_not_renounce() {
    let tables = Tables::new(1);
    tables.place().write("locks.py", include_str!("locks.py"));
    let line = format!("{} {}", Python::interpreter().display(), "locks.py");
    let path = tool_directory().display().to_string();
    let outcome = tables.place().shell(&format!("export PATH={path}:$PATH; {line}")).succeeds();
    assert_eq!(outcome.stdout_text().lines().last(), Some("done"), "{}", outcome.stdout_text());
}
