//! A tool as a value: its table together with its function.

use super::complete::answer;
use super::description::Description;
use super::group::Shared;
use super::help;
use super::manual;
use super::parse::Request;
use super::run::{finish, quietly, show};
use super::table::{Command, Role};
use super::verb::Verb;
use crate::completion::{Answer, Line, REQUEST};
use crate::error::Result;
use std::ffi::OsString;
use std::marker::PhantomData;
use std::process::ExitCode;

/// A tool. Its own program runs it, and so does `arrow-pipes`, which contains all tools.
pub trait Tool {
    /// The name of the command.
    fn name(&self) -> &'static str;

    /// The tool's purpose, in one line.
    fn summary(&self) -> &'static str;

    /// Its place in a pipeline.
    fn role(&self) -> Role;

    /// Its manual page, in mdoc.
    fn manual(&self) -> String;

    /// The candidates for the unfinished word of a line, without the command's name.
    fn complete(&self, line: &Line) -> Answer;

    /// Runs it with the arguments that follow the command's name. A failure is reported on one line
    /// on standard error.
    fn run(&self, arguments: Vec<OsString>) -> ExitCode;
}

impl dyn Tool {
    /// The body of the `main` of a program that is only this tool.
    pub fn main(&self) -> ExitCode {
        self.run(std::env::args_os().skip(1).collect())
    }
}

/// A table and its function, which takes the groups of options `S`.
pub struct Program<O: 'static, S, F> {
    command: Command<O>,
    verb: F,
    groups: PhantomData<fn() -> S>,
}

impl<O> Command<O> {
    /// Joins the table with its function.
    pub const fn tool<S: Shared, F: Verb<O, S>>(self, verb: F) -> Program<O, S, F> {
        Program { command: self, verb, groups: PhantomData }
    }
}

impl<O: Default, S: Shared, F: Verb<O, S> + Copy> Program<O, S, F> {
    fn description(&self) -> Description {
        self.command.describe::<S>()
    }

    fn fulfil(&self, arguments: Vec<OsString>) -> Result<()> {
        match self.command.parse::<S>(arguments)? {
            Request::Run(own, shared) => self.verb.call(own, shared),
            Request::ShortHelp => show(&help::short(&self.description())),
            Request::LongHelp => show(&help::long(&self.description())),
            Request::Version => show(&format!("{} {}\n", self.name(), version())),
        }
    }
}

impl<O: Default, S: Shared, F: Verb<O, S> + Copy> Tool for Program<O, S, F> {
    fn name(&self) -> &'static str {
        self.command.name
    }

    fn summary(&self) -> &'static str {
        self.command.summary
    }

    fn role(&self) -> Role {
        self.command.role
    }

    fn manual(&self) -> String {
        manual::page(&self.description())
    }

    fn complete(&self, line: &Line) -> Answer {
        answer(&self.description(), line)
    }

    fn run(&self, arguments: Vec<OsString>) -> ExitCode {
        if arguments.first().is_some_and(|first| first == REQUEST) {
            return complete(&arguments, |line, _| self.complete(line));
        }
        finish(self.command.name, || self.fulfil(arguments))
    }
}

/// Answers a shell's request, the first of whose arguments is [`REQUEST`]. `answer` gets the line
/// after the command, and the command.
pub fn complete(
    arguments: &[OsString],
    answer: impl FnOnce(&mut Line, &str) -> Answer,
) -> ExitCode {
    quietly(|| {
        let Some(mut line) = Line::read(arguments.get(1..).unwrap_or_default()) else {
            return Ok(());
        };
        let command = line.take_first();
        show(&answer(&mut line, &command).lines(&line))
    })
}

/// The version of the package, and the commit that it was built from, if it is known.
fn version() -> &'static str {
    option_env!("ARROW_PIPES_VERSION").unwrap_or(env!("CARGO_PKG_VERSION"))
}
