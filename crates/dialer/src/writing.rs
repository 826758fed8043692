//! What has become of calls is written down: how far they have come, and how attempts ended, all in one transaction. What could not
//! be written is written the next time.

use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};

use calendar::Zone;
use domain::{
    AccountId, AttemptEnd, AttemptId, BlockedNumberSnapshot, CallOutcome, EndReason, EndedBy, InstantRange,
    LineHealthSnapshot, LineId, NetworkCause, NumberAfter, OpenAttempt, OutcomeClass, RedialRule, Redialing,
    TaskId, written_word,
};
use jiff::{Timestamp, ToSpan};
use store::{
    Error, Result, Tx,
    attempts::{self, EndedTrace},
    audit::{Actor, Change},
    dialing::{self, EndedAttempt},
    dialing_events, edits,
};

use crate::{
    breaker::Turned,
    calls::{EndedCall, LineStep},
    dialer::Dialer,
    directory::{Directory, TaskEntry},
};

/// How many ends are written in one transaction.
const AT_ONCE: usize = 500;

/// How often it is looked whether lines are up again that nobody says so of, and of how many at once.
const UPS_EVERY: Duration = Duration::from_secs(1);
const UPS_AT_ONCE: u32 = 100;

/// How many attempts of a node are looked at, at once.
const READ_AT_ONCE: u32 = 20_000;

impl Dialer {
    /// Writes down what has become of calls.
    pub(crate) async fn write_down(&mut self) -> Result<()> {
        self.calls.round(self.now());
        self.note_lines().await?;
        self.note_registrations().await?;
        self.note_own_failure().await?;
        self.note_clock().await?;
        self.note_milestones().await?;
        let mut ended = self.calls.take_ended();
        while !ended.is_empty() {
            let later = ended.split_off(ended.len().min(AT_ONCE));
            if let Err(error) = self.write_ends(&ended).await {
                ended.extend(later);
                self.calls.put_back(ended);
                return Err(error);
            }
            ended = later;
        }
        self.pause_finished().await
    }

    async fn note_milestones(&self) -> Result<()> {
        let (news, handles, legs) = (self.calls.news(), self.calls.new_handles(), self.calls.leg_news());
        if news.is_empty() && handles.is_empty() && legs.is_empty() {
            return Ok(());
        }
        let mut tx = self.parts.store.begin().await?;
        dialing::note_milestones(&mut tx, &news, self.now().wall).await?;
        dialing::note_handles(&mut tx, &handles).await?;
        dialing::note_legs(&mut tx, &legs).await?;
        tx.commit().await?;
        self.calls.note_written(&news, handles);
        self.calls.note_legs_written(legs);
        Ok(())
    }

    /// Notes which lines went down or came back, and when those that are down are tried next.
    async fn note_lines(&self) -> Result<()> {
        let (turned, Some(lease)) = (self.calls.turned(), self.lease) else { return Ok(()) };
        let steps = self.calls.new_steps(self.now());
        if turned.is_empty() && steps.is_empty() {
            return Ok(());
        }
        let now = self.now().wall;
        let mut tx = self.parts.store.begin().await?;
        for (line, turned) in in_order(&turned) {
            match turned {
                Turned::Down(class) => {
                    let class_word = written_word(&class);
                    tracing::warn!(%line, class = class_word, "a line fails again and again: nothing starts over it for a while");
                    dialing::note_line_down(&mut tx, line, lease.node, now).await?;
                    self.publish_health(&mut tx, line, Some(class)).await?;
                }
                Turned::Up => {
                    tracing::info!(%line, "a line is well again");
                    dialing::note_line_up(&mut tx, line, lease.node).await?;
                    self.publish_health(&mut tx, line, None).await?;
                }
            }
        }
        for LineStep { line, recovery, next_trial_at, .. } in &steps {
            dialing::note_recovery(&mut tx, *line, lease.node, *recovery, *next_trial_at).await?;
        }
        tx.commit().await?;
        self.calls.forget_turned(turned.len());
        self.calls.note_steps_written(&steps);
        Ok(())
    }

