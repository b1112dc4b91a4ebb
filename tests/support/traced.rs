//! Makes a process receive a signal, or encounter a full disk, at a chosen system call: events are
//! counted, not timed.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
use std::collections::HashSet;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus};

/// The result of a traced process.
pub(crate) struct Traced {
    pub(crate) status: ExitStatus,
    /// The number of stops: one whenever a system call of any of its threads began or ended.
    pub(crate) stops: u64,
}

/// Runs a command and sends it the signal when it is stopped for the `at`th time. The thread waits
/// until others have been stopped `ahead` times, as far as they can continue without it.
pub(crate) fn run_with_signal(command: &mut Command, signal: i32, at: u64, ahead: u64) -> Traced {
    let mut stops = 0;
    let status = trace(command, |process, _| {
        stops += 1;
        if stops != at {
            return 0;
        }
        // SAFETY: the process is our child and not yet waited for, so its ID is still valid.
        unsafe { libc::kill(process, signal) };
        ahead
    });
    Traced { status, stops }
}

/// Sends a signal to a child that has not been waited for yet.
pub(crate) fn send_signal(child: &Child, signal: i32) {
    // SAFETY: the ID of a child stays valid until it is waited for.
    unsafe { libc::kill(child.id() as i32, signal) };
}

/// Runs a command and does something when it is stopped for the `at`th time.
pub(crate) fn run_and_do(command: &mut Command, at: u64, mut action: impl FnMut()) -> Traced {
    let mut stops = 0;
    let status = trace(command, |_, _| {
        stops += 1;
        if stops == at {
            action();
        }
        0
    });
    Traced { status, stops }
}

/// Sends a signal to the thread of this name, and not to another one.
pub(crate) fn send_signal_to_thread(child: &Child, thread: &str, signal: i32) {
    let is_named = |task: &std::fs::DirEntry| {
        std::fs::read_to_string(task.path().join("comm")).is_ok_and(|name| name.trim() == thread)
    };
    // A thread takes its name after it was started.
    let task = loop {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", child.id())).unwrap();
        if let Some(task) = tasks.flatten().find(is_named) {
            break task;
        }
        std::thread::yield_now();
    };
    let task: i32 = task.file_name().to_str().unwrap().parse().unwrap();
    // SAFETY: the ID of a child stays valid until it is waited for.
    unsafe { libc::syscall(libc::SYS_tgkill, child.id() as i32, task, signal) };
}

/// Runs a command whose `at`th system call that writes to disk fails as if the disk were full.
#[cfg(target_arch = "x86_64")]
pub(crate) fn run_with_full_disk(command: &mut Command, at: u64) -> Traced {
    run_with_failure(command, writes, libc::ENOSPC, at, 0)
}

/// Runs a command whose `at`th call to remove a file or directory is not permitted.
#[cfg(target_arch = "x86_64")]
pub(crate) fn run_with_failing_unlink(command: &mut Command, at: u64) -> Traced {
    let unlinks = |call: &libc::user_regs_struct| {
        matches!(call.orig_rax as i64, libc::SYS_unlink | libc::SYS_unlinkat | libc::SYS_rmdir)
    };
    run_with_failure(command, unlinks, libc::EACCES, at, 0)
}

/// Runs one of our tools; the `at`th of these system calls fails with this error. The dynamic loader
/// and Rust's start-up end the process in their own ways, so calls count only from the beginning of
/// `main`, which is when the tool takes over SIGSEGV: start-up asks for its handler, and sets one.
#[cfg(target_arch = "x86_64")]
pub(crate) fn run_with_failing_call(
    command: &mut Command,
    calls: &[i64],
    error: i32,
    at: u64,
) -> Traced {
    run_with_failure(command, in_main(calls), error, at, 0)
}

/// Like [`run_with_failing_call`]; after the failure, the thread waits until others have been
/// stopped `ahead` times, as far as they can continue without it.
#[cfg(target_arch = "x86_64")]
pub(crate) fn run_with_late_failure(
    command: &mut Command,
    calls: &[i64],
    error: i32,
    at: u64,
    ahead: u64,
) -> Traced {
    run_with_failure(command, in_main(calls), error, at, ahead)
}

/// Whether a call is one of these, and made after the beginning of `main`.
#[cfg(target_arch = "x86_64")]
fn in_main(calls: &[i64]) -> impl Fn(&libc::user_regs_struct) -> bool {
    let handlers = std::cell::Cell::new(0);
    move |call: &libc::user_regs_struct| {
        let number = call.orig_rax as i64;
        if number == libc::SYS_rt_sigaction && call.rdi == libc::SIGSEGV as u64 {
            handlers.set(handlers.get() + 1);
        }
        let is_message = matches!(number, libc::SYS_write | libc::SYS_writev) && call.rdi == 2;
        handlers.get() >= 3 && !is_message && calls.contains(&number)
    }
}

