//! The events that a transaction is going to write, gathered in the rows of the log that they become.

use domain::{AccountId, Event, EventKind};

use super::packed::{PackedTasks, TaskTransition};

/// How many task transitions follow the first event of a row at most, so that reading a page never unpacks much.
const TASKS_PER_ROW: usize = 1_000;

/// What a transaction publishes.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    rows: Vec<OutboxRow>,
}

/// A row without its number, which it gets when it is written.
#[derive(Debug)]
pub(super) struct OutboxRow {
    pub(super) account: AccountId,
    pub(super) first: Event,
    /// What follows the first event, at the same instant and with the same group.
    pub(super) tasks: PackedTasks,
}

impl Outbox {
    /// Adds an event to an account's log.
    pub(crate) fn add(&mut self, account: AccountId, event: Event) {
        let last = self.rows.last_mut().filter(|row| row.account == account);
        if !last.is_some_and(|row| row.take(&event)) {
            self.rows.push(OutboxRow { account, first: event, tasks: PackedTasks::default() });
        }
    }

    /// The rows in the order of their accounts, so that no two transactions wait for each other, and for each account in
    /// the order of its events.
    pub(super) fn into_rows(mut self) -> Vec<OutboxRow> {
        self.rows.sort_by_key(|row| row.account);
        self.rows
    }
}

impl OutboxRow {
    /// Takes an event in that is a part of the same transition; says whether it did.
    fn take(&mut self, event: &Event) -> bool {
        let Some(task) = event.task else { return false };
        let is_part = is_transition(self.first.kind)
            && (self.first.group, self.first.due_at, self.first.written_at)
                == (event.group, event.due_at, event.written_at)
            && self.first.detail.is_none()
            && event.detail.is_none();
        is_part
            && self.tasks.count() < TASKS_PER_ROW
            && self.tasks.push(TaskTransition { kind: event.kind, cause: event.cause, task })
    }
}

/// Whether an event of this kind begins a row that others may follow in.
fn is_transition(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::GroupOpened
            | EventKind::GroupClosed
            | EventKind::TaskRunning
            | EventKind::TaskWaiting
            | EventKind::TaskPaused
    )
}

#[cfg(test)]
mod tests {
    use domain::{CalendarHorizon, DialTimeGroupId, EventCause, EventDetail, TaskId};
    use jiff::{SignedDuration, Timestamp};
    use uuid::Uuid;

    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId::new(Uuid::from_u128(number))
    }

    fn event(kind: EventKind, version: i64, task: Option<u128>) -> Event {
        Event {
            kind,
            cause: EventCause::Window,
            due_at: Timestamp::UNIX_EPOCH,
            written_at: Timestamp::UNIX_EPOCH,
            group: Some((DialTimeGroupId::new(1), version)),
            task: task.map(|task| TaskId::new(Uuid::from_u128(task))),
            detail: None,
        }
    }

    fn horizon() -> CalendarHorizon {
        CalendarHorizon { holiday_calendar: "CN".to_owned(), known_until: "2026-12-31".to_owned() }
    }

    fn rows(events: impl IntoIterator<Item = (AccountId, Event)>) -> Vec<(AccountId, EventKind, usize)> {
        let mut outbox = Outbox::default();
        for (account, event) in events {
            outbox.add(account, event);
        }
        outbox.into_rows().iter().map(|row| (row.account, row.first.kind, 1 + row.tasks.count())).collect()
    }

    #[test]
    fn a_group_and_its_tasks_are_one_row() {
        let one = account(1);
        let opened = (one, event(EventKind::GroupOpened, 1, None));
        let running = |task| (one, event(EventKind::TaskRunning, 1, Some(task)));
        let paused = (one, event(EventKind::TaskPaused, 1, Some(3)));
        let all = [opened, running(1), running(2), paused];
        assert_eq!(rows(all), [(one, EventKind::GroupOpened, 4)]);
        assert_eq!(rows([running(1), running(2)]), [(one, EventKind::TaskRunning, 2)]);
    }

    #[test]
    fn what_is_of_another_group_instant_or_kind_is_a_row_of_its_own() {
        let one = account(1);
        let opened = || (one, event(EventKind::GroupOpened, 1, None));
        let running = |change: fn(&mut Event)| {
            let mut event = event(EventKind::TaskRunning, 1, Some(1));
            change(&mut event);
            (one, event)
        };
        let others: [fn(&mut Event); 7] = [
            |event| event.group = Some((DialTimeGroupId::new(1), 2)),
            |event| event.group = None,
            |event| event.due_at += SignedDuration::from_secs(1),
            |event| event.written_at += SignedDuration::from_secs(1),
            |event| event.detail = Some(EventDetail::Horizon(horizon())),
            |event| event.kind = EventKind::TaskUpdated,
            |event| event.task = None,
        ];
        for other in others {
            assert_eq!(rows([opened(), running(other)]).len(), 2);
        }
        assert_eq!(rows([running(|event| event.kind = EventKind::TaskUpdated), running(|_| ())]).len(), 2);
    }

    #[test]
    fn a_row_holds_so_many_tasks_and_further_rows_continue() {
        let one = account(1);
        let opened = [(one, event(EventKind::GroupOpened, 1, None))];
        let tasks = (0..2_500).map(|task| (one, event(EventKind::TaskRunning, 1, Some(task))));
        let counts: Vec<usize> = rows(opened.into_iter().chain(tasks)).iter().map(|row| row.2).collect();
        assert_eq!(counts, [1_001, 1_001, 499]);
    }

    #[test]
    fn rows_come_in_the_order_of_their_accounts() {
        let (one, two) = (account(1), account(2));
        let updated = |version| event(EventKind::GroupUpdated, version, None);
        let opened = |version| event(EventKind::GroupOpened, version, None);
        let rows = rows([(two, updated(1)), (one, updated(1)), (two, opened(2)), (one, opened(2))]);
        let (updated, opened) = (EventKind::GroupUpdated, EventKind::GroupOpened);
        assert_eq!(rows, [(one, updated, 1), (one, opened, 1), (two, updated, 1), (two, opened, 1)]);
    }
}
