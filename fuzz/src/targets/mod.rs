//! The targets, by their names.

mod arrow_file;
mod columns;
mod csv;
mod expression;
mod hint;
mod json;
mod options;
mod parquet;
mod paths;
mod stream;
mod thrift;

use crate::Target;
use crate::mutate::Damage;
use std::sync::LazyLock;

/// All targets. `scripts/fuzz` reads their names from the lines below.
const TARGETS: &[Target] = &[
    Target { name: "stream", run: stream::run, damage: Some(Damage::Flatbuffer) },
    Target { name: "arrow-file", run: arrow_file::run, damage: Some(Damage::Flatbuffer) },
    Target { name: "parquet-footer", run: parquet::footer, damage: Some(Damage::Thrift) },
    Target { name: "parquet-pages", run: parquet::pages, damage: Some(Damage::Thrift) },
    Target { name: "thrift", run: thrift::run, damage: Some(Damage::Thrift) },
    Target { name: "csv", run: csv::run, damage: None },
    Target { name: "json", run: json::run, damage: None },
    Target { name: "expression", run: expression::condition, damage: None },
    Target { name: "select-list", run: expression::list, damage: None },
    Target { name: "hint", run: hint::run, damage: None },
    Target { name: "schema-text", run: options::schema, damage: None },
    Target { name: "partition-path", run: paths::hive, damage: None },
    Target { name: "pattern", run: paths::pattern, damage: None },
    Target { name: "options", run: options::values, damage: None },
];

/// The target that FUZZ_TARGET names.
pub(crate) fn chosen() -> &'static Target {
    static CHOSEN: LazyLock<&Target> = LazyLock::new(|| {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        let found = TARGETS.iter().find(|target| target.name == name);
        found.unwrap_or_else(|| panic!("FUZZ_TARGET {name:?} is not a target"))
    });
    &CHOSEN
}

/// More batches say the same.
const MOST_BATCHES: usize = 64;
