//! `If-Match`: the versions that a change is meant for (RFC 9110, section 13.1.1).

use domain::FaultRule;
use http::{HeaderMap, header};
use utoipa::{
    IntoParams,
    openapi::{
        ObjectBuilder,
        path::{Parameter, ParameterIn},
    },
};

use crate::http::{headers::DocumentedHeader, problem::Problem};

/// What a request says of the versions it is meant for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// Any version there is: nothing is said, or `*`.
    Any,
    /// One of these. Tags that are weak, or that name no version of ours, match nothing and are left out.
    Versions(Vec<i64>),
    /// It is not written as the standard has it, as when a tag lacks its quotes.
    Faulty,
}

impl IfMatch {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(header::IF_MATCH).iter();
        let Ok(lines) = lines.map(|line| line.to_str()).collect::<Result<Vec<_>, _>>() else {
            return Self::Faulty;
        };
        // Several lines are one list.
        match lines.join(",").trim() {
            "" if lines.is_empty() => Self::Any,
            "*" => Self::Any,
            list => versions(list).map_or(Self::Faulty, Self::Versions),
        }
    }
}

impl IfMatch {
    /// The versions that a thing may have; `None` for any.
    pub(crate) fn expected(&self) -> Result<Option<&[i64]>, Problem> {
        match self {
            Self::Any => Ok(None),
            Self::Faulty => Err(Problem::fault("If-Match", FaultRule::EntityTags)),
            Self::Versions(versions) => Ok(Some(versions)),
        }
    }
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let header = DocumentedHeader {
            name: "If-Match",
            description: "The `ETag` of the version that it is meant for, in its double quotes; 412 if there is another by now.",
            example: "\"3\"",
        };
        header.with(ObjectBuilder::new())
    }
}

/// The versions of a list of tags; `None` if it is no such list, or empty.
fn versions(mut list: &str) -> Option<Vec<i64>> {
    let (mut versions, mut tags) = (Vec::new(), 0);
    loop {
        // Empty elements are allowed between commas.
        list = list.trim_start_matches([' ', '\t', ',']);
        if list.is_empty() {
            return Some(versions).filter(|_| tags > 0);
        }
        let (weak, rest) = list.strip_prefix("W/").map_or((false, list), |rest| (true, rest));
        let (tag, rest) = rest.strip_prefix('"')?.split_once('"')?;
        versions.extend(version(tag).filter(|_| !weak));
        tags += 1;
        list = rest.trim_start_matches([' ', '\t']);
        if !list.is_empty() && !list.starts_with(',') {
            return None;
        }
    }
}

/// The version of a tag that is written as ours are.
fn version(tag: &str) -> Option<i64> {
    tag.parse().ok().filter(|version: &i64| version.to_string() == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> IfMatch {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::IF_MATCH, line.parse().unwrap());
        }
        IfMatch::of(&headers)
    }

    #[test]
    fn strong_tags_of_ours_are_versions() {
        assert_eq!((read(&[]), read(&["*"]), read(&[" * "])), (IfMatch::Any, IfMatch::Any, IfMatch::Any));
        for (lines, expected) in [
            (&["\"3\""][..], &[3][..]),
            (&["\"3\", \"4\""], &[3, 4]),
            (&[" \"3\" ,,\t\"x,y\",W/\"4\"", "\"5\""], &[3, 5]),
            (&["W/\"3\""], &[]),
            (&["\"\""], &[]),
            (&["\"03\", \"+3\", \"3.0\""], &[]),
        ] {
            assert_eq!(read(lines), IfMatch::Versions(expected.to_vec()), "{lines:?}");
        }
    }

    #[test]
    fn what_is_no_list_of_tags_is_faulty() {
        for lines in [
            &["3"][..],
            &[""],
            &[","],
            &["\"3"],
            &["3\""],
            &["'3'"],
            &["\"3\" \"4\""],
            &["*", "\"3\""],
            &["w/\"3\""],
        ] {
            assert_eq!(read(lines), IfMatch::Faulty, "{lines:?}");
        }
    }
}
