//! Imports of numbers from files: the file is taken and put aside, and its numbers are imported in the background. Ours: the platform has no
//! documented interface to them.

mod query;
mod receive;
mod refused;
mod view;

use axum::response::Response;
use domain::{Faults, NumberFileKey, NumberJobId, TaskId};
use store::{
    edits,
    numbers::{self, NewImport},
    tasks,
};
use utoipa::openapi::{
    KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat,
    schema::{SchemaType, Type},
};

use self::{query::ImportQuery, receive::NumberFile, view::NumberImportView};
use crate::http::{
    envelope::{Answer, Envelope, PagedEnvelope},
    extract::{AccountRequest, EmptyBody},
    messages::Message,
    number_view::expect_whole_numbers,
    path::{ImportOfTask, ImportPath, TaskPath},
    problem::Problem,
    query::{PageQuery, QueryParameters, SubUserQuery},
    routes::{Routes, routes},
    values::schema_of,
};

schema_of!(
    /// A file of numbers.
    NumberFileSchema,
    "NumberFile",
    RefOr::T(Schema::Object(
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .description(Some("CSV, lines of JSON, or XLSX."))
            .build()
    ))
);

/// The routes of this resource, with their part of the OpenAPI document.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .routes(routes!(list, import))
        .routes(routes!(detail))
        .routes(routes!(cancel))
        .routes(routes!(refused))
}

/// List imports of numbers (号码导入列表)
///
/// Newest first. An import is kept for 7 days after it has ended.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/number-import", tag = "number",
    operation_id = "list_number_imports", params(TaskPath, PageQuery, SubUserQuery),
    responses((status = 200, body = PagedEnvelope<Vec<NumberImportView>>)))]
pub(crate) async fn list(request: AccountRequest<TaskId>) -> Result<Answer<Vec<NumberImportView>>, Problem> {
    let page = PageQuery::read_alone(&request.query)?;
    let mut read = request.read().await?;
    tasks::expect(&mut read, request.account, request.id).await?;
    let found = numbers::list_imports(&mut read, request.account, request.id, page).await?;
    let view = |import| NumberImportView::new(&request.api, &request.caller, import);
    Ok(Answer::page(Message::NumberImports, page, found, view))
}

/// Import numbers (导入号码)
///
/// The body is the file: CSV whose first row names the columns (commas, semicolons or tabs; a line before it may say which, as Excel's `sep=;`,
/// also a bar in UTF-8), lines of JSON objects, or XLSX (at most 50 MiB, the first sheet). Text is UTF-8, UTF-16 with a byte order mark (Excel's "Unicode text"),
/// GB18030, Big5, `Shift_JIS` or Windows-1252. Which of them it is is seen from the file, unless `encoding` says it. Lines are counted as an editor shows them, the line with `sep=` too. It may have as many bytes as the operator allows (1 GiB
/// unless chosen otherwise), and may take as long as it needs to come. What is answered is the import, which goes on in the background, also
/// after a restart: ask for it to see how far it is.
///
/// Columns are known by their usual names, such as `phone` or 手机号, or by the `..._column` parameters; all others are variables of the number, 8 kB for
/// a row. Rows that cannot be taken are left out and listed, with their lines and why. A 2.0 task that is switched on is no obstacle.
/// Unknown parameters are refused by name. A task may have 5 imports that have not ended; one more is 429. Refused to tokens that see telephone
/// numbers masked, also a dry run: it counts what the task has.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/task/{task_id}/number-import", tag = "number",
    operation_id = "import_numbers", params(TaskPath, ImportQuery, SubUserQuery),
    request_body(content((NumberFileSchema = "text/csv"), (NumberFileSchema = "application/x-ndjson"),
        (NumberFileSchema = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")), description = "The file."),
    responses((status = 200, body = Envelope<NumberImportView>)))]
pub(crate) async fn import(
    request: AccountRequest<TaskId, NumberFile>,
) -> Result<Answer<NumberImportView>, Problem> {
    expect_whole_numbers(&request)?;
    let AccountRequest { api, caller, account, id: task, query, body, .. } = request;
    let mut faults = Faults::default();
    let options = ImportQuery::read(&query, &mut faults).options(&api, &mut faults);
    tasks::expect(&mut api.store.read().await?, account, task).await?;
    let options = faults.finish(Some(options))?;
    let id = NumberJobId::generate(&*api.clock, &*api.random);
    let (folder, size) = body.receive(&api, id).await?;
    let new = NewImport { id, options, size, folder, file_key: NumberFileKey::generate(&*api.random) };
    let mut tx = api.store.begin_for(caller.acts_for()).await?;
    let change = caller.change();
    let locked = edits::numbers::lock(&mut tx, account, task, &change).await?;
    if !new.options.dry_run {
        edits::numbers::expect_residue(&mut tx, account, task, &locked).await?;
    }
    let import = numbers::begin_import(&mut tx, &locked.list, &new, &change).await?;
    tx.commit().await?;
    Ok(Answer::new(Message::ImportTaken, NumberImportView::new(&api, &caller, import)))
}

/// An import of numbers (号码导入详情)
///
/// How far it is, and what became of the rows so far. It is still there for 7 days after its end, also when its task was deleted meanwhile.
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/number-import/{import_id}", tag = "number",
    operation_id = "number_import_detail", params(ImportPath, SubUserQuery),
    responses((status = 200, body = Envelope<NumberImportView>)))]
