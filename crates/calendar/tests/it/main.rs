//! Everything the calendar promises, from the outside.

mod china;
mod edges;
mod intersection;
mod oracle;
mod properties;
mod strategies;
mod transitions;
mod vocabulary;
