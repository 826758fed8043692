//! Telephone numbers in answers: as much of them as the token may see.

use std::fmt;

use serde::Serialize;

use crate::http::{
    extract::{AccountRequest, Caller},
    problem::{Forbidden, Problem},
};

/// A telephone number as a token sees it. It can be made for a caller only, so that no view shows one to whom it must not;
/// its `Debug` form shows nothing.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct NumberView(String);

impl NumberView {
    pub(crate) fn new(number: &str, caller: &Caller) -> Self {
        Self(caller.authority.token.numbers.show(number))
    }
}

impl fmt::Debug for NumberView {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("NumberView(..)")
    }
}

/// The same as text, for files.
pub(crate) fn shown_number(number: &str, caller: &Caller) -> String {
    NumberView::new(number, caller).0
}

/// Refuses a token that sees numbers masked where a request names numbers, to look for them, to change them or to add them: each answer tells
/// whether they were there, and where it did not, the total of the list would.
pub(crate) fn expect_whole_numbers<I, B>(request: &AccountRequest<I, B>) -> Result<(), Problem> {
    expect_to_see_whole_numbers(&request.caller)
}

/// The same of whoever asks, whatever is asked.
pub(crate) fn expect_to_see_whole_numbers(caller: &Caller) -> Result<(), Problem> {
    match caller.authority.token.numbers {
        domain::NumberDisplay::Full => Ok(()),
        domain::NumberDisplay::Masked => Err(Problem::Forbidden(Forbidden::NumbersMasked)),
    }
}
