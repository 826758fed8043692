//! What a request names, and where, so that a refusal can say which of them it is about.

use std::{collections::BTreeSet, fmt::Display};

use domain::{AccountId, DialTimeGroupId, Fault, FaultRule, Faults, TaskId};
use store::{Session, groups, tasks};

use crate::http::{extract::AccountRequest, problem::Problem};

/// What a request names, what is to be done with that, and what is wrong with it.
pub(super) struct BulkRequest<Edit> {
    pub(super) groups: NamedIds<DialTimeGroupId>,
    pub(super) tasks: NamedIds<TaskId>,
    /// What is to be done; `None` only with a fault.
    pub(super) edit: Option<Edit>,
    pub(super) faults: Faults,
}

impl<Edit> BulkRequest<Edit> {
    /// What is to be done, if all of it can be read. Else everything that is wrong is told at once: what is named and not there, too.
    pub(super) async fn take_edit(&mut self, request: &AccountRequest) -> Result<Edit, Problem> {
        match self.edit.take() {
            Some(edit) if self.faults.is_empty() => Ok(edit),
            _ => Err(self.refusal(&mut request.read().await?, request.account).await),
        }
    }

    /// What was locked. If something was not there, everything that is not is told.
    pub(super) async fn unless_missing<T>(
        &mut self,
        locked: store::Result<T>,
        session: &mut dyn Session,
        account: AccountId,
    ) -> Result<T, Problem> {
        match locked {
            Err(store::Error::NotFoundAmong { .. }) => Err(self.refusal(session, account).await),
            other => Ok(other?),
        }
    }

    /// Everything that is wrong so far, and each field that names what is not there.
    async fn refusal(&mut self, session: &mut dyn Session, account: AccountId) -> Problem {
        let mut unknown_groups = BTreeSet::new();
        for id in self.groups.ids() {
            if matches!(groups::get(session, account, *id).await, Err(store::Error::NotFound(_))) {
                unknown_groups.insert(*id);
            }
        }
        let mut unknown_tasks = BTreeSet::new();
        for id in self.tasks.ids() {
            if matches!(tasks::expect(session, account, *id).await, Err(store::Error::NotFound(_))) {
                unknown_tasks.insert(*id);
            }
        }
        self.groups.note(&unknown_groups, &mut self.faults);
        self.tasks.note(&unknown_tasks, &mut self.faults);
        let faults = std::mem::take(&mut self.faults).into_vec();
        // What was not there a moment ago is.
        if faults.is_empty() { Problem::Unavailable } else { faults.into() }
    }
}

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

    /// Notes each field that names one of these, which are not there.
    fn note(&self, unknown: &BTreeSet<Id>, faults: &mut Faults) {
        for (id, place) in self.places.iter().filter(|(id, _)| unknown.contains(id)) {
            faults.add(place, FaultRule::UnknownId(id.to_string()));
        }
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