    /// Notes how lines stand with their registrars. The users of one hear when it cannot be used any more, and when it can again.
    async fn note_registrations(&mut self) -> Result<()> {
        let Some(lease) = self.lease else { return Ok(()) };
        let changed = self.calls.registrations();
        if changed.is_empty() {
            return Ok(());
        }
        let now = self.now().wall;
        let mut tx = self.parts.store.begin().await?;
        for (line, registration) in in_order(&changed) {
            let failing = match &registration {
                None => {
                    dialing::forget_registration(&mut tx, line, lease.node).await?;
                    None
                }
                Some(registration) => {
                    dialing::note_registration(&mut tx, (line, lease.node), registration, now).await?;
                    (!registration.is_registered()).then_some(OutcomeClass::LineFailure)
                }
            };
            self.publish_health(&mut tx, line, failing).await?;
        }
        tx.commit().await?;
        self.calls.forget_registrations(&changed);
        Ok(())
    }

    /// Notes why this node can place no call over SIP lines, or that it can again.
    async fn note_own_failure(&mut self) -> Result<()> {
        let (failure, Some(lease)) = (self.calls.own_failure(), self.lease) else { return Ok(()) };
        if failure == self.written_own_failure {
            return Ok(());
        }
        let mut tx = self.parts.store.begin().await?;
        dialing::note_sip_failure(&mut tx, lease.node, failure.as_deref()).await?;
        tx.commit().await?;
        self.written_own_failure = failure;
        Ok(())
    }

    /// Notes that this node's clock is too far from the database's for it to dial, or that it agrees again.
    async fn note_clock(&mut self) -> Result<()> {
        let (ahead, Some(lease)) = (self.parts.clock_difference.too_far(), self.lease) else { return Ok(()) };
        if ahead.is_some() == self.has_written_clock {
            return Ok(());
        }
        let mut tx = self.parts.store.begin().await?;
        dialing::note_clock(&mut tx, lease.node, ahead).await?;
        tx.commit().await?;
        self.has_written_clock = ahead.is_some();
        Ok(())
    }

    /// Tells those who have a share of a line that it fails, or that it is well again: once, whichever nodes find so.
    async fn publish_health(&self, tx: &mut Tx, line: LineId, failing: Option<OutcomeClass>) -> Result<()> {
        let is_news = match failing {
            Some(_) => dialing::note_told_down(tx, line).await?,
            None => dialing::note_told_up(tx, line).await?,
        };
        if !is_news {
            return Ok(());
        }
        let known = dialing::lines_by_id(tx, &[line]).await?;
        let line_name = known.first().map(|line| line.draft.name.as_str().to_owned()).unwrap_or_default();
        let health = LineHealthSnapshot { line_id: line.uuid(), line_name, failing };
        dialing_events::line_turned(tx, line, &health, self.now().wall).await
    }

    /// Tells of lines that are up again without a node that says so: the one that left them alone has died, or they need no registration any more.
    pub(crate) async fn look_for_ups(&mut self) -> Result<()> {
        let now = self.now().steady;
        if now < self.ups_at {
            return Ok(());
        }
        self.ups_at = now.saturating_add(UPS_EVERY);
        self.publish_ups().await?;
        self.tell_bots_up().await
    }

    pub(crate) async fn publish_ups(&self) -> Result<()> {
        let mut read = self.parts.store.read().await?;
        let up = dialing::lines_to_tell_up(&mut read, UPS_AT_ONCE).await?;
        drop(read);
        if up.is_empty() {
            return Ok(());
        }
        let mut tx = self.parts.store.begin().await?;
        for line in up {
            self.publish_health(&mut tx, line, None).await?;
        }
        tx.commit().await
    }

    async fn write_ends(&mut self, ended: &[EndedCall]) -> Result<()> {
        let mut tx = self.parts.store.begin().await?;
        let mut ends = Vec::with_capacity(ended.len());
        let mut passed_on = Vec::new();
        for EndedCall { call, end } in ended {
            let (attempt, end) = (call.attempt.clone(), end.clone());
            if let Some(number) = self.passed_on(call, &end) {
                let after = attempt.before.passed_on(end.outcome, end.at);
                ends.push(with_end(attempt, end, after));
                passed_on.push(number);
                continue;
            }
            let current = self.directory.tasks.get(&attempt.place.list).unwrap_or(&call.task);
            ends.push(ended_attempt(&mut tx, attempt, end, Some(current)).await?);
        }
        attempts::store_traces(&mut tx, &traces(ended)).await?;
        let finished = end_all(&mut tx, &ends, self.now().wall).await?;
        tx.commit().await?;
        for number in passed_on {
            self.leased.pass_on(number);
        }
        self.finished.extend(finished.into_iter().filter(|(_, task)| self.directory.pauses_at_end(*task)));
        Ok(())
    }

