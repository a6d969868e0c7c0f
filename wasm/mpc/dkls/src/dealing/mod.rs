//! The one ceremony that makes shares: generation, import, and resharing in all its uses. Part 3.7 of `SPEC.md`.

mod confirm;
mod generate;
mod import;
mod open;
mod opening;
mod plan;
mod reshare;

pub use generate::generate;
pub use import::import;
pub use reshare::{refresh, reshare};
