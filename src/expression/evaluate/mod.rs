//! Bound expressions, and their values for the rows of a batch.
//!
//! [`node`] is the expression, `rows` the rows, and `cost` decides which operands are computed
//! first. The operations: `arithmetic`, `compare` (`exact_order`), `logic`, `in_list`, `like`
//! (`contains`), `case`, `concatenate`, `cast*`, and `call` for functions. `literal_placement`
//! and `literal_test` compare a column with a constant, `per_stored_value` evaluates once per
//! dictionary value or run.
//!
//! These files refer to each other in a circle: a [`node::Node`] holds its operations, and an
//! operation holds the nodes that it works on.

pub(crate) mod arithmetic;
mod arithmetic_work;
pub(crate) mod call;
pub(crate) mod case;
pub(crate) mod cast;
mod cast_nested;
mod cast_primitive;
mod cast_text;
pub(crate) mod cast_value;
pub(crate) mod compare;
pub(crate) mod concatenate;
pub(crate) mod contains;
pub(crate) mod cost;
mod exact_order;
pub(crate) mod in_list;
pub(crate) mod like;
pub(crate) mod literal_placement;
pub(crate) mod literal_test;
pub(crate) mod logic;
pub(crate) mod node;
mod per_stored_value;
pub(crate) mod rows;
pub(crate) mod unnest;
pub(crate) mod uuid;
