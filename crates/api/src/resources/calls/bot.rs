//! What a bot asks of its call, in the words of Twilio's REST interface (API version 2010-04-01): a bot that was written for Twilio hangs up
//! and moves its call with the address alone changed. It proves itself by the token that its stream brought, which ends with the call.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::Response,
    routing::{any, get},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use domain::{AccountId, AnsweredBy, Answerer, AttemptId, CallInstruction, OpenAttempt, StepLabel};
use http::{StatusCode, header, request::Parts};
use jiff::{Timestamp, fmt::rfc2822, tz::TimeZone};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use store::dialing;
use uuid::Uuid;

use super::control::{ask, has_step, is_transferred};
use crate::{
    Api,
    http::{allowance, envelope::OwnForm, problem::Problem},
    resources::prompts::hexadecimal,
};

/// How far a call is whose token somebody has: that comes with the answer, which may not be written down yet.
const TALKING: &str = "in-progress";

/// The most bytes of a form.
const LARGEST_FORM: usize = 16 * 1024;

/// The routes.
pub(crate) fn routes() -> Router<Api> {
    Router::new()
        .route("/2010-04-01/Accounts/{account_sid}/Calls/{call_sid}", get(fetch).post(update))
        .route("/2010-04-01/Accounts/{account_sid}/Calls.json", any(async || refusal(&CREATE)))
}

/// An error as Twilio writes it.
struct TwilioError {
    status: StatusCode,
    code: u32,
    message: &'static str,
}

const NOT_FOUND: TwilioError = TwilioError {
    status: StatusCode::NOT_FOUND,
    code: 20_404,
    message: "The requested resource was not found",
};
const STRANGER: TwilioError =
    TwilioError { status: StatusCode::UNAUTHORIZED, code: 20_003, message: "Authenticate" };
const TOO_MANY: TwilioError =
    TwilioError { status: StatusCode::TOO_MANY_REQUESTS, code: 20_429, message: "Too Many Requests" };
const CREATE: TwilioError = TwilioError {
    status: StatusCode::FORBIDDEN,
    code: 20_403,
    message: "Calls are placed by tasks alone: add a number to one",
};
const BAD_FORM: TwilioError =
    TwilioError { status: StatusCode::BAD_REQUEST, code: 20_001, message: "The form cannot be read" };
const BAD_STATUS: TwilioError = TwilioError {
    status: StatusCode::BAD_REQUEST,
    code: 21_219,
    message: "Status can be set to completed or canceled alone",
};
const BAD_URL: TwilioError = TwilioError {
    status: StatusCode::BAD_REQUEST,
    code: 21_205,
    message: "The last part of Url is not the label of a step of the call's script",
};
const TRANSFERRED: TwilioError = TwilioError {
    status: StatusCode::BAD_REQUEST,
    code: 21_220,
    message: "The callee is being connected with someone else, or is",
};
const NO_MARKUP: TwilioError = TwilioError {
    status: StatusCode::BAD_REQUEST,
    code: 21_218,
    message: "Twiml is not understood; name a step of the script by Url",
};
const BROKEN: TwilioError = TwilioError {
    status: StatusCode::SERVICE_UNAVAILABLE,
    code: 20_503,
    message: "The service is unavailable",
};

/// A call.
async fn fetch(State(api): State<Api>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match proved(&api, &parts).await {
        Ok(call) => resource(&call, TALKING),
        Err(refused) => refusal(refused),
    }
}

/// Ends a call, or has it go on elsewhere.
async fn update(State(api): State<Api>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match change(&api, &parts, body).await {
        Ok(response) => response,
        Err(refused) => refusal(refused),
    }
}

async fn change(api: &Api, parts: &Parts, body: Body) -> Result<Response, &'static TwilioError> {
    let call = proved(api, parts).await?;
    let body = axum::body::to_bytes(body, LARGEST_FORM).await.map_err(|_| &BAD_FORM)?;
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let mut tx = api.store.begin_for(call.account_id.uuid()).await.map_err(|_| &BROKEN)?;
    let (control, status) = match (field("Status"), field("Url"), field("Twiml")) {
        (Some("completed" | "canceled"), ..) => (CallInstruction::HangUp { by_bot: true }, "completed"),
        (Some(_), ..) => return Err(&BAD_STATUS),
        (None, Some(url), _) => {
            let step = StepLabel::parse(last_part(url)).map_err(|_| &BAD_URL)?;
            if !has_step(&mut tx, &call, &step).await.map_err(|_| &BROKEN)? {
                return Err(&BAD_URL);
            }
            if is_transferred(&call) {
                return Err(&TRANSFERRED);
            }
            (CallInstruction::GoTo { step }, TALKING)
        }
        (None, None, Some(_)) => return Err(&NO_MARKUP),
        (None, None, None) => return Ok(resource(&call, TALKING)),
    };
    ask(api, &mut tx, &call, &control).await.map_err(|problem| match problem {
        Problem::TooManyRequests { .. } => &TOO_MANY,
        _ => &BROKEN,
    })?;
    tx.commit().await.map_err(|_| &BROKEN)?;
    Ok(resource(&call, status))
}

