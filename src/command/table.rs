//! The table that a tool is described by, once, for everything that speaks of its options.

use super::shared_options::Common;
use super::value::Value;
use crate::error::Result;
use std::ffi::OsString;

/// A tool: its name, its words, its options with what they set in `O`.
pub struct Command<O: 'static> {
    /// The name of the program.
    pub name: &'static str,
    /// What it does, in one line without a full stop; the verb first.
    pub summary: &'static str,
    /// The operands as a synopsis shows them: `EXPRESSION [FILE...]`.
    pub operands: &'static str,
    /// What a reader of the manual should know, in paragraphs parted by an empty line.
    pub description: &'static str,
    /// The options of its own.
    pub options: &'static [Flag<O>],
    /// The groups of options that it shares with others.
    pub shared: &'static [&'static [Flag<Common>]],
    /// What the operands are.
    pub take: Take<O>,
    /// How much memory it needs, and what that depends on.
    pub memory: &'static str,
    /// Exit statuses of its own, beside 0, 1 and 2.
    pub statuses: &'static [(u8, &'static str)],
    /// What a person would type; each runs in the tests.
    pub examples: &'static [Example],
}

/// One option.
pub struct Flag<O: 'static> {
    /// The letter, if it has one.
    pub short: Option<char>,
    /// The long name, without dashes.
    pub long: &'static str,
    /// What it does, in one line without a full stop.
    pub summary: &'static str,
    /// What else the manual says of it; may be empty.
    pub details: &'static str,
    /// What it changes.
    pub set: Set<O>,
}

/// What an option changes.
pub enum Set<O> {
    /// An option without a value.
    Switch(fn(&mut O)),
    /// An option with a value: its name in the help, and what takes it. Given twice it is an error.
    Value(&'static str, fn(&mut O, Value) -> Result<()>),
    /// An option with a value that may be given several times.
    Each(&'static str, fn(&mut O, Value) -> Result<()>),
}

/// What the operands are. Inputs are found in [`Common`].
pub enum Take<O> {
    /// Inputs, all of them.
    Inputs,
    /// The first says what to do, the others are inputs. It is an input, too, if it is given back.
    FirstThenInputs(fn(&mut O, OsString) -> Result<Option<OsString>>),
    /// Each says what to do, and there are no inputs.
    NoInputs(fn(&mut O, OsString) -> Result<()>),
}

/// A command line that does something useful.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// What it is for, in one line.
    pub purpose: &'static str,
    /// The line for the shell.
    pub line: &'static str,
}

/// A command without what it sets: what help, manual and completions are rendered from.
pub(super) struct Description {
    pub(super) name: &'static str,
    pub(super) summary: &'static str,
    pub(super) operands: &'static str,
    pub(super) description: &'static str,
    pub(super) options: Vec<OptionText>,
    pub(super) memory: &'static str,
    pub(super) statuses: &'static [(u8, &'static str)],
    pub(super) examples: &'static [Example],
}

/// An option without what it sets.
pub(super) struct OptionText {
    pub(super) short: Option<char>,
    pub(super) long: &'static str,
    pub(super) value: Option<&'static str>,
    pub(super) summary: &'static str,
    pub(super) details: &'static str,
}

impl<O> Command<O> {
    pub(super) fn describe(&self) -> Description {
        let shared = self.shared.iter().copied().flatten();
        let options = self.options.iter().map(Flag::text).chain(shared.map(Flag::text));
        Description {
            name: self.name,
            summary: self.summary,
            operands: self.operands,
            description: self.description,
            options: options.chain(every_tool_has()).collect(),
            memory: self.memory,
            statuses: self.statuses,
            examples: self.examples,
        }
    }
}

impl<O> Flag<O> {
    fn text(&self) -> OptionText {
        let value = match self.set {
            Set::Switch(_) => None,
            Set::Value(name, _) | Set::Each(name, _) => Some(name),
        };
        OptionText {
            short: self.short,
            long: self.long,
            value,
            summary: self.summary,
            details: self.details,
        }
    }
}

fn every_tool_has() -> [OptionText; 2] {
    let option =
        |short, long, summary, details| OptionText { short, long, value: None, summary, details };
    [
        option(Some('h'), "help", "show this help; --help says more", ""),
        option(Some('V'), "version", "show the version", ""),
    ]
}
