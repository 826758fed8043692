//! What is wrong with refused input: the field, and the rule it breaks. Sentences for it belong to the API.

use jiff::civil::Date;

use crate::LineRule;

/// One fault in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The path of the faulty field in the request, such as `content[0].times[1].end_time`.
    pub field: String,
    /// The rule it breaks.
    pub rule: FaultRule,
}

impl Fault {
    /// A fault of `field`.
    pub fn new(field: impl Into<String>, rule: FaultRule) -> Self {
        Self { field: field.into(), rule }
    }
}

/// The rules of input that is not a calendar's own (those are [`calendar::Rule`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultRule {
    /// The field must be given.
    Required,
    /// The value is of another type than documented, which is this.
    Type(ValueKind),
    /// The same thing is given more than once, or in two ways that differ.
    Repeated,
    /// Nothing of this name is known here, and ignored it could change what the request does.
    UnknownField,
    /// The same of a query, which knows these names.
    UnknownParameter(Vec<String>),
    /// Text that must say something is empty or blank.
    Empty,
    /// Text has more than this many characters.
    TooLong(usize),
    /// Text has fewer than this many characters.
    TooShort(usize),
    /// It takes more than this many bytes.
    TooManyBytes(usize),
    /// Text holds a control character.
    ControlCharacter,
    /// Text holds a character that cannot be seen or turns the text around it: see [`Name`](crate::Name).
    InvisibleCharacter,
    /// A number lies outside these bounds, both included.
    OutOfRange(i64, i64),
    /// There are more of these than the number allowed.
    TooMany(Counted, usize),
    /// A span has more than this many days.
    TooManyDays(i32),
    /// The text is not a UUID.
    Uuid,
    /// The text is not a web address, `http` or `https`, without user name, password and fragment.
    Url,
    /// The text is not a plausible e-mail address.
    Email,
    /// The text is not a plausible phone number.
    Phone,
    /// The text is not a number to call.
    Number(phone::Refusal),
    /// The text is not the two letters of a country with telephone numbers.
    Country,
    /// The text is not a date, `YYYY-MM-DD`.
    Date,
    /// The text is not a date and time as documented.
    DateTime,
    /// The text is neither that nor a date.
    DateOrTime,
    /// The group never opens or closes by itself, so that there is no next change.
    NoNextChange,
    /// The text is not an instant with its offset (RFC 3339) between 1970 and 2200.
    Instant,
    /// It must be two times, from and to.
    TwoTimes,
    /// The instant is past, and must be to come.
    Past,
    /// The value must come after the one of the named field.
    NotAfter(&'static str),
    /// The value must equal the one of the named field.
    Differs(&'static str),
    /// The text is not `*` or a list of entity tags, each in double quotes.
    EntityTags,
    /// The value is none of these.
    OneOf(&'static [&'static str]),
    /// The value is taken: an address or a number by another account of the partner, a group's id in the account.
    Taken,
    /// The id cannot be given to a new account or task. Nothing more is said, so that nobody learns who has it.
    IdUnavailable,
    /// The value names something that does not exist in this account.
    Unknown,
    /// The same of one of many that are named, which is this.
    UnknownId(String),
    /// The value names the very thing that the request is about.
    Itself,
    /// These two fields cannot be on together.
    Excludes(&'static str),
    /// What is sent is encrypted, and nothing here can read it.
    Encrypted,
    /// What is sent is text in no encoding that is read here.
    Encoding,
    /// A row of a file has more cells than this, the number of its columns.
    TooManyCells(usize),
    /// Without any of these everything would be meant.
    OneNeeded(&'static [&'static str]),
    /// A number with this status is never tried again: see [`NEVER_REDIALED`](crate::NEVER_REDIALED).
    NeverRedialed,
    /// A rule of what came of a conversation.
    Result(ResultRule),
    /// A rule of scripts.
    Script(ScriptRule),
    /// A rule of files with audio.
    Audio(AudioRule),
    /// A rule of the calendar.
    Calendar(calendar::Rule),
    /// A rule of files of holidays.
    HolidayFile(HolidayFileRule),
    /// A rule of lines.
    Line(LineRule),
}

/// The rules of files of holidays. Their fields are places in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HolidayFileRule {
    /// It can be read in none of the forms, or this place of it cannot.
    Unreadable,
    /// It is text in no encoding that can be told.
    NoText,
    /// It is empty.
    EmptyFile,
    /// It holds no day and no event.
    Nothing,
    /// It does not say to which date it is complete, and seems not to be to the end of its last year.
    KnownUntil,
    /// One place says that a date is off, another that it is worked.
    Contradiction,
    /// It is not understood what this makes of its days, of which this is the first that is known.
    NotUnderstood(Option<Date>),
    /// The year would have less than half as many days as before, or as other years.
    FewerDays,
    /// It could not be read from its address.
    Address(AddressRule),
}

/// How an address fails to give a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressRule {
    /// It is not public, and the operator does not allow such.
    NotPublic,
    /// There is no answer, or no file in it.
    Unreachable,
    /// The whole answer does not come in time.
    TimedOut,
    /// It sends elsewhere too often, or to what is not read.
    Redirected,
    /// It answers with another status than that of a file.
    Status,
    /// The file is too large.
    TooLarge,
}

/// The rules of what came of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultRule {
    /// It is no score: see [`Score`](crate::Score).
    Score,
    /// It must be ranges of scores, each of two, from and to.
    ScoreRanges,
    /// A custom field is a list or an object.
    FieldValue,
    /// A turn began long before or after its call: see [`SpokenSpan`](crate::SpokenSpan).
    OutsideCall,
}

