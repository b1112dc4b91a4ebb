//! The pipes that inputs and outputs are.

use super::input::Input;
use super::output::Output;
use super::pipe_locks::PipeEnd;

impl Input {
    /// The end of the pipe that the input is; `None` if it is something else.
    pub fn pipe_end(&self) -> Option<PipeEnd> {
        self.file().and_then(PipeEnd::of)
    }
}

impl Output {
    /// The end of the pipe that the output is; `None` if it is something else.
    pub fn pipe_end(&self) -> Option<PipeEnd> {
        self.file().and_then(PipeEnd::of)
    }
}
