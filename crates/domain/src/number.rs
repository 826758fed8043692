//! Numbers (号码): the callees of a task's list.

use std::sync::Arc;

use jiff::Timestamp;
use phone::PhoneNumber;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{EMAIL_CHARACTERS, FaultRule, Generation, NumberStatus, Random, legible_within};

/// The most numbers that one request adds (批量添加号码).
pub const MAXIMUM_BATCH: usize = 100;
/// The most numbers that one request adds where it does not wait for them (异步接口).
pub const MAXIMUM_ASYNC_BATCH: usize = 200;
/// The most numbers that one request names, to delete or to reset them.
pub const MAXIMUM_NAMED_NUMBERS: usize = 1_000;
/// How many numbers are reset while their request waits; more are reset as a job.
pub const MOST_RESET_AT_ONCE: i64 = 1_000;
/// How many numbers are looked at, one by one, while a request waits.
pub const MOST_LOOKED_AT: i64 = 20_000;
/// The most bytes of a number's variables, as JSON.
pub const VARIABLES_BYTES: usize = 8 * 1_024;
/// The smallest and the greatest place in the order of dialing.
pub const SORT_BOUNDS: (i64, i64) = (-1_000_000_000, 1_000_000_000);

/// Where a number is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NumberState {
    /// It waits for its next attempt.
    Due,
    /// A node has it, to call it next.
    Leased,
    /// It is being called.
    InCall,
    /// It is not called any more.
    Done,
}

impl NumberState {
    /// Every one, by its number at rest.
    pub const ALL: [Self; 4] = [Self::Due, Self::Leased, Self::InCall, Self::Done];

    /// Its number at rest.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The one of this number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// Whether a node works at it, so that nobody else may change it.
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::Leased | Self::InCall)
    }

    /// Its stable name.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Leased => "leased",
            Self::InCall => "in_call",
            Self::Done => "done",
        }
    }
}

/// By what a list tells its numbers apart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NumberKey {
    /// The number as E.164 has it, without the `+`.
    pub e164: i64,
    /// The digits of its extension.
    pub extension: String,
    /// Its suffix, without the `_`.
    pub suffix: String,
}

impl From<&PhoneNumber> for NumberKey {
    fn from(phone: &PhoneNumber) -> Self {
        Self {
            e164: phone.e164(),
            extension: phone.extension().to_owned(),
            suffix: phone.suffix().to_owned(),
        }
    }
}

impl std::fmt::Debug for NumberKey {
    /// Without the number.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("NumberKey(..)")
    }
}

/// What is told of a callee beside the number.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct NumberDetails {
    /// The name.
    pub name: Option<String>,
    /// The e-mail address, as it was told.
    pub email: Option<String>,
    /// The company.
    pub company: Option<String>,
    /// 0 unknown, 1 male, 2 female.
    pub sex: Option<u8>,
    /// Given back as it is.
    pub extra: Option<String>,
    /// What `destination_extension_with_variable_list` is matched with.
    pub control_select_robot: Option<String>,
    /// What else is told; at most [`VARIABLES_BYTES`].
    pub variables: Map<String, Value>,
}

impl NumberDetails {
    /// Whether nothing is told.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl std::fmt::Debug for NumberDetails {
    /// Without what it says of a person.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("NumberDetails(..)")
    }
}

/// The texts of [`NumberDetails`], by their names on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DetailText {
    /// `name`
    Name,
    /// `email`
    Email,
    /// `company`
    Company,
    /// `extra`
    Extra,
    /// `control_select_robot`
    ControlSelectRobot,
}

impl DetailText {
    /// Every one.
    pub const ALL: [Self; 5] =
        [Self::Name, Self::Email, Self::Company, Self::Extra, Self::ControlSelectRobot];

