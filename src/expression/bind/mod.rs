//! From a syntax tree to a bound expression: names become columns, types are reconciled, and
//! literals take the type of the column that they are compared with.

pub(crate) mod binder;
mod calls;
mod choices;
mod comparisons;
mod concatenation;
pub(crate) mod dispatch;
pub(crate) mod key_set;
mod operands;
pub(crate) mod operators;
pub(crate) mod predicate;
pub(crate) mod select_items;
pub(crate) mod select_list;
pub(crate) mod select_output;
mod times;
