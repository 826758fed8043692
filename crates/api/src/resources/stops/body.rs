//! What is to be stopped or resumed, and why.

use domain::{AccountId, FaultRule, Faults, LineId, StatedReason};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::http::{
    body::{FieldPath, FromValue, Members, Reading, SUB_USER, fields},
    choices::choice,
    formats::StatedReasonSchema,
    problem::Problem,
    values::{self, schema_of},
};

choice! {
    /// How much a stop covers.
    pub(crate) enum StopLevelChoice as StopLevelOfPartner {
        /// The partner of the token, with all its users.
        Partner = "partner",
        /// A user with its sub-users, or a sub-user.
        Account = "account",
        /// A line, whoever calls over it.
        Line = "line",
    }
}

/// The word of one level alone: by it, who reads the document tells the levels apart.
macro_rules! level_of {
    ($name:ident, $public:literal, $word:literal) => {
        schema_of!(
            /// The word of one level.
            $name,
            $public,
            values::words(concat!("`", $word, "`"), &[$word])
        );
    };
}
level_of!(PartnerLevel, "PartnerLevel", "partner");
level_of!(AccountLevel, "AccountLevel", "account");
level_of!(LineLevel, "LineLevel", "line");

/// What to stop or to resume: the whole partner, an account or a line.
#[derive(Debug, ToSchema)]
#[serde(untagged)]
pub(crate) enum StopBody {
    Partner(StopPartner),
    Account(StopAccount),
    Line(StopLine),
}

/// The partner of the token, with all its users.
#[derive(Debug, ToSchema)]
pub(crate) struct StopPartner {
    /// `partner`
    #[schema(value_type = PartnerLevel, required = true)]
    #[expect(dead_code, reason = "it has told already what is meant")]
    level: Option<StopLevelChoice>,
    /// Why: up to 200 characters, for whoever reads it in the console, in the log and in events.
    #[schema(value_type = Option<StatedReasonSchema>)]
    reason: Option<String>,
}

/// A user with its sub-users, or a sub-user.
#[derive(Debug, ToSchema)]
pub(crate) struct StopAccount {
    /// `account`
    #[schema(value_type = AccountLevel, required = true)]
    #[expect(dead_code, reason = "it has told already what is meant")]
    level: Option<StopLevelChoice>,
    /// The user (主账号).
    #[schema(value_type = Uuid, required = true)]
    user_id: Option<Uuid>,
    /// Only this sub-user (子账户) of it.
    sub_user_id: Option<Uuid>,
    /// Why: up to 200 characters, for whoever reads it in the console, in the log and in events.
    #[schema(value_type = Option<StatedReasonSchema>)]
    reason: Option<String>,
}

/// A line of the partner, whoever calls over it.
#[derive(Debug, ToSchema)]
pub(crate) struct StopLine {
    /// `line`
    #[schema(value_type = LineLevel, required = true)]
    #[expect(dead_code, reason = "it has told already what is meant")]
    level: Option<StopLevelChoice>,
    /// The line (线路).
    #[schema(value_type = Uuid, required = true)]
    line_id: Option<Uuid>,
    /// Why: up to 200 characters, for whoever reads it in the console, in the log and in events.
    #[schema(value_type = Option<StatedReasonSchema>)]
    reason: Option<String>,
}

fields!(StopPartner { level, reason } known &[]);
fields!(StopAccount { level, user_id, sub_user_id, reason } known &[]);
fields!(StopLine { level, line_id, reason } known &[]);

impl FromValue for StopBody {
    /// What a level has no use for is refused by name: a whole partner is not resumed by who names one user of it.
    fn from_value(value: serde_json::Value, place: &FieldPath<'_>, reading: &mut Reading) -> Option<Self> {
        let level = Members::of(value.clone(), place, reading)?.need::<StopLevelChoice>("level")?;
        // Any other body may name a sub-user, and here that would mean less than is said.
        if level != StopLevelChoice::Account && value.get(SUB_USER).is_some_and(|id| !id.is_null()) {
            reading.faults.add(SUB_USER, FaultRule::UnknownField);
        }
        match level {
            StopLevelChoice::Partner => StopPartner::from_value(value, place, reading).map(Self::Partner),
            StopLevelChoice::Account => StopAccount::from_value(value, place, reading).map(Self::Account),
            StopLevelChoice::Line => StopLine::from_value(value, place, reading).map(Self::Line),
        }
    }
}

/// What is meant, as far as the body says it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum StopMeant {
    Partner,
    Account { user: AccountId, sub_user: Option<AccountId> },
    Line(LineId),
}

impl StopBody {
    /// What is meant, and why.
    pub(crate) fn checked(self, mut faults: Faults) -> Result<(StopMeant, Option<StatedReason>), Problem> {
        let (meant, reason) = match self {
            Self::Partner(body) => (Some(StopMeant::Partner), body.reason),
            Self::Account(body) => {
                let user = faults.require("user_id", body.user_id).map(AccountId::new);
                let sub_user = body.sub_user_id.map(AccountId::new);
                (user.map(|user| StopMeant::Account { user, sub_user }), body.reason)
            }
            Self::Line(body) => {
                let line = faults.require("line_id", body.line_id).map(LineId::new);
                (line.map(StopMeant::Line), body.reason)
            }
        };
        let reason = reason.and_then(|text| faults.check("reason", StatedReason::parse(&text)));
        Ok((faults.finish(meant)?, reason))
    }
}
