//! Tasks that the caller and other threads take from a list, and whose results are in its order.

use super::budget::Threads;
use crate::error::{Error, Result, guard};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::thread::Builder;

struct List<I, R> {
    tasks: I,
    results: BTreeMap<usize, Result<R>>,
    has_failed: bool,
}

impl Threads {
    /// Executes all tasks in the calling thread and in others that are free, but in no more than
    /// there are states; each has its own. `what` names the work in the error of a panic.
    ///
    /// # Errors
    /// The error of the first task that has one; tasks that have not been started are then dropped.
    pub(crate) fn each<S: Send, T: Send, R: Send>(
        &self,
        what: &str,
        states: &mut [S],
        tasks: impl Iterator<Item = T> + Send,
        work: impl Fn(&mut S, T) -> Result<R> + Sync,
    ) -> Result<Vec<R>> {
        let Some((own, others)) = states.split_first_mut() else {
            return Err(Error::failed("there is no worker thread"));
        };
        let list = List { tasks: tasks.enumerate(), results: BTreeMap::new(), has_failed: false };
        let list = Mutex::new(list);
        let lock = || list.lock().unwrap_or_else(PoisonError::into_inner);
        let work_off = &|state: &mut S, start_others: &mut dyn FnMut()| {
            let mut list = lock();
            while !list.has_failed
                && let Some((number, task)) = list.tasks.next()
            {
                drop(list);
                start_others();
                let result = guard(what, || work(state, task));
                list = lock();
                list.has_failed |= result.is_err();
                list.results.insert(number, result);
            }
        };
        std::thread::scope(|scope| {
            let mut others = others.iter_mut();
            work_off(own, &mut || {
                while others.len() > 0
                    && let Some(working) = self.take()
                    && let Some(state) = others.next()
                {
                    let other = move || {
                        work_off(state, &mut || ());
                        drop(working);
                    };
                    // If a thread cannot be started, the others do its part.
                    let _started =
                        Builder::new().name("task".to_owned()).spawn_scoped(scope, other);
                }
            });
        });
        let list = list.into_inner().unwrap_or_else(PoisonError::into_inner);
        list.results.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_and_errors_are_those_of_the_first_tasks_whatever_the_threads() {
        for count in 1..=4 {
            let threads = Threads::new(count);
            let mut counts = vec![0; 3];
            let squares = threads.each("it", &mut counts, 0..100, |count, number: usize| {
                *count += 1;
                Ok(number * number)
            });
            assert_eq!(squares.unwrap(), (0..100).map(|n| n * n).collect::<Vec<_>>());
            assert_eq!(counts.iter().sum::<i32>(), 100);
            let failed = threads.each("it", &mut counts, 0..100, |_, number: usize| match number {
                0..7 => Ok(number),
                7 => panic!("seven"),
                _ => Err(Error::failed("later")),
            });
            assert_eq!(failed.unwrap_err().to_string(), "it: seven");
            assert!(threads.each("it", &mut counts, 0..0, |_, _| Ok(())).unwrap().is_empty());
        }
    }
}
