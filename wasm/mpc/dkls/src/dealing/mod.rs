//! The one ceremony that makes shares: generation, resharing and import. Part 3.7 of `SPEC.md`.

mod confirm;
mod open;
mod opening;
mod plan;
mod protocols;

pub use protocols::{generate, import, reshare};
