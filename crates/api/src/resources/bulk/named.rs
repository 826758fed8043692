//! What a request names, and where, so that a refusal can say which of them it is about.

use std::{collections::BTreeSet, fmt::Display};

use domain::{DialTimeGroupId, Fault, FaultRule, Faults, TaskId};
use store::Kind;

use crate::http::problem::Problem;

/// Groups or tasks that are named, each with the fields that do.
#[derive(Debug)]
pub(super) struct NamedIds<Id> {
    ids: BTreeSet<Id>,
    places: Vec<(Id, String)>,
}

impl<Id> Default for NamedIds<Id> {
    fn default() -> Self {
        Self { ids: BTreeSet::new(), places: Vec::new() }
    }
}

impl<Id: Copy + Display + Ord> NamedIds<Id> {
    /// Adds one, which may be named already.
    pub(super) fn add(&mut self, id: Id, place: String) {
        self.places.push((id, place));
        self.ids.insert(id);
    }

    /// Each with the field that names it.
    pub(super) fn into_places(self) -> Vec<(Id, String)> {
        self.places
    }

    /// Each of them once.
    pub(super) const fn ids(&self) -> &BTreeSet<Id> {
        &self.ids
    }

    /// The fields that name those of these ids.
    fn unknown(&self, ids: &[String]) -> Vec<Fault> {
        let mut faults = Faults::default();
        for (id, place) in &self.places {
            let id = id.to_string();
            if ids.contains(&id) {
                faults.add(place, FaultRule::UnknownId(id));
            }
        }
        faults.into_vec()
    }
}

/// What is not there is a fault of each field that names it.
pub(super) fn unknown(
    error: store::Error,
    groups: &NamedIds<DialTimeGroupId>,
    tasks: &NamedIds<TaskId>,
) -> Problem {
    match error {
        store::Error::NotFoundAmong { kind: Kind::Group, ids } => groups.unknown(&ids).into(),
        store::Error::NotFoundAmong { kind: Kind::Task, ids } => tasks.unknown(&ids).into(),
        other => other.into(),
    }
}

/// Collects what each of many things refuses, so that all of them are told.
pub(super) struct BulkRefusals<'n, Id> {
    named: &'n NamedIds<Id>,
    faults: Faults,
}

impl<'n, Id: Copy + Display + Ord> BulkRefusals<'n, Id> {
    pub(super) fn new(named: &'n NamedIds<Id>) -> Self {
        Self { named, faults: Faults::default() }
    }

    /// Keeps what came of one of them; notes which field it cannot take, and by which fields it was named.
    pub(super) fn check<T>(&mut self, id: Id, done: Result<T, Problem>) -> Result<Option<T>, Problem> {
        match done {
            Err(Problem::Invalid(faults)) => {
                for Fault { field, rule } in faults {
                    for (_, place) in self.named.places.iter().filter(|(named, _)| *named == id) {
                        // The field comes first, and once.
                        self.faults.add(&field, rule.clone());
                        self.faults.add(place, rule.clone());
                    }
                }
                Ok(None)
            }
            other => other.map(Some),
        }
    }

    /// What was done, if none of them refused it.
    pub(super) fn finish<T>(self, done: T) -> Result<T, Problem> {
        Ok(self.faults.finish(Some(done))?)
    }
}
