//! Do not call (黑名单): the numbers that an account must not call, nor its sub-users. Ours: the platform has no documented interface to
//! them.

mod body;
mod file;
mod view;

use domain::{FaultRule, Faults};
use phone::{Country, PhoneNumber};
use store::do_not_call::{self, DoNotCallFilter};

use self::{
    body::{AddDoNotCall, Ends},
    file::DoNotCallImportView,
    view::{DoNotCallAddedView, DoNotCallView},
};
use crate::{
    Api,
    http::{
        csv_file::{CsvFile, CsvText},
        envelope::{Answer, EmptyEnvelope, Envelope, PagedEnvelope},
        extract::{AccountRequest, EmptyBody, Json},
        messages::Message,
        number_view::expect_whole_numbers,
        path::{DoNotCallPath, ListedNumber, UserPath},
        problem::Problem,
        query::{CountryCode, Flag, PageQuery, QueryParameters, Search, SubUserQuery, query_parameters},
        routes::{Routes, routes},
    },
};

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new().routes(routes!(list, add)).routes(routes!(import)).routes(routes!(detail, delete))
}

query_parameters! {
    /// Filters of the list of numbers that must not be called.
    pub(crate) struct DoNotCallQuery {
        /// A part of the number or of the reason. Refused to tokens that see telephone numbers masked.
        keyword: Search,
        /// Only entries that come from here.
        source: Search,
        /// Only entries that hold now.
        in_force: Flag,
    }
}

query_parameters! {
    /// What is said of all rows of a file that do not say it themselves.
    pub(crate) struct DoNotCallImportQuery {
        /// Where they come from; left out, `import`.
        source: Search,
        /// Why they must not be called.
        reason: Search,
        /// The country of numbers that name none: two letters. Left out, the server's.
        default_country: CountryCode,
    }
}

/// List numbers that must not be called (黑名单)
///
/// Those that were added or changed last come first. With a filter the total is counted anew for each page. Of a sub-user these are its
/// own; those of its user hold for it, too.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/do-not-call", tag = "do-not-call",
    operation_id = "list_do_not_call", params(UserPath, PageQuery, DoNotCallQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<DoNotCallView>>)))]
pub(crate) async fn list(request: AccountRequest) -> Result<Answer<Vec<DoNotCallView>>, Problem> {
    let mut faults = Faults::default();
    let page = PageQuery::read(&request.query, &mut faults).page();
    let DoNotCallQuery { keyword, source, in_force } = DoNotCallQuery::read(&request.query, &mut faults);
    faults.finish(Some(()))?;
    if keyword.is_some() {
        expect_whole_numbers(&request)?;
    }
    let in_force_at = in_force.then_some(request.caller.now);
    let filter = DoNotCallFilter { keyword, source, in_force_at };
    let found = do_not_call::list(&mut request.read().await?, request.account, &filter, page).await?;
    let view = |entry| DoNotCallView::new(&request.api, &request.caller, &entry);
    Ok(Answer::page(Message::DoNotCallList, page, found, view))
}

/// Add numbers that must not be called
///
/// One or up to 1,000; one that is faulty refuses all. A number that is there already takes the new reason, source and end, unless it was erased: the entry
/// that is left of it stays, and is counted apart (`erased`). They hold
/// from now on for the account and, of a user, for its sub-users. An account may have 1,000,000.
/// Refused to tokens that see telephone numbers masked.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/do-not-call", tag = "do-not-call",
    operation_id = "add_do_not_call", params(UserPath, SubUserQuery), request_body = AddDoNotCall,
    responses((status = 200, body = Envelope<DoNotCallAddedView>)))]
pub(crate) async fn add(
    request: AccountRequest<(), Json<AddDoNotCall>>,
) -> Result<Answer<DoNotCallAddedView>, Problem> {
    let (body, faults, request) = request.take_body();
    expect_whole_numbers(&request)?;
    let settings = &request.api.settings;
    let ends = Ends { zone: settings.zone, now: request.caller.now };
    let entries = body.entries(ends, settings.default_country, faults)?;
    let mut tx = request.begin().await?;
    let added = do_not_call::add(&mut tx, request.account, &entries, &request.caller.change()).await?;
    tx.commit().await?;
    Ok(Answer::new(Message::DoNotCallAdded, added.into()))
}

