//! What about a line is allowed and yet hardly meant.

use super::{CauseCondition, LineDraft, LineKind, SipTrunk};

/// What the owner of a line should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineWarning {
    /// It registers without saying who it is, which hardly any registrar takes.
    RegistersUnknown,
    /// It names a user without the secret, so that it cannot answer a carrier that asks for it.
    NoSecret,
    /// Its calls show no number, which many carriers refuse.
    Anonymous,
    /// It names an area, which changes nothing: which area a mobile is of is not known here.
    AreaCode,
    /// A rule of its cause map is never reached: one before it takes all that it would.
    UnreachedRule,
}

impl LineDraft {
    /// What its owner should look at. None of it concerns simulated lines but for the rules.
    pub fn warnings(&self) -> Vec<LineWarning> {
        let mut found = match &self.settings.kind {
            LineKind::Sip(trunk) => self.warnings_of_trunk(trunk),
            LineKind::Simulated(_) => Vec::new(),
        };
        let rules = self.settings.cause_map.rules();
        let is_unreached = |place: usize| {
            let later = &rules[place].condition;
            rules[..place].iter().any(|earlier| takes_all(&earlier.condition, later))
        };
        if (0..rules.len()).any(is_unreached) {
            found.push(LineWarning::UnreachedRule);
        }
        found
    }

    fn warnings_of_trunk(&self, trunk: &SipTrunk) -> Vec<LineWarning> {
        let settings = &self.settings;
        let has_number = trunk.from_user.is_some() || !settings.caller_ids.numbers.is_empty();
        let names_area = settings.callee_form.areacode.is_some() || settings.caller_form.areacode.is_some();
        let (is_known, has_secret) = (trunk.auth_user.is_some(), self.secret.is_some());
        [
            (trunk.register && !is_known, LineWarning::RegistersUnknown),
            (is_known && !has_secret, LineWarning::NoSecret),
            (!has_number, LineWarning::Anonymous),
            (names_area, LineWarning::AreaCode),
        ]
        .into_iter()
        .filter_map(|(holds, warning)| holds.then_some(warning))
        .collect()
    }
}

/// Whether one condition holds wherever another one does.
fn takes_all(one: &CauseCondition, other: &CauseCondition) -> bool {
    use CauseCondition::Code;
    match (one, other) {
        (Code { from, to, origin }, Code { from: least, to: greatest, origin: other }) => {
            from <= least && greatest <= to && (origin.is_none() || origin == other)
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        CauseMap, CauseOrigin, CauseRule, DialDigits, LineSecret, LineSettings, Name, OutcomeClass,
        SipAddress, SipUser,
    };

    #[test]
    fn what_is_hardly_meant_is_warned_of_and_mended_no_longer() {
        let trunk = SipTrunk::new(vec![SipAddress::parse("sip.example.com").unwrap()]);
        let of = |trunk: &SipTrunk| LineDraft {
            name: Name::parse("trunk").unwrap(),
            secret: None,
            settings: LineSettings::new(LineKind::Sip(Box::new(trunk.clone())), 1),
        };
        assert_eq!(of(&trunk).warnings(), [LineWarning::Anonymous]);
        let registers = SipTrunk { register: true, ..trunk };
        assert_eq!(of(&registers).warnings(), [LineWarning::RegistersUnknown, LineWarning::Anonymous]);
        let user = || Some(SipUser::parse("1001").unwrap());
        let mut line = of(&SipTrunk { auth_user: user(), from_user: user(), ..registers });
        assert_eq!(line.warnings(), [LineWarning::NoSecret]);
        line.secret = Some(LineSecret::parse("secret").unwrap());
        assert_eq!(line.warnings(), []);
        line.settings.callee_form.areacode = Some(DialDigits::parse("021").unwrap());
        let busy =
            || CauseRule { condition: CauseCondition::Q850(17), class: OutcomeClass::Busy, status: None };
        line.settings.cause_map = CauseMap::new(vec![busy(), busy()]);
        assert_eq!(line.warnings(), [LineWarning::AreaCode, LineWarning::UnreachedRule]);
    }

    #[test]
    fn a_rule_takes_all_of_another_that_lies_within_it() {
        let code = |from, to, origin| CauseCondition::Code { from, to, origin };
        assert!(takes_all(&code(480, 489, None), &code(486, 486, Some(CauseOrigin::Remote))));
        assert!(!takes_all(&code(480, 489, Some(CauseOrigin::Remote)), &code(486, 486, None)));
        assert!(!takes_all(&code(486, 486, None), &code(480, 489, None)));
        assert!(takes_all(&CauseCondition::Q850(17), &CauseCondition::Q850(17)));
        assert!(!takes_all(&CauseCondition::Q850(17), &code(486, 486, None)));
    }
}
