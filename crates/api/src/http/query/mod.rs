//! The query of a request's address, in the forms that clients write lists: `status=1`, `status=1&status=3`,
//! `status[]=1&status[]=3`, `status[0]=1`, `status=[1,3]` and `status=["1","3"]`.

mod parameters;
mod ranges;

use std::ops::RangeInclusive;

use domain::{Fault, FaultRule, Faults};
use store::Page;
use uuid::Uuid;

pub(crate) use self::parameters::{
    CountryCode, Flag, Id, NotEmpty, QueryKind, QueryParameters, RequiredId, RequiredName, Search, Within,
    WithinOr, documented, query_parameters,
};
pub(crate) use self::ranges::{LocalTime, TwoTimes, start_and_end};
use crate::http::lenient;

/// The most characters of a text to look for.
const LONGEST_FILTER: usize = 254;

query_parameters! {
    /// Which page of a list.
    pub(crate) struct PageQuery {
        /// The page, counted from 1.
        page: WithinOr<1, 1_000_000, 1>,
        /// How many items a page holds, at most 100.
        per_page: WithinOr<1, 100, 15>,
    }
}

impl PageQuery {
    /// Reads a page where nothing else is asked for.
    pub(crate) fn read_alone(query: &Query) -> Result<Page, Vec<Fault>> {
        let mut faults = Faults::default();
        let page = Self::read(query, &mut faults).page();
        faults.finish(Some(page))
    }

    pub(crate) fn page(self) -> Page {
        Page { number: self.page, size: self.per_page }
    }
}

query_parameters! {
    /// The account to act for, where it is not the user of the path. Read by the extractor.
    pub(crate) struct SubUserQuery {
        /// The sub-user (子账户) to act for; may stand in the body instead.
        sub_user_id: Id,
    }
}

