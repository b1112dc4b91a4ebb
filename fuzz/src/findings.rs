//! A panic is a finding, but not the end of the run: its input is kept, once for each place in the
//! code, and the run goes on. Crashes, timeouts and too much memory are libFuzzer's.

use arrow_pipes::Result;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};
use std::path::PathBuf;

thread_local! {
    /// Where the last panic was: a file and a line.
    static LAST_PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Replaces the hook of libfuzzer-sys, which aborts.
pub(crate) fn watch() {
    set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!("{}-{}", place.file(), place.line()));
        let place = place.unwrap_or_default();
        LAST_PLACE.with(|last| *last.borrow_mut() = place);
    }));
}

/// Runs a target. Errors are what hostile bytes deserve.
pub(crate) fn guard(bytes: &[u8], run: fn(&[u8]) -> Result<()>) {
    if catch_unwind(AssertUnwindSafe(|| drop(run(bytes)))).is_err() {
        keep(bytes);
    }
}

fn keep(bytes: &[u8]) {
    let directory = std::env::var_os("FUZZ_ARTIFACTS").map_or_else(PathBuf::new, PathBuf::from);
    let place = LAST_PLACE.with(|last| last.borrow().clone());
    // `.../arrow-data-60.1.0/src/transform/mod.rs-12` becomes `panic-arrow-data-60.1.0-mod.rs-12`.
    let names: Vec<&str> = place.split('/').filter(|name| *name != "src").collect();
    let from = names.iter().rposition(|name| name.ends_with(|c: char| c.is_ascii_digit()));
    let from = from.filter(|from| from + 1 < names.len()).unwrap_or(names.len().saturating_sub(3));
    let path = directory.join(format!("panic-{}", names[from..].join("-")));
    if !path.exists() {
        drop(std::fs::write(path, bytes));
    }
}
