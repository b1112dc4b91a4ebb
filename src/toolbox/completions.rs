//! Completions of the shells: the scripts, and the answers to their requests.

use super::lookup::{by_call, by_name};
use super::{NAME, Tools};
use crate::command::{Tool, complete};
use crate::completion::{Answer, Candidate, Line, Shell};
use std::ffi::{OsStr, OsString};
use std::process::ExitCode;

/// The script that completes the command lines of all tools and of the executable itself.
pub fn script(shell: Shell, tools: &Tools) -> String {
    let text = match shell {
        Shell::Bash => include_str!("completions/script.bash"),
        Shell::Zsh => include_str!("completions/script.zsh"),
        Shell::Fish => include_str!("completions/script.fish"),
    };
    let names: Vec<&str> = [NAME].into_iter().chain(tools.iter().map(|tool| tool.name())).collect();
    text.replace("@NAMES@", &names.join(" "))
}

/// Answers a shell's request to the executable, whose own options are those of `own`.
pub fn answer(tools: &Tools, own: &dyn Tool, arguments: &[OsString]) -> ExitCode {
    complete(arguments, |line, command| {
        // The script asks the executable itself if it does not find the command.
        match by_call(tools, OsStr::new(command)) {
            Some(tool) => tool.complete(line),
            None => of_executable(tools, own, line),
        }
    })
}

fn of_executable(tools: &Tools, own: &dyn Tool, line: &mut Line) -> Answer {
    match line.first().map(|first| by_name(tools, OsStr::new(first))) {
        Some(Ok(tool)) => {
            line.take_first();
            tool.complete(line)
        }
        None if !line.current().starts_with('-') => {
            let fitting = tools.iter().filter(|tool| tool.name().starts_with(line.current()));
            let candidate = |tool: &&dyn Tool| Candidate {
                description: tool.summary().to_owned(),
                ..Candidate::word(tool.name())
            };
            fitting.map(candidate).collect::<Vec<_>>().into()
        }
        _ => own.complete(line),
    }
}