/// The pairs of a query, decoded.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn of(uri: &http::Uri) -> Self {
        let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(k, v)| (decode(k), decode(v)))
                .collect(),
        )
    }

    /// All names, each with its whole key: that of `status[]` is `status`, that of `status[a]` is itself.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, _)| (stem(key), key.as_str()))
    }

    /// The last value of a name; an empty one counts as not given.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let last = self.0.iter().rev().find(|(key, _)| stem(key) == name)?;
        Some(last.1.as_str()).filter(|value| !value.is_empty())
    }

    /// The one value of a name; empty ones count as not given. Of two that differ none can be meant.
    fn single(&self, name: &str, faults: &mut Faults) -> Option<&str> {
        let values = self.0.iter().filter(|(key, _)| stem(key) == name).map(|(_, value)| value.as_str());
        let mut values = values.filter(|value| !value.is_empty());
        let first = values.next()?;
        let rule = if values.any(|other| other != first) { Err(FaultRule::Repeated) } else { Ok(first) };
        faults.check(name, rule)
    }

    /// The one value of a name without which something else would be answered: an empty one is a fault, too.
    pub(crate) fn decisive(&self, name: &str, faults: &mut Faults) -> Option<&str> {
        if self.refuse_empty(name, faults) { None } else { self.single(name, faults) }
    }

    /// Refuses an empty value of a name; says whether there is one.
    fn refuse_empty(&self, name: &str, faults: &mut Faults) -> bool {
        let is_empty = self.0.iter().any(|(key, value)| stem(key) == name && value.is_empty());
        if is_empty {
            faults.add(name, FaultRule::Empty);
        }
        is_empty
    }

    /// Refuses members of these names, such as `status[a]`: they would say nothing here.
    pub(crate) fn refuse_members(&self, names: &[&str], faults: &mut Faults) {
        let is_member = |key: &str| {
            stem(key) == key && key.split_once('[').is_some_and(|(name, _)| names.contains(&name))
        };
        for (key, _) in self.0.iter().filter(|(key, _)| is_member(key)) {
            faults.add(key, FaultRule::UnknownField);
        }
    }

    /// An id. An empty one names nothing, rather than everything; and of two that differ none can be meant.
    pub(crate) fn uuid(&self, name: &str, faults: &mut Faults) -> Option<Uuid> {
        let mut values = self.0.iter().filter(|(key, _)| stem(key) == name).map(|(_, value)| value.as_str());
        let id = uuid(values.next()?);
        let rule = if values.any(|other| uuid(other) != id) { Err(FaultRule::Repeated) } else { id };
        faults.check(name, rule)
    }

    /// Text to look for.
    pub(crate) fn text(&self, name: &str, faults: &mut Faults) -> Option<String> {
        self.text_within(name, LONGEST_FILTER, faults)
    }

    /// Text to look for, with at most so many characters.
    pub(crate) fn text_within(&self, name: &str, longest: usize, faults: &mut Faults) -> Option<String> {
        let text = self.single(name, faults)?;
        let rule = if text.chars().count() > longest {
            Some(FaultRule::TooLong(longest))
        } else {
            // Nothing that is looked for can hold one, and PostgreSQL takes no text with a NUL.
            text.chars().any(char::is_control).then_some(FaultRule::ControlCharacter)
        };
        faults.check(name, rule.map_or(Ok(()), Err)).map(|()| text.to_owned())
    }

    /// One of these words.
    pub(crate) fn one_of(
        &self,
        name: &str,
        known: &'static [&'static str],
        faults: &mut Faults,
    ) -> Option<&'static str> {
        let text = self.single(name, faults)?;
        let word = known.iter().find(|word| **word == text).copied();
        faults.check(name, word.ok_or(FaultRule::OneOf(known)))
    }

    /// `true` or `false`, which it is when none is given.
    pub(crate) fn flag(&self, name: &str, faults: &mut Faults) -> bool {
        let Some(text) = self.single(name, faults) else { return false };
        let flag = lenient::flag(text).ok_or(FaultRule::OneOf(&["true", "false"]));
        faults.check(name, flag).unwrap_or(false)
    }

    /// A number between these, both included; `None` when none is given, and when it is faulty.
    pub(crate) fn number_within(
        &self,
        name: &str,
        bounds: RangeInclusive<u32>,
        faults: &mut Faults,
    ) -> Option<u32> {
        let number =
            lenient::integer(self.single(name, faults)?).and_then(|number| u32::try_from(number).ok());
        let number = number.filter(|number| bounds.contains(number));
        let (smallest, largest) = bounds.into_inner();
        faults.check(name, number.ok_or(FaultRule::OutOfRange(smallest.into(), largest.into())))
    }

    /// All values of a parameter that may be one value or several; empty when it is not given.
    pub(crate) fn several(&self, name: &str) -> Vec<String> {
        match self.one_or_many(name) {
            OneOrMany::None => Vec::new(),
            OneOrMany::One(value) => vec![value],
            OneOrMany::Many(values) => values,
        }
    }

    /// The same where no value has a comma in it: several may stand between commas, too.
    pub(crate) fn listed(&self, name: &str) -> Vec<String> {
        let values = self.several(name);
        values.iter().flat_map(|value| value.split(',')).map(|value| value.trim().to_owned()).collect()
    }

    /// A parameter that may be one value or several. Several in brackets, as JSON or repeated are a list, in this order.
    pub(crate) fn one_or_many(&self, name: &str) -> OneOrMany {
        let (mut values, mut is_list) = (Vec::new(), false);
        for (key, value) in self.0.iter().filter(|(key, _)| stem(key) == name) {
            let is_bare = key == name;
            match entries(value).filter(|_| is_bare) {
                Some(entries) => values.extend(entries),
                None if is_bare && value.is_empty() => continue,
                None => values.push(value.clone()),
            }
            is_list |= !is_bare || entries(value).is_some();
        }
        match values.len() {
            0 => OneOrMany::None,
            1 if !is_list => OneOrMany::One(values.remove(0)),
            _ => OneOrMany::Many(values),
        }
    }
}

/// The name before `[]`, `[7]` or `[0][]`; of any other key the key itself.
fn stem(key: &str) -> &str {
    let Some((name, places)) = key.strip_suffix(']').and_then(|key| key.split_once('[')) else { return key };
    let is_place = |place: &str| place.bytes().all(|byte| byte.is_ascii_digit());
    if places.split("][").all(is_place) { name } else { key }
}

/// The name of a key, whatever its brackets hold.
pub(crate) fn before_brackets(key: &str) -> &str {
    key.split_once('[').map_or(key, |(name, _)| name)
}

fn uuid(text: &str) -> Result<Uuid, FaultRule> {
    if text.is_empty() {
        return Err(FaultRule::Empty);
    }
    Uuid::parse_str(text).map_err(|_| FaultRule::Uuid)
}

/// A parameter that may be one value or several.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum OneOrMany {
    None,
    One(String),
    Many(Vec<String>),
}

/// The entries of a JSON array of numbers, or of numbers written as strings.
fn entries(text: &str) -> Option<Vec<String>> {
    let list = text.strip_prefix('[')?.strip_suffix(']')?;
    Some(list.split(',').map(unquoted).collect())
}

fn unquoted(entry: &str) -> String {
    let entry = entry.trim();
    entry.strip_prefix('"').and_then(|entry| entry.strip_suffix('"')).unwrap_or(entry).to_owned()
}

fn decode(text: &str) -> String {
    String::from_utf8_lossy(&decoded_bytes(text)).into_owned()
}

