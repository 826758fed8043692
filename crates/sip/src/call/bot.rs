//! The bot of a call: connected while the phone rings or once it is its turn, heard and spoken to from the answer on.

use std::{sync::Arc, time::Duration};

use domain::{BotOfCall, BotStep, BotUrl, ScriptFlow};
use futures_util::FutureExt as _;
use media::{
    answering_machine::KnownAnswerer,
    bot::{BotFailure, BotNews, BotStream, BotStreamParts, StreamStart},
    session::MediaControl,
};
use telephony::{CallBots, KnownBot};

use crate::{
    bots::{fault_of, new_stream_sid},
    shared::CarrierState,
};

/// How long the way to a bot may take with all tries, and how long whoever has answered waits for it in silence.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const LONGEST_SILENCE: Duration = Duration::from_secs(2);

/// The bots that a call may be handed to, and the one that has it.
pub(crate) struct BotsOfCall {
    bots: Option<Arc<CallBots>>,
    call_sid: String,
    shared: Arc<CarrierState>,
    /// The one that is connected, or on its way.
    now: Option<BotTalk>,
    /// Who answered, as far as is known.
    answerer: Option<KnownAnswerer>,
    /// Those that failed, or whose streams were lost and made again.
    told: Vec<BotOfCall>,
    /// That of them which failed.
    failed: Option<BotUrl>,
}

struct BotTalk {
    nth: usize,
    stream: BotStream,
    is_connected: bool,
    /// When whoever has answered has waited long enough for it.
    deadline: Option<Duration>,
    has_call: bool,
}

impl BotsOfCall {
    pub(crate) fn new(bots: Option<Arc<CallBots>>, call_sid: String, shared: Arc<CarrierState>) -> Self {
        Self { bots, call_sid, shared, now: None, answerer: None, told: Vec::new(), failed: None }
    }

    /// The phone rings: the bot that comes first is connected, if it is to be by then.
    pub(crate) fn ring(&mut self, flow: &ScriptFlow) {
        let step = flow.begins_with_bot().filter(|step| step.connect == domain::BotConnect::Ringing);
        if let Some(step) = step.filter(|_| self.now.is_none()) {
            self.now = self.begin(0, step);
        }
    }

    /// Hands the call to a bot. Says whether there is one.
    pub(crate) fn hand_over(
        &mut self,
        nth: usize,
        step: &BotStep,
        sound: &MediaControl,
        now: Duration,
    ) -> bool {
        let ready = self.now.take().filter(|talk| talk.nth == nth && !talk.has_call);
        let Some(mut talk) = ready.or_else(|| self.begin(nth, step)) else { return false };
        if let Some(known) = self.answerer {
            talk.stream.answerer(known);
        }
        talk.stream.start(sound.clone());
        talk.has_call = true;
        talk.deadline = (!talk.is_connected).then(|| now.saturating_add(LONGEST_SILENCE));
        self.now = Some(talk);
        true
    }

    /// The callee pressed a key. Says whether a bot has the call.
    pub(crate) fn digit(&self, digit: char) {
        if let Some(talk) = self.now.as_ref().filter(|talk| talk.has_call) {
            talk.stream.digit(digit);
        }
    }

    /// It is known who answered, or known better than before: whichever bot has the call or will have it is told.
    pub(crate) fn answerer(&mut self, known: KnownAnswerer) {
        self.answerer = Some(known);
        if let Some(talk) = self.now.as_ref().filter(|talk| talk.has_call) {
            talk.stream.answerer(known);
        }
    }

    /// Ends the stream, if there is one.
    pub(crate) fn end(&mut self) {
        if let Some(talk) = self.now.take() {
            self.went_well(&talk);
            talk.stream.stop();
        }
    }

