//! Lines (线路): the SIP trunks of a partner, and everything that says how one is dialed over. Each type is checked when it is
//! made, so that what is stored can be dialed with.

mod allocation;
mod caller_ids;
mod causes;
mod group;
mod number_form;
mod recovery;
mod registration;
mod simulation;
mod sip;
mod trace;
mod transfers;
mod warnings;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use self::{
    allocation::{
        AllocationDraft, AllocationPrice, LineAllocation, MAXIMUM_BOUND_SCRIPTS, MAXIMUM_CONCURRENCY,
    },
    caller_ids::{CallerIdPolicy, CallerIds, CallerNumber, MAXIMUM_CALLER_IDS},
    causes::{
        CallEnd, CallFacts, CallOutcome, CauseCondition, CauseMap, CauseOrigin, CauseRule,
        MAXIMUM_CAUSE_RULES,
    },
    group::{DEFAULT_FAILOVER, FAILOVER_CLASSES, LineGroup, LineGroupDraft, MAXIMUM_LINES_OF_GROUP},
    number_form::{DialDigits, NumberBase, NumberForm},
    recovery::LineRecovery,
    registration::{LineRegistration, RegistrationFailure},
    simulation::{
        MAXIMUM_SIMULATED_OUTCOMES, MAXIMUM_SIMULATION_RULES, NumberPattern, Seconds, SimulatedCall,
        SimulatedOutcome, Simulation, SimulationRule, WeightedOutcome,
    },
    sip::{
        Codec, LineSecret, MAXIMUM_SIP_ADDRESSES, MAXIMUM_SIP_HEADERS, SipAddress, SipHeader, SipHost,
        SipIdentity, SipTransport, SipTrunk, SipUser, TraceKeeping,
    },
    trace::{CallTrace, MAXIMUM_TRACED_BYTES, MAXIMUM_TRACED_MESSAGES, TRACES_KEPT, TracedMessage},
    warnings::LineWarning,
};
use crate::{FaultRule, LineId, LineRule, Name, PartnerId};

/// The most calls at once that a line may have.
pub const MAXIMUM_CHANNELS: i64 = 10_000;

/// How many seconds a callee's phone may ring over a line, and what holds when nobody says.
pub const RING_LIMIT: (i64, i64) = (5, 180);
/// See [`RING_LIMIT`].
pub const DEFAULT_RING_LIMIT: i64 = 60;

/// How many seconds a SIP transaction waits for its first answer (64 x T1), and what holds when nobody says.
pub const T1X64: (i64, i64) = (4, 32);
/// See [`T1X64`].
pub const DEFAULT_T1X64: i64 = 8;

/// The most characters of a line's description.
pub const DESCRIPTION_CHARACTERS: usize = 1_000;

/// The most prefixes that a line may be limited to.
pub const MAXIMUM_PREFIXES: usize = 200;

/// A line as it is stored.
#[derive(Clone, Debug)]
pub struct Line {
    /// Its id, which no other line of the installation has.
    pub id: LineId,
    /// Whose it is.
    pub partner_id: PartnerId,
    /// What a person decides about it.
    pub draft: LineDraft,
    /// 1 when made, one more with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Line {
    /// Whether it may call a number, which is E.164 without the `+`: it begins as one of the allowed prefixes does, if there are any.
    pub fn may_call(&self, e164: i64) -> bool {
        let prefixes = &self.draft.settings.allowed_prefixes;
        let digits = e164.to_string();
        prefixes.is_empty() || prefixes.iter().any(|prefix| digits.starts_with(prefix.as_str()))
    }
}

/// All that a person decides about a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineDraft {
    /// Its name.
    pub name: Name,
    /// What proves who calls, of a [`LineKind::Sip`] with an `auth_user`; never shown again.
    pub secret: Option<LineSecret>,
    /// The rest.
    pub settings: LineSettings,
}

/// What a person decides about a line beside its name and its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineSettings {
    /// For people.
    pub description: String,
    /// What carries its calls.
    pub kind: LineKind,
    /// The most calls at once: 1 to [`MAXIMUM_CHANNELS`].
    pub channels: i64,
    /// The most calls that begin in a second.
    pub cps: CallRate,
    /// For how many seconds a callee's phone rings at most, within [`RING_LIMIT`].
    pub ring_limit: i64,
    /// For how many seconds the carrier may leave an INVITE unanswered, within [`T1X64`].
    pub t1x64: i64,
    /// The numbers that callees see.
    pub caller_ids: CallerIds,
    /// How the carrier wants a callee's number.
    pub callee_form: NumberForm,
    /// How the carrier wants the caller's number.
    pub caller_form: NumberForm,
    /// What the carrier's answers mean, where that is not the default.
    pub cause_map: CauseMap,
    /// The beginnings of the E.164 numbers that may be called; none: all may.
    pub allowed_prefixes: Vec<DialDigits>,
}

