//! Tasks shared out among threads.

use crate::error::{Error, Result, guard};
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;

/// Does all tasks, `threads` at a time; the caller works, too. Each worker has a state of its own,
/// of which there are as many as threads.
///
/// # Errors
/// The first failure; tasks that were not begun are left then.
pub(super) fn each<S: Send, T: Send>(
    states: &mut [S],
    tasks: impl Iterator<Item = T> + Send,
    work: impl Fn(&mut S, T) -> Result<()> + Sync,
) -> Result<()> {
    let queue = Mutex::new((tasks, None::<Error>));
    let work_off = |state: &mut S| {
        loop {
            let task = {
                let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
                if queue.1.is_some() {
                    return;
                }
                queue.0.next()
            };
            let Some(task) = task else { return };
            if let Err(error) = guard("cannot write", || work(state, task)) {
                let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
                queue.1.get_or_insert(error);
            }
        }
    };
    let Some((own, others)) = states.split_first_mut() else {
        return Err(Error::failed("no thread to work in"));
    };
    std::thread::scope(|scope| {
        for state in others {
            // A thread that cannot be had is done without.
            let started =
                Builder::new().name("write".to_owned()).spawn_scoped(scope, || work_off(state));
            drop(started);
        }
        work_off(own);
    });
    match queue.into_inner().unwrap_or_else(PoisonError::into_inner).1 {
        Some(error) => Err(error),
        None => Ok(()),
    }
}
