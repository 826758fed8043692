//! Parses, compiles and decides whatever comes, and checks what the calendar promises of it.
//!
//! Input that begins with `{` is read as a document, as the seeds are; any other is taken as the choices that make one
//! up (`made_up.rs`). Run it with `scripts/fuzz`.
#![no_main]

#[path = "../../crates/calendar/tests/it/document.rs"]
mod document;
#[path = "../../crates/calendar/tests/it/layered.rs"]
mod layered;
mod made_up;
#[path = "../../crates/calendar/tests/it/oracle.rs"]
#[expect(dead_code, reason = "the tests make groups in more ways")]
mod oracle;

use std::fmt;

use libfuzzer_sys::{
    arbitrary::{Arbitrary, Result, Unstructured},
    fuzz_target,
};

use crate::document::Document;

/// What the input says; none if that is no document.
struct Input(Option<Document>);

impl<'a> Arbitrary<'a> for Input {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> Result<Input> {
        let rest = bytes.peek_bytes(bytes.len()).unwrap_or_default();
        if rest.starts_with(b"{") {
            return Ok(Input(serde_json::from_slice(rest).ok()));
        }
        made_up::document(bytes).map(|document| Input(Some(document)))
    }
}

/// As JSON: what fails is reported so, ready to be made a seed.
impl fmt::Debug for Input {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = self.0.as_ref().map(serde_json::to_string);
        formatter.write_str(&json.and_then(serde_json::Result::ok).unwrap_or_default())
    }
}

fuzz_target!(|input: Input| {
    if let Some(document) = input.0 {
        document.check();
    }
});