/// Import numbers that must not be called
///
/// The body is a CSV file of at most 10 MiB and 100,000 rows: between its cells commas, semicolons or tabs, or what a first
/// line says as Excel's (`sep=;`); UTF-8, UTF-16 with a byte order mark, GB18030, Big5 or `Shift_JIS`. Its header names the columns: `phone` (or 号码, 手机号, 电话), and perhaps `reason` (原因), `source` (来源)
/// and `until` (有效期, to come); others are passed over. A file that begins with a number has no header, and its first column is the numbers.
/// Rows that are faulty are left out and named; unknown parameters refuse all. What is left of erased numbers stays, and is counted apart. All is done when it is answered; after a failure the same file can be sent again.
/// Refused to tokens that see telephone numbers masked.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/do-not-call/import", tag = "do-not-call",
    operation_id = "import_do_not_call", params(UserPath, DoNotCallImportQuery, SubUserQuery),
    request_body(content = CsvText, content_type = "text/csv", description = "The file."),
    responses((status = 200, body = Envelope<DoNotCallImportView>)))]
pub(crate) async fn import(
    request: AccountRequest<(), CsvFile>,
) -> Result<Answer<DoNotCallImportView>, Problem> {
    expect_whole_numbers(&request)?;
    let view = file::import(&request).await?;
    Ok(Answer::new(Message::DoNotCallImported, view))
}

/// A number that must not be called
///
/// By the number itself, in any form in which it can be added. Of a sub-user only its own entries are found. Refused to tokens
/// that see telephone numbers masked.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/do-not-call/{phone}", tag = "do-not-call",
    operation_id = "do_not_call_detail", params(DoNotCallPath, SubUserQuery),
    responses((status = 200, body = Envelope<DoNotCallView>)))]
pub(crate) async fn detail(request: AccountRequest<ListedNumber>) -> Result<Answer<DoNotCallView>, Problem> {
    expect_whole_numbers(&request)?;
    let number = number(&request.api, &request.id)?;
    let entry = do_not_call::get(&mut request.read().await?, request.account, number).await?;
    let view = DoNotCallView::new(&request.api, &request.caller, &entry);
    Ok(Answer::new(Message::DoNotCallDetail, view))
}

/// Let a number be called again
///
/// The entry is deleted. Where the user has one as well, the number stays barred for its sub-users. The entry that is left of an erased number is not
/// deleted (8110): `erase-number` with `"suppress": false` lifts it. Refused to tokens that see telephone numbers
/// masked.
#[utoipa::path(delete, path = "/agent-api/user/{user_id}/do-not-call/{phone}", tag = "do-not-call",
    operation_id = "delete_do_not_call", params(DoNotCallPath, SubUserQuery),
    responses((status = 200, body = EmptyEnvelope)))]
pub(crate) async fn delete(request: AccountRequest<ListedNumber, EmptyBody>) -> Result<Answer<()>, Problem> {
    expect_whole_numbers(&request)?;
    let number = number(&request.api, &request.id)?;
    let mut tx = request.begin().await?;
    do_not_call::delete(&mut tx, request.account, number, &request.caller.change()).await?;
    tx.commit().await?;
    Ok(Answer::empty(Message::Deleted))
}

fn number(api: &Api, listed: &ListedNumber) -> Result<i64, Problem> {
    read_number(api.settings.default_country, &listed.0).map_err(|rule| Problem::fault("phone", rule))
}

/// A number as it is dialed: an extension or a suffix behind it does not make it another callee.
fn read_number(country: Country, text: &str) -> Result<i64, FaultRule> {
    let phone = PhoneNumber::parse(text, country);
    phone.map(|phone| phone.e164()).map_err(FaultRule::Number)
}
