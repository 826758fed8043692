//! What the log may say of a refused request: nothing that a client wrote.

use std::borrow::Cow;

use domain::{Fault, FaultRule};

use crate::http::{messages::rule_code, problem::Problem};

/// Why a request was refused, left in the answer's extensions for the log.
#[derive(Clone, Debug)]
pub(crate) struct LoggedRefusal {
    pub(crate) code: u16,
    pub(crate) faults: String,
}

impl LoggedRefusal {
    pub(crate) fn of(problem: &Problem) -> Self {
        Self { code: problem.code(), faults: broken_rules(problem) }
    }
}

/// The faults of a request: which rules it broke where, and nothing that it held.
fn broken_rules(problem: &Problem) -> String {
    const MOST: usize = 10;
    let Problem::Invalid(faults) = problem else { return String::new() };
    let rule = |fault: &Fault| format!("{}: {}", loggable(fault), rule_code(&fault.rule));
    faults.iter().take(MOST).map(rule).collect::<Vec<_>>().join(", ")
}

/// The path of a faulty field as the log may show it. One that is unknown here has a name that the client made up, which could be
/// anything, as a password that looks like any other word; parts of other paths can be made up, too.
fn loggable(fault: &Fault) -> Cow<'_, str> {
    let field = &fault.field;
    let plain = |character: char| character.is_ascii_alphanumeric() || "-_.[]".contains(character);
    let is_known = !matches!(fault.rule, FaultRule::UnknownField | FaultRule::UnknownParameter(_));
    if is_known && field.len() <= 100 && field.chars().all(plain) && !has_long_number(field) {
        field.into()
    } else {
        "(not shown)".into()
    }
}

/// Whether a telephone number could hide in it: seven digits or more with nothing but punctuation between them.
pub(crate) fn has_long_number(text: &str) -> bool {
    text.split(|character: char| character.is_ascii_alphabetic())
        .any(|part| part.chars().filter(char::is_ascii_digit).count() >= 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_made_up_is_shown_only_when_it_is_plain() {
        for shown in
            ["content[0].times[1].end_time", "Idempotency-Key", "task_extras.work_hour", "is_default"]
        {
            assert_eq!(loggable(&Fault::new(shown, FaultRule::Required)), shown);
        }
        for hidden in ["13800000000", "phone138-0000-0000", "密码", "a b", "x\ny", "token=dt_"] {
            assert_eq!(loggable(&Fault::new(hidden, FaultRule::Required)), "(not shown)", "{hidden}");
        }
    }

    #[test]
    fn a_name_that_is_unknown_here_is_never_shown() {
        for name in ["colour", "content[0].hunter2", "is_default"] {
            assert_eq!(loggable(&Fault::new(name, FaultRule::UnknownField)), "(not shown)", "{name}");
        }
        let faults = vec![
            Fault::new("hunter2", FaultRule::UnknownField),
            Fault::new("content[0].week", FaultRule::Required),
        ];
        let broken = broken_rules(&Problem::Invalid(faults));
        assert_eq!(broken, "(not shown): unknown_field, content[0].week: required");
    }
}
