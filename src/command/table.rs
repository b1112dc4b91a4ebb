//! The table that describes a tool, the only source for everything that concerns its options.

use super::value::Value;
use crate::completion::Complete;
use crate::error::Result;
use std::ffi::OsString;

/// A tool: its name, its texts, and its options, whose values are set in `O`.
pub struct Command<O: 'static> {
    /// The name of the program.
    pub name: &'static str,
    /// The tool's place in a pipeline, under which it is listed.
    pub role: Role,
    /// The tool's purpose, in one line without a full stop; the verb first.
    pub summary: &'static str,
    /// The operands as a synopsis shows them: `EXPRESSION [FILE...]`.
    pub operands: &'static str,
    /// The description in the manual, in paragraphs separated by an empty line.
    pub description: &'static str,
    /// The options of this tool alone, in one or several lists; the others are the arguments of its
    /// function.
    pub options: &'static [&'static [Flag<O>]],
    /// The meaning of the operands.
    pub take: Take<O>,
    /// The kinds of candidates for the operands: the first, the second, and so on; the last kind is also
    /// for all operands after it.
    pub completes: &'static [Complete],
    /// How much memory it needs, and on what that depends.
    pub memory: &'static str,
    /// Exit statuses in addition to 0, 1 and 2; all statuses if 0 is among them.
    pub statuses: &'static [(u8, &'static str)],
    /// Example command lines; each is run by the tests.
    pub examples: &'static [Example],
}

/// The place of a tool in a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It writes a stream of what it reads from other formats.
    Input,
    /// It reads and writes streams.
    Transform,
    /// It writes other formats.
    Output,
    /// It shows data to a person.
    Inspect,
}

/// One option: its text and its setter.
pub struct Flag<O: 'static> {
    pub(super) text: OptionText,
    pub(super) set: Set<O>,
}

/// Whether an option has a value, and the function that stores it.
pub(super) enum Set<O> {
    /// An option without a value.
    Switch(fn(&mut O)),
    /// An option with a value, which may be given only once.
    Value(fn(&mut O, Value) -> Result<()>),
    /// An option with a value that may be given several times.
    Each(fn(&mut O, Value) -> Result<()>),
    /// An option whose value may be left out, and is given after `=`.
    Optional(fn(&mut O, Option<Value>) -> Result<()>),
}

/// The meaning of the operands.
pub enum Take<O> {
    /// All are inputs.
    Inputs,
    /// The first says what to do, the others are inputs. If the function returns the first, it is
    /// an input, too.
    FirstThenInputs(fn(&mut O, OsString) -> Result<Option<OsString>>),
    /// Each says what to do; there are no inputs.
    NoInputs(fn(&mut O, OsString) -> Result<()>),
}

/// An example command line.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// Its purpose, in one line.
    pub purpose: &'static str,
    /// The shell command.
    pub line: &'static str,
}

/// The texts of an option, without its setter.
#[derive(Debug, Clone, Copy)]
pub struct OptionText {
    pub(super) short: Option<char>,
    pub(super) long: &'static str,
    pub(super) value: Option<&'static str>,
    pub(super) summary: &'static str,
    pub(super) details: &'static str,
    pub(super) completes: Complete,
    /// Whether it may be given several times.
    pub(super) repeats: bool,
    /// Whether its value may be left out.
    pub(super) is_optional: bool,
}

/// An option: its long name, without dashes, and its effect, in one line without a full stop.
pub const fn option(long: &'static str, summary: &'static str) -> OptionText {
    OptionText {
        short: None,
        long,
        value: None,
        summary,
        details: "",
        completes: Complete::Nothing,
        repeats: false,
        is_optional: false,
    }
}

impl OptionText {
    /// The option's letter.
    pub const fn short(mut self, letter: char) -> Self {
        self.short = Some(letter);
        self
    }

    /// Further sentences for the manual.
    pub const fn details(mut self, details: &'static str) -> Self {
        self.details = details;
        self
    }

    /// The kind of candidates that a shell offers for the option's value.
    pub const fn completes(mut self, what: Complete) -> Self {
        self.completes = what;
        self
    }

    /// Whether the word after the option is its value.
    pub(super) fn takes_next_word(&self) -> bool {
        self.value.is_some() && !self.is_optional
    }

    /// An option without a value, and its setter.
    pub const fn switch<O>(self, set: fn(&mut O)) -> Flag<O> {
        Flag { text: self, set: Set::Switch(set) }
    }

    /// An option with a value: its name in the help, and its setter. It may be given only once.
    pub const fn value<O>(
        mut self,
        name: &'static str,
        set: fn(&mut O, Value) -> Result<()>,
    ) -> Flag<O> {
        self.value = Some(name);
        Flag { text: self, set: Set::Value(set) }
    }

    /// An option whose value may be left out. It is given only after `=`, so that a word after the
    /// option is an operand.
    pub const fn optional<O>(
        mut self,
        name: &'static str,
        set: fn(&mut O, Option<Value>) -> Result<()>,
    ) -> Flag<O> {
        self.value = Some(name);
        self.is_optional = true;
        Flag { text: self, set: Set::Optional(set) }
    }

    /// An option with a value that may be given several times.
    pub const fn each<O>(
        mut self,
        name: &'static str,
        set: fn(&mut O, Value) -> Result<()>,
    ) -> Flag<O> {
        self.value = Some(name);
        self.repeats = true;
        Flag { text: self, set: Set::Each(set) }
    }
}