    /// Its name on the wire.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Company => "company",
            Self::Extra => "extra",
            Self::ControlSelectRobot => "control_select_robot",
        }
    }

    /// The most characters that it may have.
    pub const fn characters(self) -> usize {
        match self {
            Self::Name | Self::ControlSelectRobot => 100,
            Self::Email => EMAIL_CHARACTERS,
            Self::Company => 200,
            Self::Extra => 1_000,
        }
    }

    /// Checks a text; an empty one says nothing.
    ///
    /// # Errors
    /// [`FaultRule::TooLong`], or what [`legible_within`] says.
    pub fn check(self, text: String) -> Result<Option<String>, FaultRule> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        legible_within(&text, self.characters()).map(|()| Some(text))
    }

    /// The place that it has among the details.
    pub const fn of(self, details: &mut NumberDetails) -> &mut Option<String> {
        match self {
            Self::Name => &mut details.name,
            Self::Email => &mut details.email,
            Self::Company => &mut details.company,
            Self::Extra => &mut details.extra,
            Self::ControlSelectRobot => &mut details.control_select_robot,
        }
    }
}

/// Checks that variables are not too large: at most [`VARIABLES_BYTES`] as JSON.
///
/// # Errors
/// [`FaultRule::TooManyBytes`].
pub fn check_variables(variables: &Map<String, Value>) -> Result<(), FaultRule> {
    let bytes = serde_json::to_vec(variables).map_or(usize::MAX, |text| text.len());
    if bytes > VARIABLES_BYTES { Err(FaultRule::TooManyBytes(VARIABLES_BYTES)) } else { Ok(()) }
}

/// A detail that is told to be empty.
#[derive(Clone, PartialEq, Eq)]
pub enum EmptiedDetail {
    /// A text.
    Text(DetailText),
    /// The sex.
    Sex,
    /// The variable of this name.
    Variable(Arc<str>),
}

/// A number about to be added.
#[derive(Clone)]
pub struct NewNumber {
    /// The number.
    pub phone: PhoneNumber,
    /// Its place in the order of dialing, smaller first; `None`: nothing is told of it.
    pub sort: Option<i64>,
    /// What is told beside it.
    pub details: NumberDetails,
    /// What is told to be empty: a number that is there already loses it, and keeps what nothing is told of.
    pub emptied: Vec<EmptiedDetail>,
}

impl NewNumber {
    /// A number of which nothing else is told.
    pub fn new(phone: PhoneNumber) -> Self {
        Self { phone, sort: None, details: NumberDetails::default(), emptied: Vec::new() }
    }

    /// The details of a number that was there already, after this was told of it.
    ///
    /// # Errors
    /// When its variables are too large together.
    pub fn told_of(&self, mut standing: NumberDetails) -> Result<NumberDetails, FaultRule> {
        let mut told = self.details.clone();
        for text in DetailText::ALL {
            if let Some(value) = text.of(&mut told).take() {
                *text.of(&mut standing) = Some(value);
            }
        }
        standing.sex = told.sex.or(standing.sex);
        standing.variables.extend(told.variables);
        for emptied in &self.emptied {
            match emptied {
                EmptiedDetail::Text(text) => *text.of(&mut standing) = None,
                EmptiedDetail::Sex => standing.sex = None,
                EmptiedDetail::Variable(name) => drop(standing.variables.shift_remove(&**name)),
            }
        }
        check_variables(&standing.variables).map(|()| standing)
    }
}

impl std::fmt::Debug for NewNumber {
    /// Without the number, and without what it says of a person.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("NewNumber(..)")
    }
}

/// A number of a list.
#[derive(Clone)]
pub struct TaskNumber {
    /// Counted up in its list, from 1.
    pub id: i64,
    /// By what the list tells it apart.
    pub key: NumberKey,
    /// As it was sent, or as [`PhoneNumber::parse_listed`] has it.
    pub phone: String,
    /// Its place in the order of dialing: smaller first.
    pub sort: i64,
    /// Where it is on its way.
    pub state: NumberState,
    /// What became of it.
    pub status: NumberStatus,
    /// How often it was tried.
    pub tries: i64,
    /// How many attempts in a row have failed by a fault of ours or of a line, which count no try.
    pub line_failures: i64,
    /// From when on it may be called next, if it was tried.
    pub next_attempt_at: Option<Timestamp>,
    /// Whether it waits for a person to reset it.
    pub is_held: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// What is told beside it.
    pub details: NumberDetails,
}

