//! Deleting and resetting numbers.

use std::collections::BTreeSet;

use domain::{
    Faults, MOST_LOOKED_AT, MOST_RESET_AT_ONCE, NumberChange, NumberJobId, NumberKey, NumberSelection, TaskId,
};
use serde::Serialize;
use store::{
    Tx,
    numbers::{self, Changed, LockedList, LockedNumbers},
};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    body::{DeleteNumbers, Meant, ResetNumbers},
    lock, lock_to_call,
    view::NumberResetState,
};
use crate::{
    http::{
        envelope::Answer, extract::AccountRequest, language::Language, messages::Message,
        number_view::expect_whole_numbers, problem::Problem,
    },
    resources::number_callbacks::note,
};

/// What became of the numbers that were to be deleted.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedView {
    /// How many were deleted.
    deleted: usize,
    /// How many were left out because they are being called.
    left_out: usize,
    /// How many the task does not have.
    not_found: usize,
}

/// What became of the numbers that were to be reset.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ResetView {
    /// How many were reset so far.
    reset: usize,
    /// How many were left out so far because they are being called.
    left_out: usize,
    /// Whether it is done, or has only begun and goes on in the background.
    state: NumberResetState,
    /// The reset that goes on in the background; `null` when all is done.
    reset_id: Option<Uuid>,
    /// That it goes on, in words; `null` when all is done. `message` has the platform's words in either case.
    notice: Option<&'static str>,
}

impl ResetView {
    const fn done(done: Changed) -> Self {
        Self {
            reset: done.changed,
            left_out: done.left_out,
            state: NumberResetState::Finished,
            reset_id: None,
            notice: None,
        }
    }

    fn begun(id: NumberJobId, language: Language) -> Self {
        let notice = language.choose(
            "号码较多，已开始在后台重置，尚未完成；进度见 number-reset/{reset_id}",
            "There are many: the reset has only begun and goes on in the background; number-reset/{reset_id} says how far it is",
        );
        Self {
            reset: 0,
            left_out: 0,
            state: NumberResetState::Running,
            reset_id: Some(id.uuid()),
            notice: Some(notice),
        }
    }
}

pub(super) async fn delete(
    request: &AccountRequest<TaskId>,
    body: DeleteNumbers,
    faults: Faults,
) -> Result<Answer<DeletedView>, Problem> {
    expect_whole_numbers(request)?;
    let keys = body.keys(&request.api, faults);
    let mut tx = request.begin().await?;
    let list = lock(&mut tx, request, request.id).await?;
    // However often a number is named, it is one.
    let keys: Vec<NumberKey> = keys?.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let locked = numbers::lock_named(&mut tx, &list, &keys, &NumberSelection::default()).await?;
    let not_found = keys.len() - locked.len();
    let texts = async |tx: &mut Tx| Ok(numbers::texts(tx, &list, &locked).await?);
    note(&mut tx, request, NumberChange::Deleted, texts).await?;
    let done = numbers::delete(&mut tx, &list, &locked, &request.caller.change()).await?;
    tx.commit().await?;
    let view = DeletedView { deleted: done.changed, left_out: done.left_out, not_found };
    Ok(Answer::new(Message::Deleted, view))
}

pub(super) async fn reset(
    request: &AccountRequest<TaskId>,
    body: ResetNumbers,
    faults: Faults,
) -> Result<Answer<ResetView>, Problem> {
    if body.looks_for_numbers() {
        expect_whole_numbers(request)?;
    }
    let meant = body.meant(&request.api, faults);
    let mut tx = request.begin().await?;
    let list = lock_to_call(&mut tx, request, request.id).await?;
    let Meant { selection, keys } = meant?;
    let change = request.caller.change();
    let locked = match keys {
        Some(keys) => Some(numbers::lock_named(&mut tx, &list, &keys, &selection).await?),
        None => few(&mut tx, request, &list, &selection).await?,
    };
    let (message, view) = if let Some(locked) = locked {
        let done = numbers::reset(&mut tx, &list, &locked, &change).await?;
        (Message::NumbersReset, ResetView::done(done))
    } else {
        let id = NumberJobId::generate(&*request.api.clock, &*request.api.random);
        numbers::begin_reset(&mut tx, &list, id, selection, &change).await?;
        (Message::NumbersResetBegun, ResetView::begun(id, request.caller.language))
    };
    tx.commit().await?;
    Ok(Answer::new(message, view))
}

/// The numbers of a selection, if they are few and soon found.
async fn few(
    tx: &mut Tx,
    request: &AccountRequest<TaskId>,
    list: &LockedList,
    selection: &NumberSelection,
) -> Result<Option<LockedNumbers>, Problem> {
    let only_by_status =
        NumberSelection { statuses: selection.statuses.clone(), ..NumberSelection::default() };
    let to_look_at = if selection.statuses.is_empty() {
        list.next_number()
    } else {
        let counts = numbers::counts(tx, request.account, request.id).await?;
        selection.statuses.iter().map(|status| counts.of_status(*status)).sum()
    };
    let found = if *selection == only_by_status {
        to_look_at
    } else if to_look_at <= MOST_LOOKED_AT {
        numbers::count_selected(tx, list, selection, MOST_RESET_AT_ONCE + 1).await?
    } else {
        // All else than a status is looked for one by one.
        return Ok(None);
    };
    if found > MOST_RESET_AT_ONCE {
        return Ok(None);
    }
    Ok(Some(numbers::lock_selected(tx, list, selection).await?))
}
