//! Who there is and what the program knows of holidays: partners, users, tokens and imports.

use std::path::PathBuf;

use calendar::Zone;
use clap::{Args, Subcommand, ValueEnum, builder::PossibleValuesParser};
use domain::CallEvents;
use jiff::civil::Date;
use phone::Country;
use uuid::Uuid;

use super::{
    service::{country, zone},
    sip::SipOptions,
};

#[derive(Debug, Subcommand)]
pub(crate) enum PartnerCommand {
    /// Make a partner.
    Create {
        /// 1 to 64 characters, and no other partner's.
        name: String,
    },
    /// List all partners.
    List,
    /// Refuse all its tokens and let none of its users' tasks dial, at once, until it is enabled again.
    Disable {
        /// Its id, as listed.
        #[arg(value_parser = partner_id)]
        id: Uuid,
    },
    /// Enable it again.
    Enable {
        /// Its id, as listed.
        #[arg(value_parser = partner_id)]
        id: Uuid,
    },
    /// Delete it with its tokens. Refused while it has users.
    Delete {
        /// Its id, as listed.
        #[arg(value_parser = partner_id)]
        id: Uuid,
        /// Also delete its users with all that is theirs: sub-users, groups, tasks, webhooks, events.
        #[arg(long)]
        with_everything: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Make a user with a random password, which is shown once.
    Create {
        /// The partner it belongs to.
        #[arg(long, value_parser = partner_id)]
        partner: Uuid,
        /// The id it had elsewhere, which no other account may have; left out, a new one.
        #[arg(long, value_parser = new_id)]
        id: Option<Uuid>,
        /// 1 to 64 characters.
        #[arg(long)]
        name: String,
        /// Unique among the partner's accounts.
        #[arg(long)]
        email: String,
        /// Unique among the partner's accounts.
        #[arg(long)]
        phone: String,
    },
    /// List a partner's users.
    List {
        /// The partner they belong to.
        #[arg(long, value_parser = partner_id)]
        partner: Uuid,
    },
    /// Let nobody act for a user or a sub-user and none of its tasks dial, at once, until it is enabled again.
    Disable {
        /// Its id.
        #[arg(value_parser = user_id)]
        id: Uuid,
    },
    /// Enable it again.
    Enable {
        /// Its id.
        #[arg(value_parser = user_id)]
        id: Uuid,
    },
    /// Delete a user or a sub-user with its tokens. Refused while it has sub-users, groups or tasks.
    Delete {
        /// Its id.
        #[arg(value_parser = user_id)]
        id: Uuid,
        /// Also delete its sub-users, groups, tasks, webhooks and events.
        #[arg(long)]
        with_everything: bool,
    },
    /// Choose which events of calls a user or a sub-user is told before they end, beside call.ended; with none named, show those that it is told.
    CallEvents {
        /// Its id.
        #[arg(value_parser = user_id)]
        id: Uuid,
        /// call.started, call.ringing, call.answered or call.judged; all that are wanted, in place of those that were.
        #[arg(value_name = "EVENT", value_parser = PossibleValuesParser::new(CallEvents::CODES))]
        events: Vec<String>,
        /// Tell it of none of them any more.
        #[arg(long, conflicts_with = "events")]
        none: bool,
    },
    /// Set the password of a user or a sub-user: a random one, which is shown once, or the first line of standard input.
    Password {
        /// Its id.
        #[arg(value_parser = user_id)]
        id: Uuid,
        /// Take the password from the first line of standard input: 8 to 128 characters.
        #[arg(long)]
        stdin: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token. It is shown once and kept only as a hash.
    Create {
        /// The partner it speaks for.
        #[arg(long, value_parser = partner_id)]
        partner: Uuid,
        /// What it is for, 1 to 64 characters.
        #[arg(long, default_value = "default")]
        name: String,
        /// For how many days it is good.
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=36_500))]
        days: u32,
        /// It never expires.
        #[arg(long, conflicts_with = "days")]
        never_expires: bool,
        /// What it may do; each holds the ones before it.
        #[arg(long, value_enum, default_value_t)]
        scope: Scope,
        /// How telephone numbers are shown to it.
        #[arg(long, value_enum, default_value_t)]
        numbers: Numbers,
        /// The only user it may act for, with the user's sub-users; left out, every user of the partner.
        #[arg(long, value_name = "ID", value_parser = user_id)]
        user: Option<Uuid>,
    },
    /// List tokens, without their secrets: whose they are, how long they are good, what they may do and when they were last used.
    List {
        /// Only this partner's.
        #[arg(long, value_parser = partner_id)]
        partner: Option<Uuid>,
    },
    /// Revoke a token at once.
    Revoke {
        /// Its id, as listed.
        #[arg(value_parser = token_id)]
        id: Uuid,
    },
}

