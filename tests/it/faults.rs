//! Fault runs: every call with every fault that AWS could show on it, and every event twice. Whatever
//! fails, the same state is come to, and nobody is told anything else.

mod case;
mod import;
mod order;