impl LineSettings {
    /// What holds of a line where nobody says anything else.
    pub fn new(kind: LineKind, channels: i64) -> Self {
        Self {
            description: String::new(),
            kind,
            channels,
            cps: CallRate::ONE,
            ring_limit: DEFAULT_RING_LIMIT,
            t1x64: DEFAULT_T1X64,
            caller_ids: CallerIds::default(),
            callee_form: NumberForm::default(),
            caller_form: NumberForm { base: NumberBase::AsSent, ..NumberForm::default() },
            cause_map: CauseMap::default(),
            allowed_prefixes: Vec::new(),
        }
    }
}

/// What carries a line's calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// Nobody: calls go as a script says.
    Simulated(Simulation),
    /// A SIP trunk.
    Sip(Box<SipTrunk>),
}

impl LineKind {
    /// Whether calls over lines of this kind run scripts: prompts are heard, bots are spoken to, callees are connected with someone.
    pub const fn runs_scripts(&self) -> bool {
        matches!(self, Self::Sip(_))
    }

    /// Whether calls go over the line only while it is registered, and then from the node alone that has registered it.
    pub const fn registers(&self) -> bool {
        match self {
            Self::Simulated(_) => false,
            Self::Sip(trunk) => trunk.register,
        }
    }
}

/// A line over which a script connects callees with someone else, as far as it may be used now.
#[derive(Clone, Copy, Debug)]
pub struct TransferLine<'l> {
    /// The line; `None`: it is none of the partner's.
    pub line: Option<&'l Line>,
    /// How many calls at once the user may have over it, and until when; `None`: it has no share.
    pub share: Option<(i64, Option<Timestamp>)>,
    /// Whether the kill switch is on for it.
    pub is_stopped: bool,
    /// Whether calls can go over it from where the call is that is transferred, as far as it has to be registered.
    pub is_registered: bool,
}

impl TransferLine<'_> {
    /// Whether it can connect anybody: nobody is rung up who cannot be connected with whom the script says.
    pub fn connects(&self, now: Timestamp) -> bool {
        let has_share =
            |(calls, until): (i64, Option<Timestamp>)| calls > 0 && until.is_none_or(|until| now < until);
        let kind = self.line.map(|line| &line.draft.settings.kind);
        let carries =
            kind.is_some_and(|kind| kind.runs_scripts() && (self.is_registered || !kind.registers()));
        carries && !self.is_stopped && self.share.is_some_and(has_share)
    }
}

/// The time between two starts at so many thousandths of a call a second, at least one; rounded up.
pub fn between_starts(thousandths: i64) -> SignedDuration {
    const THOUSAND_SECONDS: u64 = 1_000_000_000_000;
    let nanoseconds = THOUSAND_SECONDS.div_ceil(thousandths.max(1).unsigned_abs());
    SignedDuration::from_nanos(i64::try_from(nanoseconds).unwrap_or(i64::MAX))
}

/// How many calls begin in a second, in thousandths: 1 to 1,000,000, so that it may be a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallRate(i64);

impl CallRate {
    /// How many digits there may be after the point.
    pub const DECIMALS: u32 = 3;

    /// One call a second.
    pub const ONE: Self = Self(1_000);

    /// Takes a rate in thousandths of a call a second.
    ///
    /// # Errors
    /// [`LineRule::Rate`].
    pub const fn from_thousandths(thousandths: i64) -> Result<Self, FaultRule> {
        if 1 <= thousandths && thousandths <= 1_000_000 {
            Ok(Self(thousandths))
        } else {
            Err(FaultRule::Line(LineRule::Rate))
        }
    }

    /// In thousandths of a call a second.
    pub const fn thousandths(self) -> i64 {
        self.0
    }

    /// The time between two starts, rounded up.
    pub fn apart(self) -> SignedDuration {
        between_starts(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_thousandth_to_a_thousand_calls_a_second() {
        for (thousandths, good) in [(0, false), (1, true), (1_000_000, true), (1_000_001, false), (-1, false)]
        {
            assert_eq!(CallRate::from_thousandths(thousandths).is_ok(), good, "{thousandths}");
        }
        assert_eq!(CallRate::from_thousandths(1_000), Ok(CallRate::ONE));
    }
}
