//! Each line's carrier, by its kind.

use std::{collections::HashMap, sync::Arc};

use domain::{AttemptId, BotCondition, BotUrl, CallHandle, LegId, Line, LineKind};
use jiff::Timestamp;

use crate::{
    CallOrder, CallReport, Carrier, KnownBot, LegOrder, LineReport, LiveInstruction, OrphanedCall,
    Preparation, Refused, RegistrationReport,
};

/// The carriers that are built in. It is one itself: a call goes to that of its line's kind.
#[derive(Clone)]
pub struct Carriers {
    /// Of simulated lines.
    pub simulated: Arc<dyn Carrier>,
    /// Of SIP trunks, where it is built in.
    pub sip: Option<Arc<dyn Carrier>>,
}

impl Carriers {
    fn of(&self, kind: &LineKind) -> Option<&Arc<dyn Carrier>> {
        match kind {
            LineKind::Simulated(_) => Some(&self.simulated),
            LineKind::Sip(_) => self.sip.as_ref(),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Arc<dyn Carrier>> {
        [&self.simulated].into_iter().chain(&self.sip)
    }
}

impl Carrier for Carriers {
    fn prepare(&self, order: &CallOrder) -> Result<Preparation, Refused> {
        self.of(&order.line.draft.settings.kind).ok_or(Refused::NoCarrier)?.prepare(order)
    }

    fn start(&self, attempt: AttemptId, now: Timestamp) -> Result<(), Refused> {
        let mut started = self.all().map(|carrier| carrier.start(attempt, now));
        started.find(|started| *started != Err(Refused::NoCall)).unwrap_or(Err(Refused::NoCall))
    }

    fn note_endable(&self, attempt: AttemptId, leg: Option<LegId>, handle: &CallHandle) {
        self.all().for_each(|carrier| carrier.note_endable(attempt, leg, handle));
    }

    fn place(&self, order: &CallOrder, now: Timestamp) -> Result<(), Refused> {
        self.of(&order.line.draft.settings.kind).ok_or(Refused::NoCarrier)?.place(order, now)
    }

    fn end(&self, attempt: AttemptId, now: Timestamp) {
        self.all().for_each(|carrier| carrier.end(attempt, now));
    }

    fn place_leg(&self, order: &LegOrder, now: Timestamp) -> Result<(), Refused> {
        self.of(&order.line.draft.settings.kind).ok_or(Refused::NoCarrier)?.place_leg(order, now)
    }

    fn end_transfer(&self, attempt: AttemptId, now: Timestamp) {
        self.all().for_each(|carrier| carrier.end_transfer(attempt, now));
    }

    fn control(&self, attempt: AttemptId, control: LiveInstruction) -> Result<(), Refused> {
        let mut asked = self.all().map(|carrier| carrier.control(attempt, control.clone()));
        asked.find(|asked| *asked != Err(Refused::NoCall)).unwrap_or(Err(Refused::NoCall))
    }

    fn reports(&self, now: Timestamp) -> Vec<CallReport> {
        self.all().flat_map(|carrier| carrier.reports(now)).collect()
    }

    fn silence(&self, call: &OrphanedCall, now: Timestamp) {
        self.all().for_each(|carrier| carrier.silence(call, now));
    }

    fn probe(&self, line: &Arc<Line>) -> Result<(), Refused> {
        self.of(&line.draft.settings.kind).ok_or(Refused::NoCarrier)?.probe(line)
    }

    fn line_reports(&self) -> Vec<LineReport> {
        self.all().flat_map(|carrier| carrier.line_reports()).collect()
    }

    fn own_failure(&self) -> Option<String> {
        self.sip.as_ref().and_then(|sip| sip.own_failure())
    }

    fn keep_registered(&self, lines: &[Arc<Line>]) {
        self.all().for_each(|carrier| carrier.keep_registered(lines));
    }

    fn registration_reports(&self) -> Vec<RegistrationReport> {
        self.all().flat_map(|carrier| carrier.registration_reports()).collect()
    }

    fn watch_bots(&self, bots: &[KnownBot]) {
        self.all().for_each(|carrier| carrier.watch_bots(bots));
    }

    fn bots(&self) -> HashMap<BotUrl, BotCondition> {
        self.all().flat_map(|carrier| carrier.bots()).collect()
    }

    fn takes_back_registrations(&self) -> bool {
        self.all().any(|carrier| carrier.takes_back_registrations())
    }
}
