//! From a syntax tree to a bound expression: names become columns, types are reconciled, and
//! literals take the type of the column that they are compared with.

mod aggregate_call;
pub(crate) mod aggregate_inputs;
pub(crate) mod aggregate_list;
mod binder;
mod calls;
mod casts;
mod choices;
mod comparisons;
mod concatenation;
pub(crate) mod dispatch;
pub(crate) mod group_scope;
mod group_terms;
pub(crate) mod key_set;
mod literals;
mod names;
mod operators;
pub(crate) mod predicate;
pub(crate) mod renamed;
mod select_items;
pub(crate) mod select_list;
mod select_output;
mod times;
mod unnested;
