//! Stories: days of a filing's life over all functions, each as one transcript.

mod at_once;
mod audit_reports;
mod brake;
mod brake_modes;
mod bureau_lists;
mod campaigns;
mod checks;
mod codes;
mod contacts;
mod freeze;
mod gateway;
mod imports;
mod judged_again;
mod levels;
mod main_job;
mod notices;
mod orders;
mod privacy;
mod registrations;
mod repeats;
mod reports;
mod staff;
pub(crate) mod stops;
mod voids;
mod ways_back;
mod yearly_reviews;
