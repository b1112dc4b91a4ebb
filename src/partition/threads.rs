//! Distributes tasks among threads.

use crate::error::{Error, Result, guard};
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;

/// Executes all tasks in as many threads as there are states, including the calling thread. Each
/// worker has its own state.
///
/// # Errors
/// The first failure; tasks that have not been started are then dropped.
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
        return Err(Error::failed("there is no worker thread"));
    };
    std::thread::scope(|scope| {
        for state in others {
            // If a thread cannot be started, the others do its part.
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
