//! Why a task dials nothing now, or no more than it does: the first of a closed list that holds.

use jiff::{SignedDuration, Timestamp};

use crate::{
    AccountHold, BotObstacle, CallRate, LineId, TaskCourse, TaskDecision, TaskReason, between_starts,
};

/// What keeps a task from dialing, or from dialing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The kill switch is on for its account.
    Stopped,
    /// Its account is disabled.
    AccountDisabled,
    /// It is switched off.
    Paused,
    /// Its window, or a bound of its own, is closed.
    Window,
    /// It only takes calls.
    Inbound,
    /// It has no numbers.
    NoNumbers,
    /// All its numbers are done.
    Finished,
    /// All that are left wait for a person to reset them.
    Held,
    /// A script that its calls may run is not there.
    NoScript,
    /// It may have no call at once.
    NoCalls,
    /// No node may dial: the clock of each is too far from the database's.
    Clock,
    /// It names no line that is there.
    NoLine,
    /// Its user has no share of its lines.
    NoAllocation,
    /// The time for which its user has its lines is over.
    Deadline,
    /// No bot can be reached that its scripts hand calls to.
    BotDown,
    /// A line over which its scripts transfer calls connects nobody.
    TransferLine,
    /// None of its lines may call the number that is next.
    Prefix,
    /// The kill switch is on for its lines.
    LineStopped,
    /// No server can place calls over SIP, by a fault of its own.
    SipFailed,
    /// Its lines are not registered at their carriers, as they have to be.
    NotRegistered,
    /// Its lines fail again and again: one call now and then tries them.
    LineDown,
    /// The window closes too soon for a call to start.
    Closing,
    /// No number is due yet.
    NumberDue,
    /// None waits: the last are being called.
    LastCalls,
    /// It has as many calls as it may.
    TaskFull,
    /// The slots of its calls that have ended rest.
    CallPause,
    /// The bots that its scripts hand calls to have as many as they take.
    BotBusy,
    /// It has as many calls over the line as it says itself.
    RouteFull,
    /// Its user has as many calls over the line as its share allows.
    ShareFull,
    /// The line has as many calls as it has channels.
    LineFull,
    /// Calls of the task follow each other no faster.
    Interval,
    /// Calls over the line follow each other no faster.
    LineRate,
}

impl Obstacle {
    /// Whether no call goes out while it holds, however long that is: how fast calls went before says nothing then.
    pub const fn lets_no_call_out(self) -> bool {
        matches!(
            self,
            Self::Inbound
                | Self::Held
                | Self::NoScript
                | Self::NoCalls
                | Self::Clock
                | Self::NoLine
                | Self::NoAllocation
                | Self::Deadline
                | Self::BotDown
                | Self::TransferLine
                | Self::Prefix
                | Self::LineStopped
                | Self::SipFailed
                | Self::NotRegistered
                | Self::LineDown
        )
    }

    /// Every one, the strongest first.
    pub const ALL: [Self; 32] = [
        Self::Stopped,
        Self::AccountDisabled,
        Self::Paused,
        Self::Window,
        Self::Inbound,
        Self::NoNumbers,
        Self::Finished,
        Self::Held,
        Self::NoScript,
        Self::NoCalls,
        Self::Clock,
        Self::NoLine,
        Self::NoAllocation,
        Self::Deadline,
        Self::BotDown,
        Self::TransferLine,
        Self::Prefix,
        Self::LineStopped,
        Self::SipFailed,
        Self::NotRegistered,
        Self::LineDown,
        Self::Closing,
        Self::NumberDue,
        Self::LastCalls,
        Self::TaskFull,
        Self::CallPause,
        Self::BotBusy,
        Self::RouteFull,
        Self::ShareFull,
        Self::LineFull,
        Self::Interval,
        Self::LineRate,
    ];

