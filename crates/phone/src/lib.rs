//! A telephone number: read from the forms that people and files write it in, refused by name where no list may hold it.
//!
//! ```
//! use phone::{Country, NumberKind, PhoneNumber, Refusal};
//!
//! let china = Country::parse("CN")?;
//! let number = PhoneNumber::parse("0086 138-0013-8000", china)?;
//! assert_eq!(number.e164(), 8_613_800_138_000);
//! assert_eq!((number.kind(), number.is_in_plan()), (NumberKind::Mobile, true));
//! assert_eq!(number.masked(), "138****8000");
//!
//! let office = PhoneNumber::parse("021-61234567转801", china)?;
//! assert_eq!((office.e164_text().as_str(), office.extension()), ("+862161234567", "801"));
//!
//! assert_eq!(PhoneNumber::parse("95588", china), Err(Refusal::Service));
//! # Ok::<(), Refusal>(())
//! ```
//!
//! The numbering plans are libphonenumber's, by the crate `rlibphonenumber`. What they lack is here: which short numbers are for
//! emergencies, and how long Chinese numbers are in ranges that the plans do not have yet.
//!
//! It is pure: no files, no clock. A number's `Debug` form is masked, so that it can stand in a log.

mod china;
mod country;
mod number;
mod plan;
mod refusal;
mod short;
mod written;

pub use country::Country;
pub use number::{ListCountries, NumberKind, PhoneNumber};
pub use refusal::Refusal;
