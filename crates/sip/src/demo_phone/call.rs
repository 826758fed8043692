//! One call at the phone: it goes as its manner says, unless the caller ends it before.

use std::time::Duration;

use domain::Codec;
use rsipstack::{
    dialog::{
        dialog::{DialogState, DialogStateReceiver},
        invite_dialog::InviteDialog,
    },
    sip::{Header, StatusCode, prelude::HeadersExt},
    transaction::transaction::Transaction,
};
use tokio::time::{sleep, timeout};

use super::manner::{PhoneAnswer, PhoneManner};
use crate::{
    invite::{self, ALLOWED},
    sound::CallSound,
    stack::Stack,
};

/// The user part of the phone's own address.
const PHONE_USER: &str = "phone";

/// What the phone speaks.
const CODECS: [Codec; 2] = [Codec::Pcma, Codec::Pcmu];

/// How long the answer to a BYE is waited for.
const BYE_PATIENCE: Duration = Duration::from_secs(5);

/// How long an acknowledgement is waited for (64 times T1 of RFC 3261).
const ACKNOWLEDGEMENT_PATIENCE: Duration = Duration::from_secs(32);

/// Takes a call, and keeps it to its end. `chance` is what its sound begins with.
pub(super) async fn keep(stack: &Stack, mut invite: Transaction, chance: u32) -> rsipstack::Result<()> {
    let called = invite.original.uri.auth.as_ref().map_or("", |called| called.user.as_str());
    let manner = PhoneManner::of_number(called);
    let offer = invite.original.body.clone();
    let (sender, states) = stack.dialogs.new_dialog_state_channel();
    let contact = invite::uri(PHONE_USER, &stack.own.to_string());
    let mut dialog = stack.dialogs.get_or_create_server_invite(&invite, sender, None, contact)?;
    let id = dialog.id();
    // The stack would answer a CANCEL with a tag of its own.
    let to = invite.original.to_header()?.clone().with_tag(id.local_tag.clone().into());
    invite.original.headers.unique_push(to.into());
    let call = PhoneCall { dialog: dialog.clone(), offer, chance };
    let heard = tokio::spawn(async move { dialog.handle(&mut invite).await });
    let went = tokio::select! {
        went = call.go(stack, manner) => went,
        () = ended(states) => Ok(()),
    };
    // Nothing more than an acknowledgement can come.
    let _ = timeout(ACKNOWLEDGEMENT_PATIENCE, heard).await;
    stack.dialogs.remove_dialog(&id);
    went
}

/// Waits until either side has ended the call.
async fn ended(mut states: DialogStateReceiver) {
    while let Some(state) = states.recv().await {
        if matches!(state, DialogState::Terminated(..)) {
            return;
        }
    }
}

struct PhoneCall {
    dialog: InviteDialog,
    offer: Vec<u8>,
    chance: u32,
}

impl PhoneCall {
    async fn go(self, stack: &Stack, manner: PhoneManner) -> rsipstack::Result<()> {
        sleep(PhoneManner::BEFORE_RINGING).await;
        if manner.rings {
            self.dialog.ringing(None, None)?;
        }
        sleep(manner.takes).await;
        match manner.then {
            PhoneAnswer::Refuses(status, reason) => {
                self.dialog.reject(Some(status), reason.map(str::to_owned))
            }
            PhoneAnswer::Talks { key, lasts } => self.talk(stack, key, lasts).await,
        }
    }

    /// Answers, and says nothing but a key; silence is sent, as by a phone whose owner listens.
    async fn talk(
        &self,
        stack: &Stack,
        key: Option<(Duration, char)>,
        lasts: Duration,
    ) -> rsipstack::Result<()> {
        let sound = CallSound::open(&stack.ports, stack.own.ip(), &CODECS, self.chance);
        let answered = sound.ok().and_then(|mut sound| {
            let answer = sound.answer(&self.offer).ok()?;
            Some((sound, answer))
        });
        let Some((sound, answer)) = answered else {
            return self.dialog.reject(Some(StatusCode::NotAcceptableHere), None);
        };
        let headers = vec![Header::Allow(ALLOWED.into()), Header::ContentType("application/sdp".into())];
        self.dialog.accept(Some(headers), Some(answer))?;
        let control = sound.answered();
        let before = key.map_or(Duration::ZERO, |(after, _)| after);
        sleep(before).await;
        if let (Some(control), Some((_, key))) = (control, key) {
            control.send_digits(key);
        }
        sleep(lasts.saturating_sub(before)).await;
        timeout(BYE_PATIENCE, self.dialog.bye()).await.unwrap_or(Ok(()))
    }
}
