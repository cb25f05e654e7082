//! What came of things, in words and for programs: the same on the command line and in an editor.

pub mod environments;
pub mod events;
mod gauge;
pub mod plan;
pub mod rows;
pub mod work;

pub use gauge::Gauge;