/// What a token may do.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Scope {
    /// Ask whether a call may go out, and nothing else: for a telephone system.
    Decide,
    /// Read everything.
    Read,
    /// Change everything.
    #[default]
    All,
}

impl From<Scope> for domain::TokenScope {
    fn from(scope: Scope) -> Self {
        match scope {
            Scope::Decide => Self::Decide,
            Scope::Read => Self::Read,
            Scope::All => Self::All,
        }
    }
}

/// How telephone numbers are shown.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Numbers {
    /// Whole.
    #[default]
    Full,
    /// With stars in place of most digits.
    Masked,
}

impl From<Numbers> for domain::NumberDisplay {
    fn from(numbers: Numbers) -> Self {
        match numbers {
            Numbers::Full => Self::Full,
            Numbers::Masked => Self::Masked,
        }
    }
}

/// The forms of a file of holidays.
const HOLIDAY_FILES: &str = r#"The form is seen from what the file holds.

JSON, a whole calendar or a year of one; this one closes an office on a day and half of another:
  {"id": "OFFICE", "known_until": "2027-12-31",
   "notices": [{"id": "2027", "address": "https://..."}],
   "days": [{"date": "2027-05-20", "kind": "holiday", "name": "司庆"},
            {"date": "2027-05-23", "kind": "makeup_workday", "name": "司庆", "stands_for": 4},
            {"date": "2027-12-31", "kind": "half_day", "name": "Silvester", "times": [{"begin_time": "00:00", "end_time": "12:00"}]}]}
  Kinds: holiday, moved_holiday (调休), makeup_workday, half_day (open within its `times` only), observance (closes nothing).
  `stands_for` (0 = Sunday ... 6 = Saturday), `notice` (the id of a day's notice; else its year) and `notices` are optional.
  holiday-cn's JSON is read as well.

iCalendar: whole days, also from midnight to midnight; RRULE:FREQ=YEARLY, RDATE and EXDATE. Marks say what a day is (X-APPLE-SPECIAL-DAY,
  （休） and （班）, CATEGORIES), else the words of its name (放假, 补班, "non-working day"), else the first line of its description ("Public
  holiday", "Observance"). In a file that marks its days off, what is not marked is an observance; in others it is a day off.

CSV with a line of headings: date (日期), name (名称), kind (类型), and begin_time and end_time of a half day. Dates have their year first.

What is not understood is refused and listed; say with --unclear what it is. Look at what would be stored with --dry-run.

The years replaced are those that the file has days in. Days of the last week before its first year are added to the year before and replace nothing.
Of a year that the file has only days off of, the make-up workdays stay, and the other way round."#;

/// What is imported, and how.
#[derive(Debug, Args)]
pub(crate) struct ImportHolidays {
    /// iCalendar, CSV, holiday-cn's JSON, or our own; or the address of such a file, `http` or `https`, which is read once.
    pub(crate) file: PathBuf,
    /// The calendar's id, instead of the file's own; CN when neither says it.
    #[arg(long, value_name = "ID")]
    pub(crate) calendar: Option<String>,
    /// The last date up to which the file is complete, instead of what it says itself, or of the end of its last year.
    /// Days after it are left out.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub(crate) known_until: Option<Date>,
    /// Take a year that has less than half as many days as the one it replaces, or as the calendar's other years.
    #[arg(long)]
    pub(crate) allow_fewer_days: bool,
    /// What the entries of the file are that are not understood. Without it a file with such entries is refused, and they are listed.
    #[arg(long, value_name = "WHAT", value_enum)]
    pub(crate) unclear: Option<UnclearEntries>,
    /// Take the make-up workdays of a year away if the file has only other days of it. Without it they stay.
    #[arg(long)]
    pub(crate) drop_makeup_workdays: bool,
    /// Show what would be stored and what would change, and store nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// What the entries of a file of holidays are that are not understood.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum UnclearEntries {
    /// Days off.
    #[value(alias = "day_off")]
    DayOff,
    /// Make-up workdays.
    #[value(alias = "makeup_workday")]
    MakeupWorkday,
    /// Days with a name, which close nothing.
    Observance,
    /// Nothing: they are left out.
    #[value(alias = "leave_out")]
    LeaveOut,
}

/// What a day of a calendar becomes.
#[derive(Debug, Args)]
pub(crate) struct SetHoliday {
    /// The calendar's id, such as CN.
    pub(crate) calendar: String,
    /// The day, not after what the calendar knows.
    #[arg(value_parser = date, value_name = "YYYY-MM-DD")]
    pub(crate) date: Date,
    /// What it is.
    #[arg(value_enum)]
    pub(crate) kind: HolidayKindWord,
    /// What it is called: up to 100 characters.
    pub(crate) name: String,
    /// The weekday that a make-up workday stands for: 0 = Sunday to 6 = Saturday; left out, Monday.
    #[arg(long, value_parser = clap::value_parser!(i64).range(0..=6))]
    pub(crate) stands_for: Option<i64>,
    /// A time within which a half day is open, such as 09:00-12:00; repeat it for more.
    #[arg(long, value_name = "HH:MM-HH:MM")]
    pub(crate) open: Vec<String>,
}

/// What a day of a calendar is.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum HolidayKindWord {
    Holiday,
    #[value(alias = "moved_holiday")]
    MovedHoliday,
    #[value(alias = "makeup_workday")]
    MakeupWorkday,
    #[value(alias = "half_day")]
    HalfDay,
    Observance,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Holidays {
    /// List the calendars: how far each is known, how many years it has, and where they come from.
    List,
    /// Show a calendar's days, and the notices they come from.
    Show {
        /// Its id, such as CN.
        calendar: String,
        /// Only this year.
        #[arg(value_parser = clap::value_parser!(i16).range(1970..=2200))]
        year: Option<i16>,
    },
    /// Import the years of a file or of an address, in place of those that the calendar has; a calendar that is not there is made. Running servers apply them at once; a file
    /// with any fault changes nothing.
    #[command(after_long_help = HOLIDAY_FILES)]
    Import(ImportHolidays),
    /// Take away what was imported of a calendar, all of it or one year: what comes with the program holds again. Running
    /// servers apply it at once. Refused while groups follow a calendar of which nothing would be left.
    Remove {
        /// Its id, such as CN.
        calendar: String,
        /// Only this year.
        #[arg(value_parser = clap::value_parser!(i16).range(1970..=2200))]
        year: Option<i16>,
    },
    /// Set one day of a calendar. Running servers apply it at once.
    SetDay(SetHoliday),
    /// Take one day of a calendar away: it is a day like any other from then on.
    RemoveDay {
        /// The calendar's id, such as CN.
        calendar: String,
        /// The day.
        #[arg(value_parser = date, value_name = "YYYY-MM-DD")]
        date: Date,
    },
    /// Have a calendar follow an address: running servers read it at once and then every day. What fails changes nothing, and `list` says so.
    Follow {
        /// The calendar's id, such as CN.
        calendar: String,
        /// `http` or `https`. Addresses that are not public are read only by servers that may (`--webhooks-to-private`).
        url: String,
        /// What the entries of the file are that are not understood. Without it a file with such entries is refused.
        #[arg(long, value_name = "WHAT", value_enum)]
        unclear: Option<UnclearEntries>,
    },
    /// Have a calendar follow no address any more. Its days stay.
    Unfollow {
        /// The calendar's id, such as CN.
        calendar: String,
    },
    /// Take back the last import or removal; run again, the one before it, up to 100 of them.
    Undo,
}

/// A call to try a line with.
#[derive(Debug, Args)]
pub(crate) struct TestCall {
    /// The line's id.
    #[arg(value_parser = line_id)]
    pub(crate) id: Uuid,
    /// The number, as in a list.
    pub(crate) number: String,
    /// For how many seconds it may ring, at most as long as the line lets it.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=180))]
    pub(crate) ring: i64,
    /// How many seconds after the answer it is ended; with `--play`, it is when that is over.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(i64).range(1..=300))]
    pub(crate) talk: i64,
    /// A WAV file that whoever answers hears, as a prompt may be. Left out, silence.
    #[arg(long, value_name = "FILE")]
    pub(crate) play: Option<PathBuf>,
    /// Show each SIP message, once the call is over.
    #[arg(long)]
    pub(crate) trace: bool,
    /// The country of a number that does not name its own: two letters.
    #[arg(long, env = "DIALTIME_DEFAULT_COUNTRY", default_value = "CN", value_parser = country)]
    pub(crate) default_country: Country,
    #[command(flatten)]
    pub(crate) sip: SipOptions,
}

/// The form of a file of a line.
const LINE_FILES: &str = r#"JSON, the body of `POST /agent-api/line`. A line that calls nobody:
  {"name": "test", "kind": "simulated", "channels": 10}
A SIP trunk:
  {"name": "trunk", "kind": "sip", "channels": 30, "cps": 2.5, "caller_ids": {"numbers": ["+862161234567"]},
   "sip": {"addresses": ["sip.example.com:5060"], "auth_user": "1001", "auth_secret": "..."}}"#;

#[derive(Debug, Subcommand)]
pub(crate) enum LineCommand {
    /// Create a line from a file; its id is printed.
    #[command(after_long_help = LINE_FILES)]
    Create {
        /// The partner it belongs to.
        #[arg(long, value_parser = partner_id)]
        partner: Uuid,
        /// JSON, as the API takes it. `-` is standard input.
        file: PathBuf,
    },
    /// List a partner's lines: what carries them, how many calls at once they have, and how many a second.
    List {
        /// The partner they belong to.
        #[arg(long, value_parser = partner_id)]
        partner: Uuid,
    },
    /// Show a line in JSON, as the API answers it: without its secret.
    Show {
        /// Its id.
        #[arg(value_parser = line_id)]
        id: Uuid,
        /// The IANA zone of its times.
        #[arg(long, env = "DIALTIME_TIMEZONE", default_value = "Asia/Shanghai", value_parser = zone)]
        timezone: Zone,
    },
    /// Ask each address of a SIP line whether it is there, and say what to do where it is not. Nobody is called. Exits with 1 where no call
    /// could go over it.
    Check {
        /// Its id.
        #[arg(value_parser = line_id)]
        id: Uuid,
        #[command(flatten)]
        sip: SipOptions,
    },
    /// Call one number over a SIP line, and say what comes of it, step by step, and what to do: a trial before a campaign. Exits with 1 where
    /// nobody answered.
    ///
    /// The call is ended some seconds after the answer, and at Ctrl-C. It is refused where dialing is stopped (also while it is under way), where
    /// the partner is disabled, to emergency and service numbers, to numbers that the line may not call or any account of its partner must not,
    /// and while all channels of the line are in use. Windows and hours do not hold for it. It has no record; the audit says when which line
    /// was tried, and not to whom.
    TestCall(Box<TestCall>),
    /// Delete a line. Refused while tasks name it, users have a share of it or line groups have it.
    Delete {
        /// Its id.
        #[arg(value_parser = line_id)]
        id: Uuid,
    },
}

pub(super) fn date(text: &str) -> Result<Date, &'static str> {
    Date::strptime("%Y-%m-%d", text).map_err(|_| "not a date, written as 2027-12-31")
}

fn partner_id(text: &str) -> Result<Uuid, String> {
    id(text, "`dialtime partner list` shows those of partners")
}

fn user_id(text: &str) -> Result<Uuid, String> {
    id(text, "`dialtime user list --partner ID` shows those of a partner's users")
}

fn token_id(text: &str) -> Result<Uuid, String> {
    id(text, "`dialtime token list` shows those of tokens")
}

fn line_id(text: &str) -> Result<Uuid, String> {
    id(text, "`dialtime line list --partner ID` shows those of a partner's lines")
}

fn new_id(text: &str) -> Result<Uuid, String> {
    id(text, "without --id a new one is made")
}

pub(super) fn id(text: &str, where_from: &str) -> Result<Uuid, String> {
    Uuid::parse_str(text)
        .map_err(|_| format!("not an id, such as 5832d184-dd53-42a0-8ace-0bf8d660f4cc; {where_from}"))
}
