//! What a reader tells its writer through the pipe changes no result: neither rows nor their order,
//! neither messages nor exit statuses.
//!
//! `HINTS_RUNS=N` runs N random pipes, pushdowns and starts instead of the few of the normal test
//! run; `HINTS_SEED=N` makes them others.

#[path = "hints/conditions.rs"]
mod conditions;
#[path = "hints/errors.rs"]
mod errors;
#[path = "hints/locks.rs"]
mod locks;
#[path = "hints/pipes.rs"]
mod pipes;
#[path = "hints/pushdowns.rs"]
mod pushdowns;
#[path = "hints/readers.rs"]
mod readers;
#[path = "hints/run.rs"]
mod run;
#[path = "hints/starts.rs"]
mod starts;
#[path = "hints/tables.rs"]
mod tables;

use crate::support::mutate::Random;
use crate::support::{Outcome, Workplace};
use pipes::Plan;
use run::{Order, Run};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tables::Tables;

/// The random pipes of the normal run: 20 seconds on two cores.
const PIPES: usize = 200;

/// The tables that they read.
const TABLES: usize = 8;

/// Findings after which a test stops: more say the same.
const MOST_FINDINGS: usize = 10;

#[test]
fn random_pipes_give_the_same_with_and_without_hints() {
    let tables = Tables::new(TABLES);
    let (agreed, racing) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let pipes = asked(PIPES);
    in_threads("pipe", pipes, |number| {
        let mut random = random(number);
        let plan = pipes::plan(&tables, &mut random);
        let order = random.one_of(&Order::ALL);
        let off = Run::of(&plan.stages, tables.path(), false, Order::ReadersFirst);
        let on = Run::of(&plan.stages, tables.path(), true, order);
        if !plan.stops_early && off.first_bytes != on.first_bytes {
            agreed.fetch_add(1, Ordering::Relaxed);
        }
        let Err(difference) = compared(&plan, &off, &on) else { return Ok(()) };
        // Who sees first that the other has failed may differ without hints, too.
        let again = || Run::of(&plan.stages, tables.path(), false, order);
        if (0..20).any(|_| compared(&plan, &again(), &on).is_ok()) {
            racing.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        Err(format!("{order:?}: {}\n{difference}", plan.line()))
    });
    let (agreed, racing) = (agreed.into_inner(), racing.into_inner());
    eprintln!("{pipes} pipes: {agreed} had other bytes with hints, {racing} race without them");
    // About half of them start with a program that uses hints, and are told some in time.
    assert!(pipes / 6 < agreed, "{agreed} of {pipes} pipes used hints");
    assert!(racing * 20 < pipes, "{racing} of {pipes} pipes race");
}

/// What differs between two runs of a pipe.
fn compared(plan: &Plan, off: &Run, on: &Run) -> Result<(), String> {
    if (&off.statuses, &off.messages) != (&on.statuses, &on.messages) {
        return Err(format!(
            "without hints: {:?} {:#?}\nwith hints: {:?} {:#?}",
            off.statuses, off.messages, on.statuses, on.messages
        ));
    }
    if off.statuses.iter().any(|status| *status != Some(0)) {
        return Ok(());
    }
    run::same_content(&off.output, &on.output, plan.form)
}

/// Runs numbered tests in two threads, and fails if any of them finds something.
#[track_caller]
fn in_threads(what: &str, count: usize, test: impl Fn(usize) -> Result<(), String> + Sync) {
    let (next, findings) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while findings.lock().unwrap().len() < MOST_FINDINGS {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if count <= number {
                return;
            }
            if let Err(finding) = test(number) {
                findings.lock().unwrap().push(format!("{what} {number}: {finding}"));
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(work);
        }
    });
    let findings = findings.into_inner().unwrap();
    assert!(findings.is_empty(), "{}", findings.join("\n\n"));
}

fn asked(normally: usize) -> usize {
    let asked = std::env::var("HINTS_RUNS").ok();
    asked.map_or(normally, |number| number.parse().expect("HINTS_RUNS is a number"))
}

/// The random numbers of a test, always the same for one number.
fn random(number: usize) -> Random {
    let seed = std::env::var("HINTS_SEED").map_or(1, |seed| seed.parse().expect("HINTS_SEED"));
    Random::new(Random::new(seed).next() ^ number as u64)
}

/// Runs a shell line without hints and with them.
fn both(place: &Workplace, line: &str) -> (Outcome, Outcome) {
    let off = place.shell(&format!("export ARROW_PIPES_HINTS=off; {line}"));
    (off, place.shell(&format!("unset ARROW_PIPES_HINTS; {line}")))
}

/// Requires that a shell line has the same output, messages and status with hints as without.
/// Returns those with hints.
#[track_caller]
fn same(place: &Workplace, line: &str) -> Outcome {
    let (off, on) = both(place, line);
    // Programs that run at the same time fail in any order.
    let seen = |outcome: &Outcome| {
        let mut messages: Vec<String> = outcome.stderr.lines().map(str::to_owned).collect();
        messages.sort();
        (outcome.status(), outcome.stdout_text(), messages)
    };
    assert_eq!(seen(&on), seen(&off), "with hints (left) and without: {line}");
    on
}
