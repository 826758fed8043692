//! To whom calls may be transferred over a line.

use phone::{Country, PhoneNumber, Refusal};

use super::Line;
use crate::TransferTarget;

impl Line {
    /// Whether calls may be transferred to someone over it: never to emergency numbers, and to telephone numbers as [`Self::may_call`] says. What has as
    /// many digits and is no number may be one behind a prefix of the switch: it is called only where all may be.
    pub fn may_transfer_to(&self, target: &TransferTarget, country: Country) -> bool {
        match PhoneNumber::parse(target.user(), country) {
            Err(Refusal::Emergency) => false,
            _ if !target.may_be_number() => true,
            Ok(number) => self.may_call(number.e164()),
            Err(_) => self.draft.settings.allowed_prefixes.is_empty(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::{
        DialDigits, LineDraft, LineId, LineKind, LineSettings, Name, PartnerId, Simulation, TransferAddress,
        TransferExtension,
    };

    fn extension(text: &str) -> TransferTarget {
        TransferTarget::Extension(TransferExtension::parse(text).unwrap())
    }

    fn address(text: &str) -> TransferTarget {
        TransferTarget::SipAddress(TransferAddress::parse(text).unwrap())
    }

    fn line(prefixes: &[&str]) -> Line {
        let prefixes = prefixes.iter().map(|prefix| DialDigits::parse(prefix).unwrap()).collect();
        let settings = LineSettings::new(LineKind::Simulated(Simulation::default()), 1);
        Line {
            id: LineId::new(Uuid::nil()),
            partner_id: PartnerId::new(Uuid::nil()),
            draft: LineDraft {
                name: Name::parse("line").unwrap(),
                secret: None,
                settings: LineSettings { allowed_prefixes: prefixes, ..settings },
            },
            version: 1,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_transfer_obeys_the_prefixes_of_its_line_as_a_call_does() {
        let (all, mainland) = (line(&[]), line(&["86"]));
        for (target, over_all, over_mainland) in [
            (extension("801"), true, true),
            (extension("110"), false, false),
            (address("sip:119@pbx"), false, false),
            (extension("13800001234"), true, true),
            (extension("+12025550123"), true, false),
            (address("sip:+12025550123@pbx"), true, false),
            (extension("9999999013800001234"), true, false),
        ] {
            let may = |line: &Line| line.may_transfer_to(&target, Country::CHINA);
            assert_eq!((may(&all), may(&mainland)), (over_all, over_mainland), "{}", target.shown());
        }
    }
}