    /// Its stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::AccountDisabled => "account_disabled",
            Self::Paused => "paused",
            Self::Window => "window",
            Self::Inbound => "inbound",
            Self::NoNumbers => "no_numbers",
            Self::Finished => "finished",
            Self::Held => "held",
            Self::NoScript => "no_script",
            Self::NoCalls => "no_calls",
            Self::Clock => "clock",
            Self::NoLine => "no_line",
            Self::NoAllocation => "no_allocation",
            Self::Deadline => "deadline",
            Self::BotDown => "bot_down",
            Self::TransferLine => "transfer_line",
            Self::Prefix => "prefix",
            Self::LineStopped => "line_stopped",
            Self::SipFailed => "sip_failed",
            Self::NotRegistered => "not_registered",
            Self::LineDown => "line_down",
            Self::Closing => "closing",
            Self::NumberDue => "number_due",
            Self::LastCalls => "last_calls",
            Self::TaskFull => "task_full",
            Self::CallPause => "call_pause",
            Self::BotBusy => "bot_busy",
            Self::RouteFull => "route_full",
            Self::ShareFull => "share_full",
            Self::LineFull => "line_full",
            Self::Interval => "interval",
            Self::LineRate => "line_rate",
        }
    }
}

/// An obstacle, with when it is another one, where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hindered {
    /// What.
    pub by: Obstacle,
    /// When that changes.
    pub until: Option<Timestamp>,
    /// The line that it is about.
    pub line: Option<LineId>,
}

/// What a task has to dial.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToDial {
    /// All numbers of the list.
    pub total: i64,
    /// Those that are not done: due now or later, held, leased, or in a call.
    pub open: i64,
    /// Those among them that wait for a person to reset them.
    pub held: i64,
    /// Those that are due now, or that a node has to call them next.
    pub due_now: i64,
    /// When the next one is due.
    pub next_due_at: Option<Timestamp>,
    /// Calls now.
    pub calls: i64,
    /// The most calls at once.
    pub most_calls: i64,
    /// Whether every script is there that its calls may run.
    pub has_scripts: bool,
    /// Whether no node may dial, as the clock of each is too far from the database's.
    pub are_clocks_wrong: bool,
    /// Whether calls keep a distance from each other.
    pub has_interval: bool,
    /// When the distance from the last start is kept, if there was one.
    pub next_start_at: Option<Timestamp>,
    /// When a slot has rested, if all rest that have no call.
    pub rested_at: Option<Timestamp>,
}

/// When a slot of a task has rested, if none may have a call before that: all of `most` have one of the `calls`, or one that ended less
/// than the pause ago. `ends` are the ends of its last calls.
pub fn rested_at(
    mut ends: Vec<Timestamp>,
    pause: SignedDuration,
    (calls, most): (i64, i64),
    now: Timestamp,
) -> Option<Timestamp> {
    let rested = |end: &Timestamp| end.saturating_add(pause).unwrap_or(Timestamp::MAX);
    ends.retain(|end| now < rested(end));
    ends.sort_unstable();
    // As many of the first must have rested as there are too many.
    let used = calls.saturating_add(i64::try_from(ends.len()).unwrap_or(i64::MAX));
    let place = usize::try_from(used.saturating_sub(most)).ok()?;
    ends.get(place).map(rested)
}

/// Whether a line's carrier takes calls, as far as nodes know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineReadiness {
    /// Nothing is known against it.
    Ready,
    /// No server can place calls over it, by a fault of its own.
    SipFailed,
    /// The line has to be registered there, and is not.
    NotRegistered,
    /// Calls fail again and again.
    Down {
        /// When it is asked or tried next; `None`: now, or nobody knows.
        next_trial_at: Option<Timestamp>,
    },
}

/// A line that a task names, as far as it may be used now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineRoom {
    /// Which.
    pub line: LineId,
    /// The calls of the user and its sub-users over it.
    pub calls: i64,
    /// How many there may be; `None`: the user has no share.
    pub share: Option<i64>,
    /// The task's calls over it and the other lines of its group, and how many there may be.
    pub route: (i64, i64),
    /// From when on nothing starts.
    pub deadline_at: Option<Timestamp>,
    /// All calls over it, and how many there may be.
    pub channels: (i64, i64),
    /// How fast calls follow each other.
    pub rate: CallRate,
    /// When the last call over it was begun, as far as that is known.
    pub last_start: Option<Timestamp>,
    /// What keeps its calls from the bots that the task's scripts hand them to.
    pub bots: Option<BotObstacle>,
    /// A line over which its calls are to be transferred and that connects nobody.
    pub in_vain: Option<LineId>,
    /// Whether it may call the number that is next.
    pub may_call: bool,
    /// Whether the kill switch is on for it.
    pub is_stopped: bool,
    /// Whether its carrier takes calls, as far as nodes know.
    pub readiness: LineReadiness,
    /// The last instant at which a call may start in this window.
    pub latest_start: Option<Timestamp>,
}

