//! Adding numbers: what is wrong with some of them, and what became of the others.

use domain::{Fault, FaultRule, NewNumber, NumberChange, NumberKey, TaskId};
use serde::Serialize;
use store::numbers::{self, Added, Duplicates};
use utoipa::ToSchema;

use super::{
    body::{NumberBatch, OnFault},
    lock_to_call, row,
};
use crate::{
    http::{
        envelope::Answer,
        extract::AccountRequest,
        idempotency::{self, Creation},
        language::Language,
        messages::Message,
        number_view::NumberView,
        problem::{FaultView, Problem},
    },
    resources::number_callbacks::note,
};

/// What became of the numbers of a request.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AddedView {
    /// How many were added.
    added: usize,
    /// How many were left out.
    skipped: usize,
    /// Those that were added, in the order they were sent.
    numbers: Vec<AddedNumberView>,
    /// Why the others were not, with their places in `data`.
    refused: Vec<FaultView>,
}

/// A number that was added.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AddedNumberView {
    id: i64,
    /// As it was sent, with its new suffix if it got one; as much of it as the token may see.
    #[schema(value_type = String, example = "13800138000_k3v9ab")]
    phone: NumberView,
}

/// The numbers of a batch with their places, and what is wrong with the others.
struct CheckedBatch {
    good: Vec<(usize, NewNumber)>,
    faults: Vec<Fault>,
}

impl CheckedBatch {
    fn of(request: &AccountRequest<TaskId>, rows: Vec<serde_json::Value>, adds_suffix: bool) -> Self {
        let mut batch = Self { good: Vec::with_capacity(rows.len()), faults: Vec::new() };
        let mut seen = std::collections::HashSet::new();
        for (index, row) in rows.into_iter().enumerate() {
            match row::read(&request.api, index, row, adds_suffix) {
                Ok(number) if seen.insert(NumberKey::from(&number.phone)) => batch.good.push((index, number)),
                Ok(_) => batch.faults.push(Fault::new(phone_at(index), FaultRule::Repeated)),
                Err(faults) => batch.faults.extend(faults),
            }
        }
        batch
    }
}

fn phone_at(index: usize) -> String {
    format!("data[{index}].phone")
}

pub(super) async fn add(
    request: &AccountRequest<TaskId>,
    NumberBatch { rows, adds_suffix, on_fault }: NumberBatch,
) -> Result<Answer<AddedView>, Problem> {
    let (api, caller) = (&request.api, &request.caller);
    let CheckedBatch { good, mut faults } = CheckedBatch::of(request, rows, adds_suffix);
    let mut tx = match idempotency::begin(api, caller, Message::NumbersAdded).await? {
        Creation::New(tx) => tx,
        Creation::Repeated(answer) => return Ok(answer),
    };
    // Whose task it is, and whether its numbers may be changed, comes before what is wrong with them.
    let mut list = lock_to_call(&mut tx, request, request.id).await?;
    if on_fault != OnFault::Skip && !faults.is_empty() {
        return Err(Problem::Invalid(faults));
    }
    let (places, new): (Vec<usize>, Vec<NewNumber>) = good.into_iter().unzip();
    let added = numbers::add(&mut tx, &mut list, &new, Duplicates::Skip, &caller.change()).await?;
    let known = added.iter().zip(&places).filter(|(added, _)| **added == Added::Skipped);
    let known: Vec<Fault> = known.map(|(_, place)| Fault::new(phone_at(*place), FaultRule::Taken)).collect();
    if on_fault == OnFault::Refuse && !known.is_empty() {
        return Err(Problem::Invalid(known));
    }
    faults.extend(known);
    note(&mut tx, request, NumberChange::Added, async |_| Ok(added_texts(&new, &added))).await?;
    let view = view(request, &new, &added, &faults);
    idempotency::finish(tx, caller, Message::NumbersAdded, &view).await
}

/// Those that were added, as they were sent.
fn added_texts(new: &[NewNumber], added: &[Added]) -> Vec<String> {
    let is_new = |(_, added): &(&NewNumber, &Added)| matches!(added, Added::New(_));
    new.iter().zip(added).filter(is_new).map(|(number, _)| number.phone.text().to_owned()).collect()
}

fn view(request: &AccountRequest<TaskId>, new: &[NewNumber], added: &[Added], faults: &[Fault]) -> AddedView {
    let language: Language = request.caller.language;
    let numbers = new.iter().zip(added).filter_map(|(number, added)| match added {
        Added::New(id) => {
            Some(AddedNumberView { id: *id, phone: NumberView::new(number.phone.text(), &request.caller) })
        }
        Added::Replaced(_) | Added::Skipped | Added::TooManyVariables => None,
    });
    let numbers: Vec<AddedNumberView> = numbers.collect();
    let mut places: Vec<&str> =
        faults.iter().map(|fault| fault.field.split('.').next().unwrap_or_default()).collect();
    places.dedup();
    AddedView {
        added: numbers.len(),
        skipped: places.len(),
        numbers,
        refused: faults.iter().map(|fault| FaultView::new(fault, language)).collect(),
    }
}
