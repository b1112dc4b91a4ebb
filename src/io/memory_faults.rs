//! Signals that a thread raises by touching memory: the end of its stack (SIGSEGV), or a page of a
//! mapped file that the file no longer has (SIGBUS). Both end the process with one line and exit
//! status 1. Anything else takes its default action.

use super::{mapped_names, sudden_end};
use std::mem::MaybeUninit;
use std::sync::Once;

/// Takes over both signals, and sets the name of the tool for their messages and for that of the
/// allocator; with an empty name, nothing is reported.
///
/// The handlers run on the stacks that Rust's start-up gives to each thread for its own handlers,
/// which report a full stack in three lines and abort.
pub fn end_cleanly_on_faults(tool: &'static str) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        sudden_end::name(tool);
        for signal in [libc::SIGSEGV, libc::SIGBUS] {
            // SAFETY: the structure is zero where it is not set, which means no flags and an empty
            // mask; the handler has the signature that SA_SIGINFO demands.
            unsafe {
                let mut action: libc::sigaction = MaybeUninit::zeroed().assume_init();
                let handler: extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void) = on_fault;
                action.sa_sigaction = handler as usize;
                action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
                libc::sigaction(signal, &action, std::ptr::null_mut());
            }
        }
    });
}

extern "C" fn on_fault(signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the system passes a valid structure, in which SIGSEGV and SIGBUS set the address.
    let (code, address) = unsafe { ((*info).si_code, (*info).si_addr() as usize) };
    // Others are sent by processes and contain no address.
    let is_raised = 0 < code;
    if is_raised
        && signal == libc::SIGBUS
        && let Some(name) = mapped_names::find(address)
    {
        let why = b": the file was shortened, or its disk failed, while it was read";
        sudden_end::end(&[b"cannot read ", name, why]);
    }
    if is_raised && signal == libc::SIGSEGV && is_end_of_stack(address, context) {
        sudden_end::end(&[
            b"the stack is full: the input or the command line is nested too deeply",
        ]);
    }
    // A handler that runs after this one lets the thread that watches for signals end the process;
    // this may be that thread. SIGSEGV is not watched.
    if !is_raised && signal == libc::SIGBUS && sudden_end::cleans_up() {
        return;
    }
    // SAFETY: no handler is installed, and the signal is sent to this thread only. It is handled
    // when this function has returned, by the default action; a fault that was raised recurs anyway.
    unsafe {
        libc::signal(signal, libc::SIG_DFL);
        if !is_raised {
            libc::raise(signal);
        }
    }
}

/// A function touches its frame in steps of a page at most, so a full stack shows by a fault close
/// to the stack pointer. The page there is the guard page of the thread: a stack has no other gaps.
const NEAR_BYTES: usize = 64 << 10;

fn is_end_of_stack(address: usize, context: *mut libc::c_void) -> bool {
    stack_pointer(context).is_some_and(|pointer| address.abs_diff(pointer) < NEAR_BYTES)
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn stack_pointer(context: *mut libc::c_void) -> Option<usize> {
    // SAFETY: with SA_SIGINFO, the system passes the context of the interrupted thread.
    let registers = unsafe { (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
    usize::try_from(registers[libc::REG_RSP as usize]).ok()
}

#[cfg(all(target_os = "linux", target_arch = "aarch64"))]
fn stack_pointer(context: *mut libc::c_void) -> Option<usize> {
    // SAFETY: with SA_SIGINFO, the system passes the context of the interrupted thread.
    usize::try_from(unsafe { (*context.cast::<libc::ucontext_t>()).uc_mcontext.sp }).ok()
}

/// Elsewhere, a full stack ends the process by the signal.
#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn stack_pointer(_: *mut libc::c_void) -> Option<usize> {
    None
}

/// Ends the process if the text of a panic shows that it would abort: a thread that has no memory
/// for its signal stack, or a panic where none may be.
pub fn end_at_fatal_panic(text: &str) {
    if text.contains("alternative stack") {
        sudden_end::end(&[b"out of memory: cannot start a thread"]);
    }
    if text.contains("cannot unwind") || text.contains("in a destructor during cleanup") {
        sudden_end::end(&[b"internal error, please report it: ", text.as_bytes()]);
    }
}
