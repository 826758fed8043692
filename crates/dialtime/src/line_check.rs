//! `dialtime line check`: asks the addresses of a SIP line whether they are there, and says what to do where they are not.

use anyhow::bail;
use domain::{Line, LineKind, SipTrunk};
use sip::{AddressState, CheckedAddress, SipSettings, check_line, check_registration};

use crate::output::say;

/// Asks every address, and says what came of it. Fails where no call could go over the line.
pub(crate) async fn run(mut settings: SipSettings, line: &Line) -> anyhow::Result<()> {
    let LineKind::Sip(trunk) = &line.draft.settings.kind else {
        say("A simulated line: it reaches nobody, and there is nothing to check.");
        return Ok(());
    };
    // A server that runs may have the port already, and questions are answered where they come from.
    settings.listen.set_port(0);
    let checked = check_line(&settings, line).await?;
    for one in &checked {
        say(&format!("{}: {} after {} ms", one.address, what(one), one.took.as_millis()));
        say(&format!("  {}", advice(one, trunk)));
    }
    let registered = check_registration(&settings, line).await?;
    for one in &registered {
        say(&format!("REGISTER at {}: {} after {} ms", one.address, what(one), one.took.as_millis()));
        say(&format!("  {}", advice_to_register(&one.state, trunk)));
    }
    if trunk.register {
        say(
            "Servers keep it registered, each line from one node; `GET /agent-api/line-activity` shows whether it is.",
        );
    }
    // What a carrier says to somebody who is not registered tells nothing of one who is.
    let is_good = if trunk.register {
        registered.iter().any(|one| is_taken(&one.state))
    } else {
        checked.iter().any(is_well)
    };
    if !is_good && !trunk.register && checked.iter().any(|one| one.state == AddressState::Silent) {
        bail!("nothing answers OPTIONS, as some trunks never do: `dialtime line test-call` decides");
    }
    if !is_good {
        bail!("no call can go over the line");
    }
    Ok(())
}

/// Whether a registrar registered us.
const fn is_taken(state: &AddressState) -> bool {
    matches!(state, AddressState::Answered { code: 200..=299, .. })
}

/// Whether calls may go there, as far as can be told without one.
fn is_well(checked: &CheckedAddress) -> bool {
    match &checked.state {
        AddressState::Answered { code, was_told, .. } => match code {
            401 | 407 => !was_told,
            403 | 408 | 480 | 503 | 504 => false,
            _ => true,
        },
        AddressState::Silent | AddressState::Unreachable(_) => false,
    }
}

fn what(checked: &CheckedAddress) -> String {
    match &checked.state {
        AddressState::Answered { code, words, was_told, .. } => {
            let told = if *was_told { " to a digest" } else { "" };
            format!("answered {code} {words}{told}")
        }
        AddressState::Silent => "said nothing".to_owned(),
        AddressState::Unreachable(why) => format!("cannot be reached ({why})"),
    }
}

fn advice(checked: &CheckedAddress, trunk: &SipTrunk) -> &'static str {
    match &checked.state {
        AddressState::Answered { code, was_told, .. } => match (code, was_told) {
            (200..=299, true) => "It knows us: calls can be tried.",
            (200..=299, false) => "It is there. Whether it takes our calls, only a call tells.",
            (401 | 407, was_told) => to_who_is_asked(*was_told, trunk.auth_user.is_some()),
            (403, _) => {
                "It does not know us: tell the carrier the address that we call from, or see `auth_user` and `from_domain`."
            }
            (480 | 503 | 504, _) => "It takes no calls now: try again, or ask the carrier.",
            (408, _) => "What is behind it does not answer: ask the carrier.",
            _ => "It is there, and does not know the question: many carriers do not. Only a call tells more.",
        },
        state => advice_to_nobody(state),
    }
}

/// What to do where it wants to know who calls; whether a digest was sent, and whether the line has a name for one.
pub(crate) const fn to_who_is_asked(was_told: bool, has_name: bool) -> &'static str {
    match (was_told, has_name) {
        (true, _) => "It refuses the name or the secret: see `auth_user` and `auth_secret`.",
        (false, true) => {
            "It asks who calls in a way that is not known here, or the line has no `auth_secret`."
        }
        (false, false) => "It asks who calls: the line may need `auth_user` and `auth_secret`.",
    }
}

/// What to do where there is no answer.
const fn advice_to_nobody(state: &AddressState) -> &'static str {
    match state {
        AddressState::Answered { .. } => "",
        AddressState::Silent => {
            "See the address, its port and the transport, and that firewalls let answers through; carriers that know us by address say nothing to others."
        }
        AddressState::Unreachable(_) => {
            "See the address, its port and `transport` and, over TLS, that the certificate is from an authority that we know (`--sip-authorities`)."
        }
    }
}

fn advice_to_register(state: &AddressState, trunk: &SipTrunk) -> &'static str {
    let AddressState::Answered { code, was_told, .. } = state else { return advice_to_nobody(state) };
    match (code, was_told) {
        (200..=299, _) => "It registers us. That was taken back.",
        (401 | 407, true) => "It refuses the name or the secret: see `auth_user` and `auth_secret`.",
        (401 | 407, false) if trunk.auth_user.is_some() => {
            "It asks who registers in a way that is not known here, or the line has no `auth_secret`."
        }
        (401 | 407, false) => "It asks who registers: the line needs `auth_user` and `auth_secret`.",
        (403, _) => {
            "It does not let us register: see `auth_user` and `auth_secret`, or ask the carrier whether the account may."
        }
        (404 | 410 | 484 | 604, _) => "It has no such account: see `auth_user` and `from_domain`.",
        (405 | 501, _) => "It registers nobody: see the address, or take `register` off.",
        (423, _) => {
            "It wants registrations that last longer than a day, which is not known here: ask the carrier."
        }
        (300..=399, _) => {
            "It names another address, which is not followed: ask the carrier which one to set."
        }
        (408 | 480 | 500..=599, _) => "It registers nobody now: try again, or ask the carrier.",
        _ => "It does not register us: ask the carrier.",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn checked(state: AddressState) -> CheckedAddress {
        CheckedAddress { address: "sip.example.com".to_owned(), state, took: Duration::from_millis(3) }
    }

    #[test]
    fn an_address_is_well_that_may_take_calls() {
        let answered = |code, was_told| AddressState::Answered {
            code,
            words: String::new(),
            was_told,
            retry_after: None,
        };
        for (code, was_told, expected) in [
            (200, false, true),
            (200, true, true),
            (401, false, true),
            (401, true, false),
            (407, true, false),
            (403, false, false),
            (404, false, true),
            (405, false, true),
            (501, false, true),
            (503, false, false),
        ] {
            assert_eq!(is_well(&checked(answered(code, was_told))), expected, "{code} {was_told}");
        }
        assert!(!is_well(&checked(AddressState::Silent)));
        assert!(!is_well(&checked(AddressState::Unreachable("no such name".to_owned()))));
    }
}
