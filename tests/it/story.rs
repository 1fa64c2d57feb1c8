//! Stories: days of a filing's life over all functions, each as one transcript.

mod codes;
mod main_job;
