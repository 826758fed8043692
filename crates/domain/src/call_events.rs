//! Which events of a call an account is told beside its end.

use crate::{CallStage, EventKind};

/// The stages of a call that an account is told beside its end: none, unless it asks for some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallEvents(Vec<CallStage>);

/// The stages that can be asked for, in the order in which they come.
const STAGES: [CallStage; 4] =
    [CallStage::Started, CallStage::Ringing, CallStage::Answered, CallStage::Judged];

impl CallEvents {
    /// The types of events that can be asked for.
    pub const CODES: &'static [&'static str] = &[
        EventKind::CallStarted.code(),
        EventKind::CallRinging.code(),
        EventKind::CallAnswered.code(),
        EventKind::CallJudged.code(),
    ];

    /// Those of these types, each once.
    ///
    /// # Errors
    /// The place of the first that is none.
    pub fn from_codes<T: AsRef<str>>(codes: &[T]) -> Result<Self, usize> {
        if let Some(place) = codes.iter().position(|code| !Self::CODES.contains(&code.as_ref())) {
            return Err(place);
        }
        let is_named = |stage: &CallStage| codes.iter().any(|code| code.as_ref() == code_of(*stage));
        Ok(Self(STAGES.into_iter().filter(is_named).collect()))
    }

    /// The types of events that were asked for, in the order in which they come.
    pub fn codes(&self) -> Vec<&'static str> {
        self.0.iter().map(|stage| code_of(*stage)).collect()
    }

    /// Whether this stage is told.
    pub fn has(&self, stage: CallStage) -> bool {
        self.0.contains(&stage)
    }
}

const fn code_of(stage: CallStage) -> &'static str {
    EventKind::of_call(stage).code()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_stages_before_the_end_can_be_asked_for() {
        let events = CallEvents::from_codes(&["call.answered", "call.started", "call.answered"]).unwrap();
        assert_eq!(events.codes(), ["call.started", "call.answered"]);
        assert!(events.has(CallStage::Started) && !events.has(CallStage::Ringing));
        assert_eq!(CallEvents::from_codes(&["call.started", "call.ended"]), Err(1));
        assert_eq!(CallEvents::from_codes(&CallEvents::default().codes()), Ok(CallEvents::default()));
        assert_eq!(CallEvents::from_codes(CallEvents::CODES).unwrap().codes(), CallEvents::CODES);
    }
}
