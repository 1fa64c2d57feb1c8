//! What is seen of real servers on loopback: an authority, web sites, a proxy, and worse.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking"
)]

mod attacks;
mod charsets;
mod control;
mod hostile;
mod names;
mod pace;
mod pages;
mod registrations;
mod servers;
mod world;
