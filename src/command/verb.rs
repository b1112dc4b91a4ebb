//! The function of a tool. Its arguments are the tool's options: first its own, then the groups that
//! it shares with other tools. So it can read exactly the groups that its help lists.

use super::group::{Shared, Typed};
use super::table::OptionText;
use crate::error::Result;
use crate::options::Operand;

/// A function `fn(Own, Group, ...) -> Result<()>`, with up to five groups.
pub trait Verb<O, S> {
    /// Calls the function.
    ///
    /// # Errors
    /// Those of the function.
    fn call(self, own: O, shared: S) -> Result<()>;
}

impl<O, F: FnOnce(O) -> Result<()>> Verb<O, ()> for F {
    fn call(self, own: O, (): ()) -> Result<()> {
        self(own)
    }
}

impl Shared for () {}

macro_rules! verb {
    ($($type:ident $group:ident),+) => {
        impl<O, F, $($type),+> Verb<O, ($($type,)+)> for F
        where
            F: FnOnce(O, $($type),+) -> Result<()>,
        {
            fn call(self, own: O, ($($group,)+): ($($type,)+)) -> Result<()> {
                self(own, $($group),+)
            }
        }

        impl<$($type: Shared),+> Shared for ($($type,)+) {
            fn texts() -> Vec<OptionText> {
                [$($type::texts()),+].concat()
            }

            fn set(&mut self, typed: &mut Typed<'_>) -> Option<Result<()>> {
                let ($($group,)+) = self;
                None$(.or_else(|| $group.set(typed)))+
            }

            fn set_inputs(&mut self, inputs: &[Operand]) {
                let ($($group,)+) = self;
                $($group.set_inputs(inputs);)+
            }

            fn replaces_stdin(&self) -> bool {
                let ($($group,)+) = self;
                $($group.replaces_stdin())||+
            }
        }
    };
}

verb!(A a);
verb!(A a, B b);
verb!(A a, B b, C c);
verb!(A a, B b, C c, D d);
verb!(A a, B b, C c, D d, E e);
