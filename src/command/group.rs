//! Groups of options that several tools share. A group is a type, which holds the values of its
//! options.

use super::table::{Flag, OptionText, Set};
use super::value::Value;
use crate::error::{Error, Result};
use crate::options::Operand;
use std::ffi::OsString;

/// Options that several tools share: one group, or several together. A tool has the groups that its
/// function takes as arguments, and no others: see [`Verb`](super::Verb).
pub trait Shared: Default + 'static {
    /// The options of this group; none if it is made of others.
    const FLAGS: &'static [Flag<Self>] = &[];

    /// The texts of the options, in the order of the help.
    fn texts() -> Vec<OptionText> {
        Self::FLAGS.iter().map(|flag| flag.text).collect()
    }

    /// Sets the option that was typed; `None` if it is not in the group.
    fn set(&mut self, typed: &mut Typed<'_>) -> Option<Result<()>> {
        typed.set(Self::FLAGS, self)
    }

    /// Stores the inputs of the command line.
    fn set_inputs(&mut self, _inputs: &[Operand]) {}

    /// Whether an option names inputs, which are then read instead of standard input.
    fn replaces_stdin(&self) -> bool {
        false
    }
}

/// Whether the value of an option may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
}

/// An option on the command line.
pub struct Typed<'a> {
    /// As it was typed: `-o`, `--output`.
    pub(super) name: String,
    /// Reads its value, which is required or may be left out.
    pub(super) value: &'a mut dyn FnMut(Presence) -> Result<Option<OsString>>,
    /// The options given so far.
    pub(super) given: &'a mut Vec<&'static str>,
}

impl Typed<'_> {
    /// Sets this option if it is one of `flags`. A second value is refused, because it would silently
    /// replace the first.
    pub(super) fn set<O>(&mut self, flags: &[Flag<O>], values: &mut O) -> Option<Result<()>> {
        let flag = flags.iter().find(|flag| self.is(&flag.text))?;
        if matches!(flag.set, Set::Value(_) | Set::Optional(_))
            && self.given.contains(&flag.text.long)
        {
            return Some(Err(Error::usage(format!("{} may be given only once", self.name))));
        }
        self.given.push(flag.text.long);
        Some(match flag.set {
            Set::Switch(set) => {
                set(values);
                Ok(())
            }
            Set::Value(set) | Set::Each(set) => self
                .value(Presence::Required)
                .and_then(|value| value.map_or(Ok(()), |value| set(values, value))),
            Set::Optional(set) => {
                self.value(Presence::Optional).and_then(|value| set(values, value))
            }
        })
    }

    fn value(&mut self, presence: Presence) -> Result<Option<Value>> {
        let text = (self.value)(presence)?;
        Ok(text.map(|text| Value::new(self.name.clone(), text)))
    }

    fn is(&self, option: &OptionText) -> bool {
        match self.name.strip_prefix("--") {
            Some(name) => option.long == name,
            None => option.short.is_some() && self.name.chars().nth(1) == option.short,
        }
    }
}