/// What follows the last slash of an address, without its query.
fn last_part(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

/// The call that the path names, if who asks has its token.
async fn proved(api: &Api, parts: &Parts) -> Result<OpenAttempt, &'static TwilioError> {
    let (account, call) = named(parts.uri.path()).ok_or(&NOT_FOUND)?;
    let token = token_of(parts).ok_or(&STRANGER)?;
    let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
    let peer = allowance::peer(&parts.extensions);
    api.allowances.look_up(peer, &hash).map_err(|_| &TOO_MANY)?;
    let mut read = api.store.read().await.map_err(|_| &BROKEN)?;
    let found = dialing::open_attempt(&mut read, account, call).await.map_err(|error| match error {
        store::Error::NotFound(_) => &NOT_FOUND,
        _ => &BROKEN,
    })?;
    let is_right = found.bot_token_sha256.as_deref() == Some(&hexadecimal(&hash));
    if !is_right {
        return Err(&STRANGER);
    }
    api.allowances.was_good(hash);
    Ok(found)
}

/// Account and call of a path.
fn named(path: &str) -> Option<(AccountId, AttemptId)> {
    let mut parts = path.rsplit('/');
    let call = parts.next()?;
    let account = parts.nth(1)?;
    let call = call.strip_suffix(".json").unwrap_or(call);
    let id = |sid: &str, prefix: &str| Uuid::try_parse(sid.strip_prefix(prefix)?).ok();
    Some((AccountId::new(id(account, "AC")?), AttemptId::new(id(call, "CA")?)))
}

/// The password of Basic authentication.
fn token_of(parts: &Parts) -> Option<String> {
    let header = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let encoded = header.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    Some(decoded.split_once(':')?.1.to_owned())
}

fn resource(call: &OpenAttempt, status: &str) -> Response {
    let sid = format!("CA{}", call.id.uuid().simple());
    let account = format!("AC{}", call.account_id.uuid().simple());
    let date = |at: Timestamp| rfc2822::to_string(&at.to_zoned_datetime(TimeZone::UTC)).ok();
    let (to, from) = (format!("+{}", call.number.e164), call.caller_id.clone().unwrap_or_default());
    let uri = format!("/2010-04-01/Accounts/{account}/Calls/{sid}.json");
    let started = call.milestones.answered_at.unwrap_or(call.dialed_at);
    let body = json!({
        "sid": sid, "account_sid": account, "parent_call_sid": null, "phone_number_sid": null, "group_sid": null,
        "trunk_sid": "", "to": to, "to_formatted": to, "from": from, "from_formatted": from, "caller_name": null,
        "forwarded_from": null, "answered_by": call.milestones.answerer.map(answered_by), "direction": "outbound-api", "api_version": "2010-04-01",
        "status": status, "date_created": date(call.dialed_at), "date_updated": date(started),
        "start_time": date(started), "end_time": null, "duration": null, "price": null, "price_unit": "USD",
        "queue_time": "0", "annotation": null, "uri": uri, "subresource_uris": {},
    });
    answer(StatusCode::OK, &body)
}

/// Who answered, as Twilio's detection of machines calls it.
const fn answered_by(answerer: Answerer) -> &'static str {
    match (answerer.by, answerer.beep_after) {
        (AnsweredBy::Human, _) => "human",
        (AnsweredBy::Machine, None) => "machine_start",
        (AnsweredBy::Machine, Some(_)) => "machine_end_beep",
        (AnsweredBy::Unsure, _) => "unknown",
    }
}

#[derive(Serialize)]
struct TwilioErrorBody<'r> {
    code: u32,
    message: &'r str,
    more_info: String,
    status: u16,
}

fn refusal(refused: &TwilioError) -> Response {
    let TwilioError { status, code, message } = *refused;
    let more_info = format!("https://www.twilio.com/docs/errors/{code}");
    let body = TwilioErrorBody { code, message, more_info, status: status.as_u16() };
    let mut response = answer(status, &serde_json::to_value(body).unwrap_or(Value::Null));
    if status == StatusCode::UNAUTHORIZED {
        let challenge = header::HeaderValue::from_static("Basic realm=\"Dialtime call\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response.extensions_mut().insert(OwnForm);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sids_are_ids_in_another_form() {
        let (account, call) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let path = format!("/2010-04-01/Accounts/AC{}/Calls/CA{}.json", account.simple(), call.simple());
        assert_eq!(named(&path), Some((AccountId::new(account), AttemptId::new(call))));
        for bad in ["", "/a/b/c", "/2010-04-01/Accounts/AC1/Calls/CA2.json"] {
            assert_eq!(named(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_url_names_a_step_by_its_last_part() {
        for url in ["goodbye", "https://bot.example.com/steps/goodbye?x=1", "/goodbye#there"] {
            assert_eq!(last_part(url), "goodbye", "{url}");
        }
    }
}
