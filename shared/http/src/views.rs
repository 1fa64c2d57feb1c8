//! What callers see of orders, filings and cases: wire types, made from stored values.

mod case;
mod contact;
mod filing;
mod order;

pub use case::{
    AboutView, CaseActedView, CaseView, FindingView, StaffNeedView, case_acted, case_for_filer,
    case_view, case_views,
};
pub use contact::{ContactView, contact_view};
pub use filing::{FilingView, Viewer, filing_view};
pub use order::{
    OrderHeadView, OrderView, ReviewedOrderView, masked_draft, order_answer, order_view,
    staff_order_answer,
};
