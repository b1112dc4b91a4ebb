//! Bytes from strangers, through the real executables: mutated streams, files and texts, each given
//! to a tool that runs in a limited address space and a limited time. Whatever the bytes are, a tool
//! ends with one of its exit statuses and one line, leaves nothing behind after a failure, and never
//! writes an end marker after one.
//!
//! `scripts/fuzz --processes N` runs N inputs instead of the few of the normal test run. An input
//! that breaks the promise is kept in `target/hostile`, and belongs into `tests/regressions` once
//! the fault is mended.

#[path = "hostile/arrays.rs"]
mod arrays;
#[path = "hostile/bases.rs"]
mod bases;
#[path = "hostile/commands.rs"]
mod commands;
#[path = "hostile/privileges.rs"]
mod privileges;
#[path = "hostile/runs.rs"]
mod runs;
#[path = "hostile/terminals.rs"]
mod terminals;
#[path = "hostile/texts.rs"]
mod texts;

use crate::support::Workplace;
use crate::support::mutate::{Damage, Random};
use bases::{Base, Format};
use runs::{Job, run_all};

/// The inputs of the normal run: 25 seconds on two cores.
const INPUTS: usize = 2_400;

/// The command lines with a mutated expression, name, pattern or size, likewise.
const TEXTS: usize = 800;

#[test]
fn mutated_inputs_break_no_tool() {
    let bases = bases::all();
    run_all("inputs", asked(INPUTS), |number| mutated(&bases, number));
}

/// Else a command line would be refused whatever its input is.
#[test]
fn each_command_line_takes_some_undamaged_input() {
    let bases = bases::all();
    let place = Workplace::new();
    let takes = |words: &[&str], base: &Base| {
        place.write(&base.name, &base.bytes);
        let words = words.iter().map(|word| word.replace("INPUT", &base.name));
        let words: Vec<String> = words.collect();
        let run = place.tool(&words[0]).args(&words[1..]).pipe_in(base.bytes.clone()).run();
        drop(std::fs::remove_dir_all(place.file("output")));
        drop(std::fs::remove_file(place.file("output")));
        run.status() == Some(0)
    };
    let mut refused: Vec<&&[&str]> = Vec::new();
    for format in [Format::Stream, Format::ArrowFile, Format::Parquet, Format::Csv, Format::Json] {
        let mut bases = bases.iter().filter(|base| base.format == format);
        let all = commands::of(format).iter();
        refused.extend(all.filter(|words| !bases.clone().any(|base| takes(words, base))));
        assert!(bases.next().is_some());
    }
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn mutated_texts_of_options_break_no_tool() {
    let stream = arrays::mixed_stream();
    run_all("texts", asked(INPUTS) * TEXTS / INPUTS, |number| texts::job(&stream, number));
}

/// Job `number`: a base, a kind of damage and a command line, always the same for one number.
fn mutated(bases: &[Base], number: usize) -> Job {
    let mut random = Random::new(seed(number));
    let base = &bases[number % bases.len()];
    let turn = number / bases.len();
    let kinds = kinds(base.format);
    let damage = kinds[turn % kinds.len()];
    let mut bytes = base.bytes.clone();
    damage.apply(&mut bytes, turn / kinds.len(), &mut random);
    let command = random.one_of(commands::of(base.format));
    let name = format!("{}-{damage:?}-{number}", base.name).to_lowercase();
    Job { name, bytes, extension: base.format.extension(), ..Job::new(command, &mut random) }
}

/// The kinds of damage that fit a format; those that know it come twice as often.
fn kinds(format: Format) -> Vec<Damage> {
    let own = match format {
        Format::Stream | Format::ArrowFile => Some(Damage::Flatbuffer),
        Format::Parquet => Some(Damage::Thrift),
        Format::Csv | Format::Json => None,
    };
    Damage::ANY.into_iter().chain(own).chain(own).collect()
}

/// The number of inputs, from the environment in the long form.
fn asked(normally: usize) -> usize {
    let asked = std::env::var("HOSTILE_INPUTS").ok();
    asked.map_or(normally, |number| number.parse().expect("HOSTILE_INPUTS is a number"))
}

/// The random seed of a job. HOSTILE_SEED makes a long run take other inputs than the one before.
fn seed(number: usize) -> u64 {
    let base = std::env::var("HOSTILE_SEED").map_or(2, |seed| seed.parse().expect("HOSTILE_SEED"));
    Random::new(base).next() ^ number as u64
}
