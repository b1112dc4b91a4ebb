//! Inputs that are read twice: a regular file is opened again, everything else is kept in a
//! temporary file in between.

use super::input::{Input, is_regular_file};
use super::spool::spool;
use crate::error::Result;
use crate::options::Operand;
use std::path::Path;

/// An input that is not open yet, or is at its beginning.
#[derive(Debug)]
pub struct Unread(State);

#[derive(Debug)]
enum State {
    Named(Operand),
    Open(Box<Input>),
}

impl Unread {
    /// Opens it if necessary.
    ///
    /// # Errors
    /// Those of [`Input::open`].
    pub fn open(self) -> Result<Input> {
        match self.0 {
            State::Named(operand) => Input::open(&operand),
            State::Open(input) => Ok(*input),
        }
    }
}

impl From<Operand> for Unread {
    fn from(operand: Operand) -> Self {
        Self(State::Named(operand))
    }
}

impl From<Input> for Unread {
    fn from(input: Input) -> Self {
        Self(State::Open(Box::new(input)))
    }
}

/// Opens an operand that is read twice. Piped input is kept in an unlinked temporary file in
/// `directory`, else in `$TMPDIR`, else in `/var/tmp`.
///
/// # Errors
/// Those of [`Input::open`]; an input that cannot be spooled.
pub fn open_twice(operand: &Operand, directory: Option<&Path>) -> Result<(Input, Unread)> {
    let mut input = Input::open(operand)?;
    if is_regular_file(operand)? {
        return Ok((input, Unread(State::Named(operand.clone()))));
    }
    let (first, second) = match input.remaining_bytes() {
        // A file on standard input: both start at its current offset.
        Some(_) => {
            let second = Input::open(operand)?;
            (input, second)
        }
        None => {
            let (file, map) = spool(&mut input, directory)?;
            let name = input.name();
            (Input::spooled(name, &file, map.clone())?, Input::spooled(name, &file, map)?)
        }
    };
    Ok((first, Unread(State::Open(Box::new(second)))))
}
