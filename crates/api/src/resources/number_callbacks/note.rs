//! The callbacks on numbers that a request adds or deletes, and on those that go with their task.

use domain::{NumberCallbackId, NumberChange, NumberFileKey, TaskId};
use store::{
    Tx,
    number_callbacks::{self, NewNumberCallback},
};

use crate::http::{extract::AccountRequest, problem::Problem};

/// Makes the callback on numbers of the request's task, if there are any and someone is called back; `numbers` gives them as they were sent.
pub(crate) async fn note(
    tx: &mut Tx,
    request: &AccountRequest<TaskId>,
    change: NumberChange,
    numbers: impl AsyncFnOnce(&mut Tx) -> Result<Vec<String>, Problem>,
) -> Result<(), Problem> {
    if !number_callbacks::is_wanted(tx, request.account).await? {
        return Ok(());
    }
    let numbers = numbers(tx).await?;
    if numbers.is_empty() {
        return Ok(());
    }
    let new = callback(request, change);
    Ok(number_callbacks::make(tx, &new, &numbers, request.caller.now).await?)
}

/// Makes the callback on all numbers of the request's task, which is about to be deleted: before the one on the task itself.
pub(crate) async fn note_list(tx: &mut Tx, request: &AccountRequest<TaskId>) -> Result<(), Problem> {
    let new = callback(request, NumberChange::Deleted);
    Ok(number_callbacks::make_of_list(tx, &new, request.caller.now).await?)
}

fn callback(request: &AccountRequest<TaskId>, change: NumberChange) -> NewNumberCallback {
    let api = &request.api;
    NewNumberCallback {
        id: NumberCallbackId::generate(&*api.clock, &*api.random),
        account: request.account,
        task: request.id,
        change,
        key: NumberFileKey::generate(&*api.random),
    }
}