    /// Pauses those tasks that are to be paused at the end of their list, unless there are numbers again by now.
    async fn pause_finished(&mut self) -> Result<()> {
        while let Some((account, task)) = self.finished.last().copied() {
            let change = Change { actor: Actor::EndOfList, at: self.now().wall };
            let mut tx = self.parts.store.begin().await?;
            match edits::tasks::pause_if_finished(&mut tx, account, task, &change).await {
                Ok(()) => tx.commit().await?,
                // It is gone, or its account is disabled: then it does not dial either.
                Err(Error::NotFound(_) | Error::Disabled(_)) => {}
                Err(error) => return Err(error),
            }
            self.finished.pop();
        }
        Ok(())
    }

    /// After a failure: gives back what this node has in the database and not in memory.
    pub(crate) async fn reconcile(&mut self) -> Result<()> {
        let Some(lease) = self.lease.filter(|_| self.is_doubtful) else { return Ok(()) };
        let known: HashSet<AttemptId> = self.calls.known().into_iter().collect();
        let mut read = self.parts.store.read().await?;
        let open = dialing::open_attempts_of_node(&mut read, lease.node, READ_AT_ONCE).await?;
        drop(read);
        let now = self.now().wall;
        let never_left: Vec<OpenAttempt> =
            open.into_iter().filter(|attempt| !known.contains(&attempt.id)).collect();
        let mut tx = self.parts.store.begin().await?;
        end_without_call(&mut tx, never_left, (OutcomeClass::NotSent, Some(EndReason::NotPlaced)), now)
            .await?;
        tx.commit().await?;
        self.give_back_all(lease.node).await?;
        self.is_doubtful = false;
        Ok(())
    }
}

/// What happened to lines in the order of their ids, in which all nodes lock them; of one line in the order in which it happened.
fn in_order<H: Clone>(happened: &[(LineId, H)]) -> Vec<(LineId, H)> {
    let mut sorted = happened.to_vec();
    sorted.sort_by_key(|(line, _)| *line);
    sorted
}

/// What is kept of the signalling of calls.
fn traces(ended: &[EndedCall]) -> Vec<EndedTrace<'_>> {
    ended
        .iter()
        .filter_map(|EndedCall { call, end }| {
            let (account, attempt) = (call.attempt.account_id, call.attempt.id);
            Some(EndedTrace { account, attempt, ended_at: end.at, trace: call.trace()? })
        })
        .collect()
}

/// Ends attempts whose calls this process does not have.
pub(crate) async fn end_without_call(
    tx: &mut Tx,
    attempts: Vec<OpenAttempt>,
    (class, why): (OutcomeClass, Option<EndReason>),
    now: Timestamp,
) -> Result<()> {
    if attempts.is_empty() {
        return Ok(());
    }
    let lists: HashSet<i64> = attempts.iter().map(|attempt| attempt.place.list).collect();
    let directory = Directory::read_lists(tx, &lists.into_iter().collect::<Vec<_>>(), &[]).await?;
    let mut ends = Vec::with_capacity(attempts.len());
    for mut attempt in attempts {
        attempt.legs.iter_mut().for_each(|leg| leg.end_unknown(now));
        let class = if attempt.milestones.answered_at.is_some() { OutcomeClass::Answered } else { class };
        let cause = NetworkCause { is_local: true, ..NetworkCause::default() };
        let by = if class == OutcomeClass::Unknown { EndedBy::Unknown } else { EndedBy::Dialtime };
        let outcome = CallOutcome { class, status: class.status() };
        let end = AttemptEnd { outcome, cause, by, why, pressed: Vec::new(), bots: Vec::new(), at: now };
        let task = directory.tasks.get(&attempt.place.list);
        ends.push(ended_attempt(tx, attempt, end, task.map(AsRef::as_ref)).await?);
    }
    end_all(tx, &ends, now).await.map(drop)
}