/// Runs a command whose `at`th system call among the chosen ones is not made, but fails. The thread
/// then waits until others have been stopped `ahead` times, as far as they can continue without it.
#[cfg(target_arch = "x86_64")]
fn run_with_failure(
    command: &mut Command,
    is_chosen: impl Fn(&libc::user_regs_struct) -> bool,
    error: i32,
    at: u64,
    ahead: u64,
) -> Traced {
    const NO_CALL: u64 = u64::MAX;
    let (mut stops, mut inside, mut failing) = (0, HashSet::new(), None);
    let status = trace(command, |_, thread| {
        // The stops of a thread alternate between the start and the end of a call.
        let begins = inside.insert(thread) || !inside.remove(&thread);
        if begins && is_chosen(&registers(thread)) {
            stops += 1;
            if stops == at {
                set_registers(thread, |registers| registers.orig_rax = NO_CALL);
                failing = Some(thread);
            }
        } else if !begins && failing == Some(thread) {
            set_registers(thread, |registers| registers.rax = -i64::from(error) as u64);
            failing = None;
            return ahead;
        }
        0
    });
    Traced { status, stops }
}

/// Whether the call can fail because the disk is full.
#[cfg(target_arch = "x86_64")]
fn writes(call: &libc::user_regs_struct) -> bool {
    match call.orig_rax as i64 {
        libc::SYS_openat => call.rdx & libc::O_CREAT as u64 != 0,
        // Messages on standard error do not count.
        libc::SYS_write | libc::SYS_writev => 2 < call.rdi,
        libc::SYS_symlink | libc::SYS_symlinkat => true,
        libc::SYS_mkdir | libc::SYS_mkdirat | libc::SYS_rename | libc::SYS_renameat => true,
        libc::SYS_renameat2 | libc::SYS_syncfs | libc::SYS_fsync | libc::SYS_fchmod => true,
        _ => false,
    }
}

#[cfg(target_arch = "x86_64")]
fn registers(thread: i32) -> libc::user_regs_struct {
    // SAFETY: the registers are integers, for which 0 is valid; the thread is traced and stopped.
    unsafe {
        let mut registers: libc::user_regs_struct = std::mem::zeroed();
        libc::ptrace(libc::PTRACE_GETREGS, thread, 0, &mut registers);
        registers
    }
}

#[cfg(target_arch = "x86_64")]
fn set_registers(thread: i32, change: impl FnOnce(&mut libc::user_regs_struct)) {
    let mut registers = registers(thread);
    change(&mut registers);
    // SAFETY: the thread is traced and stopped; the registers are only read.
    unsafe { libc::ptrace(libc::PTRACE_SETREGS, thread, 0, &registers) };
}

/// Runs a command and calls `stopped` with the process and thread IDs whenever a system call begins
/// or ends. The thread then waits until others have been stopped as often as `stopped` returns.
fn trace(command: &mut Command, mut stopped: impl FnMut(i32, i32) -> u64) -> ExitStatus {
    // SAFETY: between fork and exec, only ptrace is called, which takes no locks.
    unsafe {
        command.pre_exec(|| match libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) {
            -1 => Err(std::io::Error::last_os_error()),
            _ => Ok(()),
        });
    }
    let process = command.spawn().unwrap().id() as i32;
    // The process stops at exec.
    assert!(libc::WIFSTOPPED(wait(process).1));
    let options = libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_TRACECLONE | libc::PTRACE_O_EXITKILL;
    // SAFETY: the process is traced and stopped; the option is an integer, not an address.
    unsafe { libc::ptrace(libc::PTRACE_SETOPTIONS, process, 0, options) };
    go_on(process, 0);
    let mut waiting: Option<(i32, u64)> = None;
    loop {
        if let Some((thread, 0)) = waiting {
            go_on(thread, 0);
            waiting = None;
        }
        let found = if waiting.is_some() { wait_a_little() } else { Some(wait(-1)) };
        let Some((thread, status)) = found else {
            // The other threads wait for this one.
            waiting = waiting.map(|(thread, _)| (thread, 0));
            continue;
        };
        if !libc::WIFSTOPPED(status) {
            if thread == process { return ExitStatus::from_raw(status) } else { continue }
        }
        match libc::WSTOPSIG(status) {
            // A system call, as marked by TRACESYSGOOD.
            stop if stop == libc::SIGTRAP | 0x80 => {
                let ahead = stopped(process, thread);
                if 0 < ahead {
                    waiting = Some((thread, ahead));
                    continue;
                }
                waiting = waiting.map(|(thread, ahead)| (thread, ahead - 1));
                go_on(thread, 0);
            }
            // A new thread.
            libc::SIGTRAP | libc::SIGSTOP => go_on(thread, 0),
            other => go_on(thread, other),
        }
    }
}

/// Polls long enough that threads that can continue usually have. Only the set of event orders that
/// are tried depends on this.
fn wait_a_little() -> Option<(i32, i32)> {
    (0..20_000).find_map(|_| {
        let mut status = 0;
        let options = libc::__WALL | libc::__WNOTHREAD | libc::WNOHANG;
        // SAFETY: the status is written to a local variable.
        let found = unsafe { libc::waitpid(-1, &mut status, options) };
        (0 < found).then_some((found, status))
    })
}

/// Waits for a child of this thread or one of its threads, because other tests have children, too.
fn wait(process: i32) -> (i32, i32) {
    let mut status = 0;
    // SAFETY: the status is written to a local variable.
    let found = unsafe { libc::waitpid(process, &mut status, libc::__WALL | libc::__WNOTHREAD) };
    assert!(0 < found, "{}", std::io::Error::last_os_error());
    (found, status)
}

fn go_on(thread: i32, signal: i32) {
    // A thread that was killed meanwhile cannot continue; the next wait reports its end.
    // SAFETY: the thread is traced and stopped; the signal is an integer, not an address.
    unsafe { libc::ptrace(libc::PTRACE_SYSCALL, thread, 0, signal) };
}
