//! Coverage-guided tests of the parsers of foreign bytes. `scripts/fuzz` builds this program and
//! runs it once for each target.
//!
//! One program for all targets: arrow and parquet are instrumented and linked once.
#![no_main]

mod findings;
mod input;
#[path = "../../tests/support/mutate/mod.rs"]
mod mutate;
mod targets;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use mutate::{Damage, Random};

fuzz_target!(init: findings::watch(), |bytes: &[u8]| {
    findings::guard(bytes, targets::chosen().run);
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let mut random = Random::new(seed.into());
    // libFuzzer knows which comparisons failed; our own mutations know the format.
    let own = targets::chosen().damage.filter(|_| random.below(2) == 0);
    let Some(damage) = own else { return fuzzer_mutate(data, size, max_size) };
    let mut bytes = data[..size].to_vec();
    damage.apply(&mut bytes, random.next() as usize, &mut random);
    if bytes.is_empty() || bytes.len() > max_size {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..bytes.len()].copy_from_slice(&bytes);
    bytes.len()
});

/// A parser, and the damage that fits its format.
struct Target {
    name: &'static str,
    run: fn(&[u8]) -> arrow_pipes::Result<()>,
    damage: Option<Damage>,
}
