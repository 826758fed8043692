//! Whether a line may be tried with a call: what holds for any call and is no window.

use anyhow::{anyhow, bail};
use domain::{Clock, Line, StopTarget};
use phone::{Country, PhoneNumber};
use store::{Store, dialing, do_not_call, lines, partners, stops};

use crate::{manage::change, system::SystemClock};

/// Reads the number; refuses one that nobody may call. It is not repeated.
pub(super) fn number(text: &str, country: Country) -> anyhow::Result<PhoneNumber> {
    PhoneNumber::parse(text, country).map_err(|refusal| anyhow!("nothing is called: the number {refusal}"))
}

/// Refuses a call that must not be made now, and takes note of one that may.
pub(super) async fn ask(store: &Store, line: &Line, number: &PhoneNumber) -> anyhow::Result<()> {
    if let Some(words) = stopped(store, line).await? {
        bail!("nothing is called: {words}");
    }
    let mut read = store.read().await?;
    let partners = partners::list(&mut read).await?;
    let partner = partners.iter().find(|partner| partner.id == line.partner_id);
    if partner.is_none_or(|partner| partner.disabled_at.is_some()) {
        bail!("nothing is called: the line's partner is disabled");
    }
    if !line.may_call(number.e164()) {
        bail!("nothing is called: the line may not call this number (`allowed_prefixes`)");
    }
    let now = SystemClock.now();
    if do_not_call::is_barred_for_any(&mut read, line.partner_id, number.e164(), now).await? {
        bail!("nothing is called: the number is on a do-not-call list");
    }
    let calls = dialing::calls_over_lines(&mut read, &[line.id]).await?;
    let channels = line.draft.settings.channels;
    if calls.get(&line.id).is_some_and(|over| over.calls >= channels) {
        bail!("nothing is called: all {channels} channels of the line are in use");
    }
    drop(read);
    let mut tx = store.begin().await?;
    lines::note_test_call(&mut tx, (line.partner_id, line.id), &change()).await?;
    Ok(tx.commit().await?)
}

/// Why nothing may be dialed over a line now: somebody has stopped it.
pub(super) async fn stopped(store: &Store, line: &Line) -> anyhow::Result<Option<String>> {
    let target = StopTarget::Line(line.partner_id, line.id);
    let covering = stops::covering(&mut store.read().await?, target).await?;
    Ok(covering.first().map(|named| {
        let reason = named.stop.reason.as_ref().map(|reason| format!(" ({})", reason.as_str()));
        format!("dialing is stopped{}", reason.unwrap_or_default())
    }))
}