/// The rules of scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptRule {
    /// The text is no label: see [`StepLabel`](crate::StepLabel).
    Label,
    /// The text is no keys: see [`DigitPattern`](crate::DigitPattern).
    Digits,
    /// The text is nothing that can be sent: see [`SentDigits`](crate::SentDigits).
    SentDigits,
    /// The text is no address of a bot: see [`BotUrl`](crate::BotUrl).
    WebSocketUrl,
    /// The text is no extension: see [`TransferExtension`](crate::TransferExtension).
    Extension,
    /// The text is no SIP address: see [`TransferAddress`](crate::TransferAddress).
    SipAddress,
    /// After the last step there is no step to go on to.
    NoEnd,
    /// Nothing leads to the step.
    Unreachable,
    /// From the step the call cannot come to an end.
    Endless,
}

/// The rules of files with audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AudioRule {
    /// It is not a WAV file.
    NotWav,
    /// It ends before its header says.
    Truncated,
    /// Its header is not whole, or contradicts itself.
    Broken,
    /// It holds no sound.
    NoSamples,
    /// What it holds is compressed, or of another kind that is not read.
    Compressed,
    /// Its samples have another width than its kind may have.
    Width,
    /// It has another number of channels than one or two.
    Channels,
    /// Its rate is not between these, in samples a second.
    Rate(u32, u32),
    /// It lasts longer than so many seconds.
    TooLong(u32),
}

/// The types that a field of a request can be documented to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// An object with named members.
    Object,
    /// A list.
    List,
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// Yes or no.
    Flag,
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// The webhooks of an account.
    Webhooks,
    /// The caller ids of a task.
    CallerIds,
    /// The lines of a task.
    Lines,
    /// The closures of a task.
    Closures,
    /// The planned closures of a partner or an account.
    PlannedClosures,
    /// The questions of one request.
    Questions,
    /// The records of one request.
    Records,
    /// The numbers of one request.
    Numbers,
    /// The groups of one request.
    Groups,
    /// The tasks of one request.
    Tasks,
    /// The redial rules of an account.
    RedialRules,
    /// The holiday calendars of an account.
    HolidayCalendars,
    /// The prompts of an account.
    Prompts,
    /// The seconds that all prompts of an account last together.
    PromptSeconds,
    /// The scripts of an account.
    Scripts,
    /// The different scripts that a task names.
    ScriptsOfTask,
    /// The steps of a script.
    Steps,
    /// The branches of a step.
    Branches,
    /// The bots of a step.
    Bots,
    /// The variables of a step.
    Variables,
    /// The numbers that an account must not call.
    DoNotCall,
    /// The rows of a file.
    Rows,
    /// The turns of a conversation.
    Turns,
    /// The tags of a call.
    Tags,
    /// The ranges that a list is narrowed to.
    Ranges,
    /// Spans of an answer.
    Spans,
}

/// The most faults that are noted; more would help nobody.
const FAULTS_KEPT: usize = 100;

/// Collects the faults of one request, so that a caller sees all of them at once.
#[derive(Debug, Default)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Keeps the value of a good field; notes the fault of a bad one.
    pub fn check<T>(&mut self, field: &str, result: Result<T, FaultRule>) -> Option<T> {
        result.map_err(|rule| self.add(field, rule)).ok()
    }

    /// Like [`Faults::check`] for a field that must be given.
    pub fn require<T>(&mut self, field: &str, value: Option<T>) -> Option<T> {
        self.check(field, value.ok_or(FaultRule::Required))
    }

    /// Notes a fault: one of the first hundred, and of a field the first. What a faulty whole holds is not looked at.
    pub fn add(&mut self, field: impl Into<String>, rule: FaultRule) {
        let field = field.into();
        let covers = |fault: &Fault| {
            let below = field.strip_prefix(&fault.field);
            below.is_some_and(|below| below.is_empty() || below.starts_with(['.', '[']))
        };
        if self.0.len() < FAULTS_KEPT && !self.0.iter().any(covers) {
            self.0.push(Fault { field, rule });
        }
    }

    /// Notes the faults of a calendar's part, whose paths start below `field`.
    pub fn calendar(&mut self, field: &str, faults: Vec<calendar::CalendarFault>) {
        for fault in faults.into_iter().map(|fault| fault.prefixed(field)) {
            self.add(fault.path, FaultRule::Calendar(fault.rule));
        }
    }

    /// Whether something is wrong with a field, or with what it holds.
    pub fn is_faulty(&self, field: &str) -> bool {
        let below = |fault: &Fault| {
            let below = fault.field.strip_prefix(field);
            below.is_some_and(|below| below.is_empty() || below.starts_with(['.', '[']))
        };
        self.0.iter().any(below)
    }

    /// Whether nothing was wrong so far.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults in the order they were found.
    pub fn into_vec(self) -> Vec<Fault> {
        self.0
    }

    /// The whole, if nothing was wrong.
    ///
    /// # Errors
    /// The faults, when there are any or when a part is missing (which noted its own fault).
    pub fn finish<T>(self, whole: Option<T>) -> Result<T, Vec<Fault>> {
        match whole {
            Some(whole) if self.0.is_empty() => Ok(whole),
            _ => Err(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_field_the_first_fault_is_told_and_nothing_of_what_a_faulty_whole_holds() {
        let mut faults = Faults::default();
        for field in
            ["content[1]", "content[1]", "content[1].week", "content[10].week", "content", "name", "names"]
        {
            faults.add(field, FaultRule::Required);
        }
        let fields: Vec<String> = faults.into_vec().into_iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["content[1]", "content[10].week", "content", "name", "names"]);
    }

    #[test]
    fn only_so_many_faults_are_kept() {
        let mut faults = Faults::default();
        for number in 0..1_000 {
            faults.add(number.to_string(), FaultRule::Required);
        }
        assert_eq!(faults.into_vec().len(), FAULTS_KEPT);
    }
}
