//! Reads a command line by a table. The only place that names lexopt.

use super::table::{Command, Flag, Set};
use super::value::Value;
use crate::error::{Error, Result};
use crate::text::{escaped, similar};
use lexopt::Arg;
use std::ffi::OsString;

/// What the command line asks for.
#[derive(Debug)]
pub(super) enum Request<O> {
    Run(O),
    ShortHelp,
    LongHelp,
    Version,
    /// A rendering of the table: `man`, `bash`, `zsh`, `fish`.
    Generate(String),
}

/// Not in any table: packagers and `scripts/update-generated` use it, nobody else.
const GENERATE: &str = "generate";

impl<O: Default> Command<O> {
    /// Reads arguments, the program's name not among them.
    pub(super) fn parse(
        &self,
        arguments: impl IntoIterator<Item = OsString>,
    ) -> Result<Request<O>> {
        let mut options = O::default();
        let mut parser = lexopt::Parser::from_args(arguments);
        while let Some(argument) = parser.next().map_err(|e| self.wrong(&e))? {
            let flag = match argument {
                Arg::Short('h') => return Ok(Request::ShortHelp),
                Arg::Long("help") => return Ok(Request::LongHelp),
                Arg::Short('V') | Arg::Long("version") => return Ok(Request::Version),
                Arg::Long(GENERATE) => {
                    let kind = parser.value().map_err(|e| self.wrong(&e))?;
                    return Ok(Request::Generate(kind.to_string_lossy().into_owned()));
                }
                Arg::Value(operand) => {
                    (self.operand)(&mut options, operand)?;
                    continue;
                }
                Arg::Short(letter) => self.flags().find(|flag| flag.short == Some(letter)),
                Arg::Long(name) => self.flags().find(|flag| flag.long == name),
            };
            let typed = match argument {
                Arg::Short(letter) => format!("-{letter}"),
                Arg::Long(name) => format!("--{name}"),
                Arg::Value(_) => String::new(),
            };
            let flag = flag.ok_or_else(|| self.unknown(&typed))?;
            self.apply(flag, typed, &mut options, &mut parser)?;
        }
        Ok(Request::Run(options))
    }

    fn apply(
        &self,
        flag: &Flag<O>,
        typed: String,
        options: &mut O,
        parser: &mut lexopt::Parser,
    ) -> Result<()> {
        match flag.set {
            Set::Switch(set) => {
                set(options);
                Ok(())
            }
            Set::Value(_, set) => {
                let text = parser.value().map_err(|e| self.wrong(&e))?;
                set(options, Value::new(typed, text))
            }
        }
    }

    fn unknown(&self, typed: &str) -> Error {
        let mut message = format!("unknown option \"{}\"", escaped(typed));
        let near = similar(typed.trim_start_matches('-'), self.flags().map(|flag| flag.long));
        match near.first() {
            Some(name) if typed.starts_with("--") => {
                message.push_str(&format!("; similar: --{name}"))
            }
            _ => message.push_str(&format!(" ({} -h lists them)", self.name)),
        }
        Error::usage(message)
    }

    fn wrong(&self, cause: &lexopt::Error) -> Error {
        let message = match cause {
            lexopt::Error::MissingValue { option: Some(option) } => {
                format!("{option} needs a value")
            }
            lexopt::Error::UnexpectedValue { option, value } => {
                format!("{option} takes no value, not \"{}\"", escaped(&value.to_string_lossy()))
            }
            other => escaped(&other.to_string()),
        };
        Error::usage(message)
    }
}
