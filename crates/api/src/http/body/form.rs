//! `application/x-www-form-urlencoded`, with nested names as PHP writes them: `content[0][times][0][begin_time]=08:00`,
//! `line[]=...`. A name that is repeated is a list.

use domain::FaultRule;
use serde_json::{Map, Value};

use crate::http::{problem::Problem, query};

/// The most names within names; no body is documented to have half as many.
const DEEPEST: usize = 16;

/// Reads a form. Every value in it is text.
pub(crate) fn parse(body: &[u8]) -> Result<Value, Problem> {
    let text = std::str::from_utf8(body).map_err(|_| Problem::Malformed)?;
    let mut whole = Value::Object(Map::new());
    for pair in text.trim_ascii().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name)?, decode(value)?);
        let names = names(&name).ok_or(Problem::Malformed)?;
        if !insert(&mut whole, &names, value) {
            return Err(Problem::fault(names[0], FaultRule::Repeated));
        }
    }
    let Value::Object(members) = whole else { return Err(Problem::Malformed) };
    Ok(Value::Object(members.into_iter().map(|(name, value)| (name, with_lists(value))).collect()))
}

fn decode(text: &str) -> Result<String, Problem> {
    query::decode_exactly(text).ok_or(Problem::Malformed)
}

/// `content[0][times]` is `content`, `0`, `times`.
fn names(name: &str) -> Option<Vec<&str>> {
    let Some((first, rest)) = name.split_once('[') else { return Some(vec![name]) };
    let rest = rest.strip_suffix(']')?.split("][");
    let names: Vec<&str> = std::iter::once(first).chain(rest).collect();
    Some(names).filter(|names| names.len() <= DEEPEST)
}

/// Puts a value where its names say; says whether that was possible.
fn insert(place: &mut Value, names: &[&str], text: String) -> bool {
    let Some((name, rest)) = names.split_first() else { return add(place, text) };
    if place.is_null() {
        *place = Value::Object(Map::new());
    }
    let Value::Object(members) = place else { return false };
    let name = if name.is_empty() { members.len().to_string() } else { (*name).to_owned() };
    insert(members.entry(name).or_insert(Value::Null), rest, text)
}

fn add(place: &mut Value, text: String) -> bool {
    match place {
        Value::Null => *place = Value::String(text),
        Value::String(first) => *place = vec![std::mem::take(first), text].into(),
        Value::Array(entries) => entries.push(text.into()),
        _ => return false,
    }
    true
}

/// What has numbers for names is a list, in the order of its numbers.
fn with_lists(value: Value) -> Value {
    let Value::Object(members) = value else { return value };
    let number = |name: &str| name.parse::<u32>().ok();
    let mut members: Vec<(String, Value)> =
        members.into_iter().map(|(name, value)| (name, with_lists(value))).collect();
    if !members.iter().all(|(name, _)| number(name).is_some()) {
        return Value::Object(members.into_iter().collect());
    }
    members.sort_by_key(|(name, _)| number(name));
    members.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nested_names_make_objects_and_lists() {
        for (text, expected) in [
            ("", json!({})),
            ("name=%E5%91%A8+%2B&x", json!({"name": "周 +", "x": ""})),
            (
                "content[0][week]=1&content[0][times][0][begin_time]=08:00&content%5B1%5D%5Bweek%5D=2",
                json!({"content": [{"week": "1", "times": [{"begin_time": "08:00"}]}, {"week": "2"}]}),
            ),
            ("line[]=a&line[]=b", json!({"line": ["a", "b"]})),
            ("line=a&line=b&line=c", json!({"line": ["a", "b", "c"]})),
            ("line[1]=b&line[0]=a&line[10]=c", json!({"line": ["a", "b", "c"]})),
            ("e[a]=1&e[0]=2", json!({"e": {"a": "1", "0": "2"}})),
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_in_one_way_is_refused() {
        assert_eq!(parse(b"a=1&a[b]=2"), Err(Problem::fault("a", FaultRule::Repeated)));
        assert_eq!(parse(b"a[b]=2&a=1"), Err(Problem::fault("a", FaultRule::Repeated)));
        let deep = format!("a{}=1", "[b]".repeat(100_000));
        for text in [&b"a[b=1"[..], b"a=%ff", b"a=\xff", deep.as_bytes()] {
            assert_eq!(parse(text), Err(Problem::Malformed));
        }
    }
}