impl std::fmt::Debug for TaskNumber {
    /// Without the number.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TaskNumber").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Which numbers of a task are meant: those for which all holds that is given.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NumberSelection {
    /// The status is one of these; empty: any.
    pub statuses: Vec<NumberStatus>,
    /// Added at this instant or later.
    pub from: Option<Timestamp>,
    /// Added before this instant.
    pub until: Option<Timestamp>,
    /// The text as it was sent has this in it.
    pub keyword: Option<String>,
}

impl std::fmt::Debug for NumberSelection {
    /// Without a part of a number.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("NumberSelection").field("statuses", &self.statuses).finish_non_exhaustive()
    }
}

/// Whether numbers of a task may be added, deleted and reset one by one: not while a 2.0 task is switched on (6007). Imports may go on.
pub const fn may_edit_numbers(generation: Generation, enabled: bool) -> bool {
    !(matches!(generation, Generation::V2) && enabled)
}

/// How many letters and digits [`random_suffix`] has.
const SUFFIX_LENGTH: usize = 6;

/// A suffix that tells one entry of a number from another (`number_add_suffix`): lower-case letters and digits.
pub fn random_suffix(random: &dyn Random) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; SUFFIX_LENGTH];
    random.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn states_have_the_numbers_of_the_database() {
        for (number, state) in (0..).zip(NumberState::ALL) {
            assert_eq!((i64::from(state.number()), NumberState::from_number(number)), (number, Some(state)));
        }
        assert_eq!(NumberState::ALL.map(NumberState::is_taken), [false, true, true, false]);
    }

    #[test]
    fn texts_have_bounds_and_blank_ones_say_nothing() {
        assert_eq!(DetailText::Name.check(" ".to_owned()), Ok(None));
        assert_eq!(DetailText::Name.check("王".repeat(101)), Err(FaultRule::TooLong(100)));
        assert_eq!(DetailText::Extra.check("a\u{0}".to_owned()), Err(FaultRule::ControlCharacter));
    }

    #[test]
    fn variables_have_at_most_so_many_bytes() {
        let variables = |length: usize| json!({"v": "x".repeat(length)}).as_object().cloned().unwrap();
        assert_eq!(check_variables(&variables(VARIABLES_BYTES - 8)), Ok(()));
        assert_eq!(
            check_variables(&variables(VARIABLES_BYTES - 7)),
            Err(FaultRule::TooManyBytes(VARIABLES_BYTES))
        );
    }

    #[test]
    fn what_is_not_told_of_a_number_stays_and_what_is_told_empty_goes() {
        let variables = |value: Value| value.as_object().cloned().unwrap();
        let standing = NumberDetails {
            name: Some("a".to_owned()),
            company: Some("b".to_owned()),
            sex: Some(1),
            variables: variables(json!({"city": "x", "plan": "y", "tier": "z"})),
            ..NumberDetails::default()
        };
        let phone = PhoneNumber::parse("13800138000", phone::Country::CHINA).unwrap();
        let mut new = NewNumber::new(phone);
        assert!(new.told_of(standing.clone()) == Ok(standing.clone()), "nothing is told");
        new.details.name = Some("c".to_owned());
        new.details.variables = variables(json!({"city": "w"}));
        new.emptied = vec![
            EmptiedDetail::Text(DetailText::Company),
            EmptiedDetail::Sex,
            EmptiedDetail::Variable("plan".into()),
        ];
        let expected = NumberDetails {
            name: Some("c".to_owned()),
            variables: variables(json!({"city": "w", "tier": "z"})),
            ..NumberDetails::default()
        };
        assert!(new.told_of(standing.clone()) == Ok(expected));
        new.details.variables = variables(json!({"note": "n".repeat(VARIABLES_BYTES - 20)}));
        assert_eq!(new.told_of(standing).err(), Some(FaultRule::TooManyBytes(VARIABLES_BYTES)));
    }

    #[test]
    fn only_a_2_0_task_that_is_on_keeps_its_numbers() {
        for (generation, enabled, expected) in [
            (Generation::V1, true, true),
            (Generation::V1, false, true),
            (Generation::V2, false, true),
            (Generation::V2, true, false),
        ] {
            assert_eq!(may_edit_numbers(generation, enabled), expected, "{generation:?} {enabled}");
        }
    }
}
