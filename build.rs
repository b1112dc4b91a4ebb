//! Linker options for the programs.

#![allow(clippy::print_stdout)] // Cargo reads the output.

use std::env::var;

/// Links the programs as non-PIE, for a faster start.
///
/// The tables of time zones, keywords and method calls contain 78,000 addresses. In a
/// position-independent executable all of them are relocated at each start, and the 430 pages that
/// contain them are copied: `stream-filter --version` took 2.3 ms and 530 page faults. If the
/// linker relocates them once and for all, it takes 1.0 ms and 90 page faults (`/bin/true` takes
/// 0.8 ms). The price is that the program's own code and tables are at known addresses; libraries,
/// stack, heap and mappings are not. To build position-independent programs, delete this file.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |what: &str| var(format!("CARGO_CFG_TARGET_{what}")).unwrap_or_default();
    let is_static = target("FEATURE").split(',').any(|feature| feature == "crt-static");
    if target("OS") == "linux" && target("ENV") == "gnu" && !is_static {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