const fn hindered(by: Obstacle) -> Hindered {
    Hindered { by, until: None, line: None }
}

/// What hinders a task at an instant; `None`: nothing, it dials as fast as it is told to.
pub fn hindrance(
    decision: &TaskDecision<'_>,
    course: &TaskCourse,
    to_dial: &ToDial,
    lines: &[LineRoom],
    now: Timestamp,
) -> Option<Hindered> {
    let clock = || to_dial.are_clocks_wrong.then(|| hindered(Obstacle::Clock));
    of_task(decision, course, to_dial).or_else(clock).or_else(|| of_lines(decision, to_dial, lines, now))
}

fn of_task(decision: &TaskDecision<'_>, course: &TaskCourse, to_dial: &ToDial) -> Option<Hindered> {
    let by = match decision.reason {
        TaskReason::Held(AccountHold::Stopped) => Obstacle::Stopped,
        TaskReason::Held(AccountHold::Disabled) => Obstacle::AccountDisabled,
        TaskReason::Paused => Obstacle::Paused,
        _ if course.is_inbound() => Obstacle::Inbound,
        _ if to_dial.total == 0 => Obstacle::NoNumbers,
        _ if to_dial.open == 0 => Obstacle::Finished,
        _ if to_dial.open <= to_dial.held => Obstacle::Held,
        _ if !to_dial.has_scripts => Obstacle::NoScript,
        _ if to_dial.most_calls <= 0 => Obstacle::NoCalls,
        _ if !decision.allowed => Obstacle::Window,
        _ => return None,
    };
    let until = decision.next_opening.filter(|_| by == Obstacle::Window);
    Some(Hindered { until, ..hindered(by) })
}

fn of_lines(
    decision: &TaskDecision<'_>,
    to_dial: &ToDial,
    lines: &[LineRoom],
    now: Timestamp,
) -> Option<Hindered> {
    if lines.is_empty() {
        return Some(hindered(Obstacle::NoLine));
    }
    let of_line = |line: &LineRoom| line.hindrance(to_dial, decision.next_opening, now);
    // The line that is hindered least decides.
    let least = lines
        .iter()
        .map(|line| (line, of_line(line)))
        .max_by_key(|(line, found)| found.map_or(usize::MAX, |found| line.weight(found.by)));
    let of_lines = least.and_then(|(_, found)| found);
    let is_blocked = least.is_some_and(|(line, found)| {
        found.is_some_and(|found| line.weight(found.by) < place(Obstacle::NumberDue))
    });
    if is_blocked {
        return of_lines;
    }
    of_slots(to_dial).or_else(|| {
        let until = to_dial.next_start_at.filter(|at| now < *at);
        let interval = to_dial.has_interval.then_some(Hindered { until, ..hindered(Obstacle::Interval) });
        of_lines.filter(|found| place(found.by) < place(Obstacle::Interval)).or(interval).or(of_lines)
    })
}

/// What keeps a task with a line that it may use from the next call.
fn of_slots(to_dial: &ToDial) -> Option<Hindered> {
    let ToDial { due_now, next_due_at, calls, most_calls, rested_at, .. } = *to_dial;
    if due_now == 0 && calls < most_calls {
        let are_last = calls > 0 && next_due_at.is_none();
        let by = if are_last { Obstacle::LastCalls } else { Obstacle::NumberDue };
        return Some(Hindered { until: next_due_at, ..hindered(by) });
    }
    if most_calls <= calls {
        return Some(hindered(Obstacle::TaskFull));
    }
    rested_at.map(|at| Hindered { until: Some(at), ..hindered(Obstacle::CallPause) })
}

fn place(obstacle: Obstacle) -> usize {
    Obstacle::ALL.iter().position(|one| *one == obstacle).unwrap_or(usize::MAX)
}

