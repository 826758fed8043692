//! The port between the dialer and whatever carries calls: what the dialer asks of a carrier, and what it hears from it.
//!
//! - [`Carrier`] places calls and ends them; what happens to them it tells as [`CallReport`]s.
//! - [`SimulatedCarrier`] is the carrier of lines that reach nobody: each call goes as the line's script says.
//! - [`RemoteNetwork`] is the same with its calls in another process ([`serve_network`]), for tests of nodes that die.
//! - [`Carriers`] gives each line its carrier.
//!
//! A carrier refuses by itself what must not happen whatever the dialer asks: a start after its last instant, a number that
//! the line may not call. The crate knows the [`domain`], and no database.

mod carriers;
mod order;
mod report;
mod simulated;

pub use self::{
    carriers::Carriers,
    order::{
        CallBots, CallOrder, CallScript, Callee, KnownBot, LegOrder, LiveInstruction, OrphanedCall,
        Preparation, Refused,
    },
    report::{CallEvent, CallNotes, CallRefusal, CallReport, CarrierCause, LineReport, RegistrationReport},
    simulated::{
        NetworkObserver, NetworkTraffic, NodeTraffic, RemoteNetwork, SimulatedCarrier, TrafficCall,
        serve_network,
    },
};

use std::{collections::HashMap, sync::Arc};

use domain::{AttemptId, BotCondition, BotUrl, CallHandle, LegId, Line};
use jiff::Timestamp;

/// Places calls and ends them. None of its functions waits for the other side.
///
/// Whatever rings must be written down first with what ends it, so that it can be silenced when this process dies. So a call is prepared
/// ([`Self::prepare`]), what it can be ended with is told ([`CallEvent::Endable`]) and written, and only then is it started
/// ([`Self::start`]). Further INVITEs of such a call and its legs are held in the same way until [`Self::note_endable`].
pub trait Carrier: Send + Sync {
    /// Makes a call ready, of which nothing is sent before [`Self::start`]. From then on [`Self::reports`] tells of it, its end last and once,
    /// and [`Self::end`] ends it. What is not started within a few seconds ends.
    ///
    /// # Errors
    /// Why it cannot be; nothing is reported of it then.
    fn prepare(&self, _order: &CallOrder) -> Result<Preparation, Refused> {
        Ok(Preparation::NotNeeded)
    }

    /// Sends the INVITE of a call that was prepared and has told what it can be ended with.
    ///
    /// # Errors
    /// [`Refused::NoCall`]: there is none, or no longer.
    fn start(&self, _attempt: AttemptId, _now: Timestamp) -> Result<(), Refused> {
        Err(Refused::NoCall)
    }

    /// Takes note that what a call, or a leg of it, has told that it can be ended with is written down.
    fn note_endable(&self, _attempt: AttemptId, _leg: Option<LegId>, _handle: &CallHandle) {}

    /// Sends the INVITE of a call that was not prepared. From then on [`Carrier::reports`] tells what happens to it, its end last and once.
    ///
    /// # Errors
    /// Why it was not sent; nothing is reported of it then.
    fn place(&self, order: &CallOrder, now: Timestamp) -> Result<(), Refused>;

    /// Ends a call: by CANCEL while it is unanswered, by BYE once it is answered. Its end is reported when it is over. A call
    /// that is not there, or no longer, is left alone.
    fn end(&self, attempt: AttemptId, now: Timestamp);

    /// Sends the INVITE of a leg of a call that wants one ([`CallEvent::TransferWanted`]). From then on [`Carrier::reports`] tells what happens to
    /// it, its end last and once, and before that of its call, which it does not outlast. When it ends without an answer the call's script goes
    /// on as it says; when either side hangs up, so is the other.
    ///
    /// # Errors
    /// Why it was not sent; nothing is reported of it then. The call goes on waiting.
    fn place_leg(&self, _order: &LegOrder, _now: Timestamp) -> Result<(), Refused> {
        Err(Refused::NoCarrier)
    }

    /// Ends what a call wants with [`CallEvent::TransferWanted`]: the leg, if there is one, and otherwise the waiting for it.
    fn end_transfer(&self, _attempt: AttemptId, _now: Timestamp) {}

    /// Asks something of a call that was answered.
    ///
    /// # Errors
    /// [`Refused::NoCall`]: there is none of which that can be asked. [`Refused::UnderWay`]: too much was asked of it.
    fn control(&self, _attempt: AttemptId, _control: LiveInstruction) -> Result<(), Refused> {
        Err(Refused::NoCall)
    }

    /// What has happened since the last time this was asked, in the order in which it happened. Who asks answers for it.
    fn reports(&self, now: Timestamp) -> Vec<CallReport>;

    /// Ends a call of a node that is gone, as far as that can be done from here. Its end is reported where it was this process's after
    /// all.
    fn silence(&self, call: &OrphanedCall, now: Timestamp);

    /// Asks a line whether it is there, without a call. [`Carrier::line_reports`] tells what it says, within 40 seconds.
    ///
    /// # Errors
    /// [`Refused::NoCarrier`]: lines of this kind cannot be asked, and only a call tells. Any other: it was not asked now.
    fn probe(&self, _line: &Arc<Line>) -> Result<(), Refused> {
        Err(Refused::NoCarrier)
    }

    /// What lines have said that were asked since the last time this was. Who asks answers for it.
    fn line_reports(&self) -> Vec<LineReport> {
        Vec::new()
    }

    /// Why no call can be placed over SIP now, by a fault of our own side; `None`: nothing is known against it.
    fn own_failure(&self) -> Option<String> {
        None
    }

    /// Keeps these lines registered at their carriers from now on, each as it is here, and no others: the registrations of those are taken back.
    /// [`Carrier::registration_reports`] tells how they stand. Over a line that registers, calls and legs are placed only while it is registered.
    fn keep_registered(&self, _lines: &[Arc<Line>]) {}

    /// How lines stand that are kept registered, where that has changed since the last time this was asked. Who asks answers for it.
    fn registration_reports(&self) -> Vec<RegistrationReport> {
        Vec::new()
    }

    /// Asks these bots from now on whether they are there, and no others.
    fn watch_bots(&self, _bots: &[KnownBot]) {}

    /// What is known of the bots that are asked.
    fn bots(&self) -> HashMap<BotUrl, BotCondition> {
        HashMap::new()
    }

    /// Whether registrations are still being taken back.
    fn takes_back_registrations(&self) -> bool {
        false
    }
}