    /// When somebody has waited long enough.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        self.now.as_ref()?.deadline
    }

    /// Whether somebody has.
    pub(crate) fn is_late(&self, now: Duration) -> bool {
        self.deadline().is_some_and(|deadline| deadline <= now)
    }

    /// What happens to the stream next; may be dropped and asked again.
    pub(crate) async fn news(&mut self) -> BotNews {
        match &mut self.now {
            Some(talk) => talk.stream.news().await,
            None => std::future::pending().await,
        }
    }

    /// Takes note of what happened to the stream.
    pub(crate) fn note(&mut self, news: &BotNews) {
        let Some(talk) = &mut self.now else { return };
        match news {
            BotNews::Connected => {
                talk.is_connected = true;
                talk.deadline = None;
            }
            BotNews::Remade(failure) => {
                let nth = talk.nth;
                tracing::warn!(call = self.call_sid, %failure, "the stream to a call's bot was lost, and is made again");
                if let Some(bot) = self.tell(nth, failure) {
                    bot.reconnects += 1;
                }
            }
            BotNews::Failed(failure) => {
                let nth = talk.nth;
                self.now = None;
                self.fail(nth, failure);
            }
            BotNews::Closed => {
                if let Some(talk) = self.now.take() {
                    self.went_well(&talk);
                }
            }
        }
    }

    /// The bot that is on its way has not come in time.
    pub(crate) fn give_up(&mut self) {
        if let Some(talk) = self.now.take() {
            let fault = media::bot::BotConnectFault::TimedOut(LONGEST_SILENCE);
            self.fail(talk.nth, &BotFailure::NotConnected(fault));
        }
    }

    /// The one that failed; nothing is expected of any after that.
    pub(crate) const fn failed(&self) -> Option<&BotUrl> {
        self.failed.as_ref()
    }

    /// Those that failed, or whose streams were lost and made again.
    pub(crate) fn told(&self) -> &[BotOfCall] {
        &self.told
    }

    /// A bot that had the call for as long as it was to.
    fn went_well(&self, talk: &BotTalk) {
        let bot = self.bots.as_ref().and_then(|bots| bots.chosen.get(talk.nth));
        if let Some(bot) = bot.filter(|_| talk.has_call && talk.is_connected) {
            self.shared.bots.went_well(&bot.url);
        }
    }

    fn fail(&mut self, nth: usize, failure: &BotFailure) {
        tracing::warn!(call = self.call_sid, %failure, "a call's bot has failed");
        if let Some(BotOfCall { url, .. }) = self.tell(nth, failure) {
            let url = url.clone();
            self.shared.bots.failed(&url, failure);
            self.failed = Some(url);
        }
    }

    /// Takes note of how a bot failed, for the record.
    fn tell(&mut self, nth: usize, failure: &BotFailure) -> Option<&mut BotOfCall> {
        let url = self.bots.as_ref().and_then(|bots| bots.chosen.get(nth))?.url.clone();
        let place = self.told.iter().position(|bot| bot.url == url).unwrap_or_else(|| {
            self.told.push(BotOfCall::new(url));
            self.told.len() - 1
        });
        let bot = self.told.get_mut(place)?;
        bot.fault = Some(fault_of(failure));
        Some(bot)
    }

    fn begin(&self, nth: usize, step: &BotStep) -> Option<BotTalk> {
        let bots = self.bots.as_ref()?;
        let bot = bots.chosen.get(nth)?.clone();
        let mut parameters = step.variables.clone();
        parameters.extend(bots.parameters.clone());
        let account_sid = format!("AC{}", bots.account.uuid().simple());
        parameters.insert("account_sid".to_owned(), account_sid.clone());
        parameters.insert("auth_token".to_owned(), bots.token.clone());
        if let Some(api) = &self.shared.settings.bots.api {
            parameters.insert("base_url".to_owned(), api.clone());
        }
        let start = StreamStart {
            account_sid,
            call_sid: self.call_sid.clone(),
            stream_sid: String::new(),
            custom_parameters: parameters,
        };
        let parts = BotStreamParts {
            open: opening(bot, start, Arc::clone(&self.shared)),
            connect_within: CONNECT_WITHIN,
            reconnects: u32::try_from(step.reconnects.get()).unwrap_or(0),
        };
        let stream = BotStream::begin(parts);
        Some(BotTalk { nth, stream, is_connected: false, deadline: None, has_call: false })
    }
}

/// Makes the connections of a stream, each under a name of its own.
fn opening(bot: KnownBot, start: StreamStart, shared: Arc<CarrierState>) -> media::bot::OpenBotSocket {
    let way = shared.settings.way_to_bots(Arc::clone(&shared.clock));
    Arc::new(move |nth| {
        let mut start = StreamStart { stream_sid: new_stream_sid(shared.random()), ..start.clone() };
        if nth > 0 {
            start.custom_parameters.insert("reconnect".to_owned(), nth.to_string());
        }
        let (way, bot) = (way.clone(), bot.clone());
        async move { Ok((way.open(&bot, &start).await?, start)) }.boxed()
    })
}