/// A name or value of a form; `None` when it is not UTF-8.
pub(crate) fn decode_exactly(text: &str) -> Option<String> {
    String::from_utf8(decoded_bytes(text)).ok()
}

fn decoded_bytes(text: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(&text.replace('+', " ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query::of(&format!("/x?{text}").parse().unwrap())
    }

    #[test]
    fn of_two_values_that_differ_none_is_taken() {
        for text in ["page=1&page=2", "page=1&page[]=2", "deep=false&deep=true", "name=a&name=b"] {
            let (query, mut faults) = (query(text), Faults::default());
            let _ = (
                PageQuery::read(&query, &mut faults),
                query.flag("deep", &mut faults),
                query.text("name", &mut faults),
            );
            let faults = faults.finish::<()>(None).unwrap_err();
            assert_eq!(
                faults.iter().map(|fault| &fault.rule).collect::<Vec<_>>(),
                [&FaultRule::Repeated],
                "{text}"
            );
        }
        let mut faults = Faults::default();
        assert_eq!(PageQuery::read(&query("page=2&page=&page=2"), &mut faults).page, 2);
        assert_eq!(faults.finish(Some(())), Ok(()));
    }

    #[test]
    fn every_way_of_writing_a_list_is_read() {
        let many = OneOrMany::Many(vec!["1".to_owned(), "3".to_owned()]);
        for text in [
            "status[]=1&status[]=3",
            "status[0]=1&status[1]=3",
            "status=[1,3]",
            "status=%5B%221%22%2C+%223%22%5D",
            "status%5B%5D=1&status[]=3",
            "status=1&status=3",
            "status=1&status=&status=3",
            "status=1&status[]=3",
            "status=[1]&status=3",
            "status%5B0%5D=1&status%5B1%5D=3",
            "status[0][]=1&status[0][]=3",
            "status[0][0]=1&status[1][0]=3",
        ] {
            assert_eq!(query(text).one_or_many("status"), many, "{text}");
        }
        assert_eq!(query("status=2").one_or_many("status"), OneOrMany::One("2".to_owned()));
        assert_eq!(query("status=2&status=").one_or_many("status"), OneOrMany::One("2".to_owned()));
        assert_eq!(query("status=&status_x[]=1").one_or_many("status"), OneOrMany::None);
    }

    #[test]
    fn members_of_a_name_are_refused_and_none_is_passed_over() {
        for (text, key) in [
            ("page[a]=1", "page[a]"),
            ("page[0][a]=1", "page[0][a]"),
            ("page[=1", "page["),
            ("page[]x=1", "page[]x"),
            ("per_page%5Bsize%5D=1", "per_page[size]"),
        ] {
            let faults = PageQuery::read_alone(&query(text)).unwrap_err();
            assert_eq!(faults, [Fault::new(key, FaultRule::UnknownField)], "{text}");
        }
        assert_eq!(PageQuery::read_alone(&query("page[]=2&filter[a]=1&[=1")).unwrap().number, 2);
        assert_eq!(query("cursor[]=a").get("cursor"), Some("a"));
    }

    #[test]
    fn an_id_is_refused_when_it_is_empty_or_given_twice_differently() {
        let id = "5832d184-dd53-42a0-8ace-0bf8d660f4cc";
        let read = |text: &str| {
            let mut faults = Faults::default();
            let id = query(text).uuid("id", &mut faults);
            (id.map(|id| id.to_string()), faults.into_vec().pop().map(|fault| fault.rule))
        };
        for good in [format!("id={id}"), format!("id={id}&id={id}")] {
            assert_eq!(read(&good), (Some(id.to_owned()), None));
        }
        assert_eq!(read("ids=x"), (None, None));
        for (bad, rule) in [
            ("id=".to_owned(), FaultRule::Empty),
            ("id=x".to_owned(), FaultRule::Uuid),
            ("id[]=".to_owned(), FaultRule::Empty),
            (format!("id={id}&id="), FaultRule::Repeated),
            (format!("id=&id={id}"), FaultRule::Repeated),
        ] {
            assert_eq!(read(&bad), (None, Some(rule)), "{bad}");
        }
    }

    #[test]
    fn pages_have_bounds_and_name_what_is_wrong() {
        let page = PageQuery::read_alone(&query("page=2&per_page=100")).unwrap();
        assert_eq!((page.number, page.size), (2, 100));
        assert_eq!(PageQuery::read_alone(&query("")).unwrap().size, 15);
        for (text, field) in [("page=0", "page"), ("page=x", "page"), ("per_page=101", "per_page")] {
            assert_eq!(PageQuery::read_alone(&query(text)).unwrap_err()[0].field, field, "{text}");
        }
    }
}