pub(crate) async fn detail(
    request: AccountRequest<ImportOfTask>,
) -> Result<Answer<NumberImportView>, Problem> {
    let ImportOfTask { task, import } = request.id;
    let import = numbers::get_import(&mut request.read().await?, request.account, task, import).await?;
    let view = NumberImportView::new(&request.api, &request.caller, import);
    Ok(Answer::new(Message::NumberImportDetail, view))
}

/// Cancel an import of numbers (取消号码导入)
///
/// Numbers that were added stay. One that has ended stays as it ended, and the message says so.
#[utoipa::path(post, path = "/agent-api/user/{user_id}/task/{task_id}/number-import/{import_id}/cancel", tag = "number",
    operation_id = "cancel_number_import", params(ImportPath, SubUserQuery),
    responses((status = 200, body = Envelope<NumberImportView>)))]
pub(crate) async fn cancel(
    request: AccountRequest<ImportOfTask, EmptyBody>,
) -> Result<Answer<NumberImportView>, Problem> {
    let ImportOfTask { task, import } = request.id;
    let mut tx = request.begin().await?;
    let (import, was_running) =
        numbers::cancel_import(&mut tx, request.account, task, import, request.caller.now).await?;
    tx.commit().await?;
    let view = NumberImportView::new(&request.api, &request.caller, import);
    let message = if was_running { Message::ImportCancelled } else { Message::ImportHadEnded };
    Ok(Answer::new(message, view))
}

/// The rows of an import that were not taken (号码导入的拒绝行)
///
/// As CSV: the number of each row's line, why it was not taken (a stable name and a message), and the beginning of the row. Rows whose number was
/// there already are among them, at most 10,000; of all together at most 100,000 are kept. Where there were more, a last line without a number of its own
/// says how many (`not_kept`).
#[utoipa::path(get, path = "/agent-api/user/{user_id}/task/{task_id}/number-import/{import_id}/refused", tag = "number",
    operation_id = "number_import_refused_rows", params(ImportPath, SubUserQuery),
    responses((status = 200, body = String, content_type = "text/csv", description = "The rows that were not taken.")))]
pub(crate) async fn refused(request: AccountRequest<ImportOfTask>) -> Result<Response, Problem> {
    let ImportOfTask { task, import } = request.id;
    let found = numbers::get_import(&mut request.read().await?, request.account, task, import).await?;
    expect_whole_numbers(&request)?;
    let not_kept = found.counts.not_kept();
    Ok(refused::answer(request.api.clone(), &request.caller, found.id, not_kept))
}