/// Writes the ends of attempts, and publishes them and what follows. Gives the tasks whose lists are finished by that.
async fn end_all(tx: &mut Tx, ends: &[EndedAttempt], now: Timestamp) -> Result<Vec<(AccountId, TaskId)>> {
    let mut lists: Vec<i64> = ends.iter().map(|end| end.place.list).collect();
    lists.sort_unstable();
    lists.dedup();
    dialing::lock_lists(tx, &lists).await?;
    let written = dialing::end_attempts(tx, ends).await?;
    let mut blocked: BTreeMap<(AccountId, TaskId), i64> = BTreeMap::new();
    for EndedAttempt { attempt, .. } in written {
        dialing_events::call_ended(tx, attempt, now);
        if attempt.class == OutcomeClass::DoNotCall {
            *blocked.entry((attempt.account_id, attempt.task_id)).or_default() += 1;
        }
    }
    for ((account, task), numbers) in blocked {
        let blocked = BlockedNumberSnapshot { blocked_by: "do_not_call".to_owned(), numbers };
        dialing_events::numbers_blocked(tx, account, task, blocked, now);
    }
    let finished = dialing::finish_lists(tx, &lists, now).await?;
    for (account, task) in &finished {
        dialing_events::task_finished(tx, *account, *task, now);
    }
    Ok(finished)
}

/// What is written of an attempt that has ended. Without its task, which is gone, the number is not called again.
async fn ended_attempt(
    tx: &mut Tx,
    attempt: OpenAttempt,
    end: AttemptEnd,
    task: Option<&TaskEntry>,
) -> Result<EndedAttempt> {
    let redialing =
        match task.and_then(|task| Some((task.rule.as_ref()?, task.task.item.group.draft.timezone))) {
            Some((rule, zone)) => {
                let tries_today = tries_today(tx, &attempt, &end, rule, zone).await?;
                Some(Redialing { rule, zone, tries_today })
            }
            None => None,
        };
    let then = task.map(|task| task.dialing().calls.after_unknown).unwrap_or_default();
    let after = match end.outcome.class {
        OutcomeClass::NotSent if matches!(end.why, Some(EndReason::OwnFailure | EndReason::Prefix)) => {
            attempt.before.after_own_failure(end.outcome, end.at)
        }
        OutcomeClass::Unknown => attempt.before.after_unknown(end.outcome, end.at, redialing, then),
        _ => attempt.before.after(end.outcome, end.at, redialing),
    };
    Ok(with_end(attempt, end, after))
}

fn with_end(attempt: OpenAttempt, end: AttemptEnd, after: NumberAfter) -> EndedAttempt {
    let (place, status_before, node) = (attempt.place, attempt.before.status, attempt.node_id);
    let attempt = attempt.ended(AttemptEnd { outcome: after.outcome, ..end });
    EndedAttempt { attempt, place, status_before, after, node }
}

/// How many tries of the number began on the day of the end, this one included if it did; counted only where a rule asks.
async fn tries_today(
    tx: &mut Tx,
    attempt: &OpenAttempt,
    end: &AttemptEnd,
    rule: &RedialRule,
    zone: Zone,
) -> Result<i64> {
    if rule.daily_limit().is_none() || end.outcome.status.is_none() {
        return Ok(1);
    }
    let (account, task, number) = (attempt.account_id, attempt.task_id, attempt.number.e164);
    let day = day_of(end.at, zone);
    let before = dialing::tries_on_day(tx, account, task, number, day).await?;
    Ok(before.saturating_add(i64::from(day.contains(attempt.dialed_at))))
}

/// The day of an instant by a zone's clock.
fn day_of(instant: Timestamp, zone: Zone) -> InstantRange {
    let date = zone.time_zone().to_datetime(instant).date();
    let midnight = |date: jiff::civil::Date| zone.time_zone().to_timestamp(date.at(0, 0, 0, 0));
    let from = midnight(date).unwrap_or(Timestamp::MIN);
    let until = date.checked_add(1.day()).and_then(midnight).unwrap_or(Timestamp::MAX);
    InstantRange { from, until }
}
