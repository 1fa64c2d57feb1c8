//! The one test binary: stories, endpoints, faults, counted cost, shape.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod base;
mod binaries;
mod browser;
mod concurrent;
mod cost;
mod described;
mod endpoint;
mod faults;
mod pages;
mod planted;
mod random;
mod sentences;
mod shape;
mod story;
mod sweeps;
mod table;
mod world;
