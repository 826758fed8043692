//! Erasure (号码删除) of one number from all that is stored of an account: what a person may ask for whose number it is. Ours: the platform has no
//! documented interface to it.

mod view;

use domain::{ErasureId, FaultRule, Faults, NumberToErase};
use phone::PhoneNumber;
use store::{
    accounts,
    erasure::{self, Erasure},
};
use utoipa::ToSchema;

use self::view::ErasedView;
use crate::{
    Api,
    http::{
        body::fields,
        envelope::{Answer, Envelope},
        extract::{AccountRequest, Json},
        messages::Message,
        number_view::expect_whole_numbers,
        path::UserPath,
        problem::Problem,
        query::SubUserQuery,
        routes::{Routes, routes},
    },
    resources::numbers::PhoneText,
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(erase))
}

/// A number that is to be erased.
#[derive(ToSchema)]
pub(crate) struct EraseNumber {
    /// In any form in which a task's numbers can be given; whatever extension and suffix it has, it is the same number.
    #[schema(value_type = String, required = true, max_length = 64, example = "13800001234")]
    phone: Option<PhoneText>,
    /// Whether it is never to be called again: an entry of do-not-call stays that says nothing but the number. With `false` that is erased, too,
    /// and whoever adds the number again can have it called.
    #[schema(default = true)]
    suppress: Option<bool>,
}

fields!(EraseNumber { phone, suppress } known &[]);

impl EraseNumber {
    fn number(&self, api: &Api, mut faults: Faults) -> Result<PhoneNumber, Problem> {
        let phone = faults.require("phone", self.phone.as_ref());
        let number = phone.and_then(|PhoneText(text)| {
            let number = PhoneNumber::parse(text, api.settings.default_country);
            faults.check("phone", number.map_err(FaultRule::Number))
        });
        Ok(faults.finish(number)?)
    }
}

/// Erase a number
///
/// The number goes from all lists, records with their evidence, callbacks, refused rows of imports, do-not-call and what the audit says of these, of the
/// user and its sub-users; of a sub-user that is named, its own. Statistics count its records no longer. The files of imports that have ended
/// are deleted within the hour; those that have not leave the number out, and their files are deleted at their end. The audit says that a number was erased and how much
/// of it, and not which. It may be asked for again at any time: a number that is being called now is left out. Answers that were stored for
/// repeated requests (`Idempotency-Key`) go within 24 hours.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/erase-number", tag = "number", operation_id = "erase_number",
    params(UserPath, SubUserQuery), request_body = EraseNumber,
    responses((status = 200, body = Envelope<ErasedView>)))]
pub(crate) async fn erase(
    request: AccountRequest<(), Json<EraseNumber>>,
) -> Result<Answer<ErasedView>, Problem> {
    let (body, faults, request) = request.take_body();
    expect_whole_numbers(&request)?;
    let number = body.number(&request.api, faults)?;
    let suppress = body.suppress.unwrap_or(true);
    let accounts = if request.account == request.user {
        accounts::with_sub_users(&mut request.read().await?, request.user).await?
    } else {
        vec![request.account]
    };
    let api = &request.api;
    let erasure = Erasure {
        id: ErasureId::generate(&*api.clock, &*api.random),
        whose: request.caller.acts_for(),
        accounts: &accounts,
        number: &NumberToErase::new(&number, api.settings.default_country),
        suppress,
    };
    let erased = erasure::erase(&api.store, &erasure, &request.caller.change()).await?;
    Ok(Answer::new(Message::NumberErased, ErasedView::new(erasure.id, suppress, erased)))
}
