//! Line groups: lines in an order, where the next takes a call that the one before could not place.

use jiff::Timestamp;

use crate::{FaultRule, Faults, LineGroupId, LineId, LineRule, Name, OutcomeClass, PartnerId};

/// The most lines of a group.
pub const MAXIMUM_LINES_OF_GROUP: usize = 20;

/// The outcomes after which a call may be placed again over the next line. With none of them a phone has rung: whoever declined or was
/// busy is not rung by another route.
pub const FAILOVER_CLASSES: [OutcomeClass; 9] = [
    OutcomeClass::LineFailure,
    OutcomeClass::Throttled,
    OutcomeClass::Configuration,
    OutcomeClass::Blocked,
    OutcomeClass::PoweredOff,
    OutcomeClass::Suspended,
    OutcomeClass::InArrears,
    OutcomeClass::IncomingBarred,
    OutcomeClass::InvalidNumber,
];

/// Those after which the next line takes a call where nobody says: the line itself failed.
pub const DEFAULT_FAILOVER: [OutcomeClass; 3] =
    [OutcomeClass::LineFailure, OutcomeClass::Throttled, OutcomeClass::Configuration];

/// All that a person decides about a line group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineGroupDraft {
    /// Its name.
    pub name: Name,
    /// For people.
    pub description: String,
    /// Its lines in their order, each once.
    pub lines: Vec<LineId>,
    /// After which outcomes the next line takes a call, each once, of [`FAILOVER_CLASSES`].
    pub failover: Vec<OutcomeClass>,
}

impl LineGroupDraft {
    /// Notes what is wrong with the lines of a group and with its failover.
    pub fn check(lines: &[LineId], failover: &[OutcomeClass], faults: &mut Faults) {
        if lines.is_empty() {
            faults.add("lines", FaultRule::Empty);
        } else if lines.len() > MAXIMUM_LINES_OF_GROUP {
            faults.add("lines", FaultRule::Line(LineRule::TooMany(MAXIMUM_LINES_OF_GROUP)));
        }
        repeated("lines", lines, faults);
        repeated("failover", failover, faults);
    }
}

/// Notes every entry that stands in the list before.
fn repeated<T: PartialEq>(field: &str, entries: &[T], faults: &mut Faults) {
    for (index, entry) in entries.iter().enumerate().take(MAXIMUM_LINES_OF_GROUP) {
        if entries[..index].contains(entry) {
            faults.add(format!("{field}[{index}]"), FaultRule::Repeated);
        }
    }
}

/// A line group as it is stored.
#[derive(Clone, Debug)]
pub struct LineGroup {
    /// Its id.
    pub id: LineGroupId,
    /// Whose it is.
    pub partner_id: PartnerId,
    /// What a person decides about it.
    pub draft: LineGroupDraft,
    /// 1 when made, one more with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_group_has_one_to_twenty_lines_each_once() {
        let ids = |count: u128| (0..count).map(|id| LineId::new(Uuid::from_u128(id))).collect::<Vec<_>>();
        let faults = |lines: &[LineId], failover: &[OutcomeClass]| {
            let mut faults = Faults::default();
            LineGroupDraft::check(lines, failover, &mut faults);
            faults.into_vec().into_iter().map(|fault| (fault.field, fault.rule)).collect::<Vec<_>>()
        };
        assert_eq!(faults(&ids(20), &DEFAULT_FAILOVER), []);
        assert_eq!(faults(&[], &[]), [("lines".to_owned(), FaultRule::Empty)]);
        assert_eq!(faults(&ids(21), &[]), [("lines".to_owned(), FaultRule::Line(LineRule::TooMany(20)))]);
        let twice = [ids(2), ids(1)].concat();
        let busy = [OutcomeClass::Throttled; 2];
        let repeated = |field: &str| (field.to_owned(), FaultRule::Repeated);
        assert_eq!(faults(&twice, &busy), [repeated("lines[2]"), repeated("failover[1]")]);
    }

    #[test]
    fn no_phone_is_rung_again_by_another_route() {
        for class in
            [OutcomeClass::Busy, OutcomeClass::Declined, OutcomeClass::NoAnswer, OutcomeClass::Unknown]
        {
            assert!(!FAILOVER_CLASSES.contains(&class), "{class:?}");
        }
        assert!(
            DEFAULT_FAILOVER.iter().all(|class| FAILOVER_CLASSES.contains(class) && class.status().is_none())
        );
    }
}