impl LineRoom {
    fn hindrance(
        &self,
        to_dial: &ToDial,
        next_opening: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Hindered> {
        let of_line = self.obstacle(now);
        let by = match of_line {
            _ if !self.may_call && of_line.is_none_or(|by| place(Obstacle::Prefix) < place(by)) => {
                Obstacle::Prefix
            }
            Some(obstacle) => obstacle,
            None if to_dial.due_now > 0 => Obstacle::LineRate,
            None => return None,
        };
        let until = match by {
            Obstacle::Closing => next_opening,
            Obstacle::LineRate => self.next_start().filter(|at| now < *at),
            Obstacle::LineDown => self.next_trial_at().filter(|at| now < *at),
            _ => None,
        };
        let line = self.in_vain.filter(|_| by == Obstacle::TransferLine).unwrap_or(self.line);
        Some(Hindered { by, until, line: Some(line) })
    }

    /// What keeps every call from it now, however few there are; `None`: nothing, but its rate.
    pub fn obstacle(&self, now: Timestamp) -> Option<Obstacle> {
        let Some(share) = self.share else { return Some(Obstacle::NoAllocation) };
        let is_over = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        let is_full = |(used, most): (i64, i64)| most <= used;
        [
            (is_over(self.deadline_at), Obstacle::Deadline),
            (self.bots == Some(BotObstacle::Down), Obstacle::BotDown),
            (self.in_vain.is_some(), Obstacle::TransferLine),
            (!self.is_of_use(), Obstacle::RouteFull),
            (self.is_stopped, Obstacle::LineStopped),
            (self.readiness == LineReadiness::SipFailed, Obstacle::SipFailed),
            (self.readiness == LineReadiness::NotRegistered, Obstacle::NotRegistered),
            (matches!(self.readiness, LineReadiness::Down { .. }), Obstacle::LineDown),
            (self.latest_start.is_some_and(|latest| latest < now), Obstacle::Closing),
            (self.bots == Some(BotObstacle::Busy), Obstacle::BotBusy),
            (is_full(self.route), Obstacle::RouteFull),
            (is_full((self.calls, share)), Obstacle::ShareFull),
            (is_full(self.channels), Obstacle::LineFull),
        ]
        .into_iter()
        .find_map(|(holds, obstacle)| holds.then_some(obstacle))
    }

    const fn next_trial_at(&self) -> Option<Timestamp> {
        match self.readiness {
            LineReadiness::Down { next_trial_at } => next_trial_at,
            LineReadiness::Ready | LineReadiness::SipFailed | LineReadiness::NotRegistered => None,
        }
    }

    /// Whether the task may have any call over it at all.
    const fn is_of_use(&self) -> bool {
        self.route.1 > 0
    }

    /// How little an obstacle weighs: a limit that leaves no room passes only when somebody changes it.
    fn weight(&self, by: Obstacle) -> usize {
        let is_for_good = by == Obstacle::RouteFull && !self.is_of_use();
        place(if is_for_good { Obstacle::NoCalls } else { by })
    }

    /// When its pace lets the next call start; `None`: within a second, or nobody knows.
    fn next_start(&self) -> Option<Timestamp> {
        let apart = between_starts(self.rate.thousandths());
        let is_slow = apart >= SignedDuration::from_secs(1);
        self.last_start.filter(|_| is_slow).and_then(|last| last.checked_add(apart).ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_line_says_when_its_next_call_may_start_however_often_it_is_asked() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let line = |thousandths| LineRoom {
            line: LineId::new(uuid::Uuid::nil()),
            calls: 1,
            share: Some(10),
            route: (1, 10),
            deadline_at: None,
            channels: (1, 10),
            rate: CallRate::from_thousandths(thousandths).unwrap(),
            last_start: Some(at(100)),
            bots: None,
            in_vain: None,
            may_call: true,
            is_stopped: false,
            readiness: LineReadiness::Ready,
            latest_start: None,
        };
        let to_dial = ToDial { due_now: 3, ..ToDial::default() };
        let told = |line: LineRoom, now| {
            let found = line.hindrance(&to_dial, None, at(now)).unwrap();
            assert_eq!(found.by, Obstacle::LineRate);
            found.until
        };
        assert_eq!([101, 110, 119].map(|now| told(line(50), now)), [Some(at(120)); 3]);
        assert_eq!(told(line(50), 120), None, "in a moment");
        assert_eq!(told(line(2_000), 100), None, "within a second");
        assert_eq!(told(LineRoom { last_start: None, ..line(50) }, 101), None, "nobody knows");
    }
}
