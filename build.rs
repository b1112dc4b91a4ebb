//! Tells the linker how the programs are to start.

#![allow(clippy::print_stdout)] // Cargo reads it.

use std::env::var;

/// The tables of time zones, of keywords and of method calls hold 78,000 addresses. A program that
/// may lie anywhere has all of them corrected at each start, and the 430 pages they lie in copied:
/// `stream-filter --version` took 2.3 ms and 530 page faults so, and takes 1.0 ms and 90 (with
/// `/bin/true` at 0.8 ms) where the linker has done it once and for all. The price is that the
/// program's own code and tables lie at addresses that are known beforehand; libraries, stack, heap
/// and mappings do not. Who prefers it the other way deletes this file.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |what: &str| var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    let is_static = target("FEATURE").split(',').any(|feature| feature == "crt-static");
    if target("OS") == "linux" && target("ENV") == "gnu" && !is_static {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
