//! What a request must prove before a handler runs: a good token, an account that is the token's, ids of the right form, and a body
//! of the documented type.
//!
//! What belongs to someone else does not exist: 404, with the same body as for an unknown id.

use std::{net::IpAddr, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, Request},
};
use domain::{AccountId, FaultRule, Faults, PartnerId, TokenState};
use http::{HeaderMap, header, request::Parts};
use jiff::Timestamp;
use serde::Serialize;
use store::{
    Snapshot, Tx,
    audit::{Actor, Change},
    partners::Authority,
};
use uuid::Uuid;

use crate::{
    Api,
    http::{
        allowance,
        body::{FromValue, ParsedBody, bytes},
        byte_range::RangeHeaders,
        cache::{AccessClaim, CachedAnswer},
        claim_note::{ClaimNote, ProvenClaim},
        connection::Connection,
        envelope::{Answer, Outcome},
        idempotency_key::IdempotencyKey,
        if_match::IfMatch,
        language::Language,
        last_event_id::LastEventId,
        path::{AccountPath, FromPath, Path},
        permissions::Permission,
        problem::{Forbidden, Problem, TokenProblem},
        query::{Query, QueryParameters, SubUserQuery},
        query_names,
        representation::Accepted,
        secret::hash_token,
        settings::ApiSettings,
        upload::UploadTurn,
    },
};

/// Who asks, when, and how the answer shall be.
#[derive(Debug)]
pub(crate) struct Caller {
    pub(crate) partner: PartnerId,
    pub(crate) authority: Arc<Authority>,
    /// What the request proves; an answer that goes on proves it again.
    pub(crate) claim: AccessClaim,
    /// The state of the database when the request came, if the store can give it.
    pub(crate) snapshot: Option<Snapshot>,
    /// The present instant, one for the whole request.
    pub(crate) now: Timestamp,
    pub(crate) language: Language,
    /// The forms of an answer that it accepts.
    pub(crate) accepted: Accepted,
    /// The versions that a change is meant for.
    pub(crate) if_match: IfMatch,
    /// The part of a file that it wants.
    pub(crate) range: RangeHeaders,
    /// Where a client that follows events left off.
    pub(crate) last_event_id: Option<LastEventId>,
    pub(crate) idempotency_key: Option<IdempotencyKey>,
}

impl Caller {
    /// Who makes a change, and when: for the audit log.
    pub(crate) fn change(&self) -> Change {
        Change { actor: Actor::Token(self.authority.token.id), at: self.now }
    }

    /// Whose share of the database's connections it writes with: the account's that it acts for, else the partner's.
    pub(crate) fn acts_for(&self) -> Uuid {
        let AccessClaim { user, sub_user, .. } = self.claim;
        sub_user.or(user).map_or(self.partner.uuid(), AccountId::uuid)
    }
}

/// A request for something of the partner's.
pub(crate) struct PartnerRequest<B = NoBody> {
    pub(crate) api: Api,
    pub(crate) caller: Caller,
    pub(crate) path: Path,
    pub(crate) query: Query,
    pub(crate) body: B,
}

/// A request for something of an account's: the user's of the path, or its sub-user's when `sub_user_id` is given.
pub(crate) struct AccountRequest<I = (), B = NoBody> {
    pub(crate) api: Api,
    pub(crate) caller: Caller,
    /// The user (主账号) of the path.
    pub(crate) user: AccountId,
    /// The account to act on.
    pub(crate) account: AccountId,
    /// The id after it in the path.
    pub(crate) id: I,
    pub(crate) query: Query,
    pub(crate) body: B,
}

impl<I, B> AccountRequest<I, B> {
    /// Opens a write transaction.
    pub(crate) async fn begin(&self) -> Result<Tx, Problem> {
        Ok(self.api.store.begin_for(self.caller.acts_for()).await?)
    }

    /// Takes a connection for reading.
    pub(crate) async fn read(&self) -> Result<store::Read, Problem> {
        Ok(self.api.store.read().await?)
    }

    /// An answer that depends on the database alone: from the cache, or, if the database has changed since, from `read`.
    pub(crate) async fn cached<T: Serialize>(
        &self,
        subject: CachedAnswer,
        read: impl AsyncFnOnce(&mut store::Read) -> Result<Answer<T>, Problem>,
    ) -> Result<Outcome, Problem> {
        let snapshot = self.caller.snapshot;
        if let Some(answer) = self.api.cache.answer(snapshot, subject) {
            return Ok(answer);
        }
        let answer = read(&mut self.read().await?).await?.into();
        self.api.cache.store_answer(snapshot, subject, &answer);
        Ok(answer)
    }
}

/// A request that proves nothing: what it asks for is anyone's, or its path holds the proof.
pub(crate) struct OpenRequest {
    pub(crate) api: Api,
    /// The present instant, one for the whole request.
    pub(crate) now: Timestamp,
    pub(crate) language: Language,
    pub(crate) path: Path,
    pub(crate) query: Query,
    /// Whose connection it came on.
    pub(crate) peer: IpAddr,
    /// The part of a file that is wanted.
    pub(crate) range: RangeHeaders,
}

impl FromRequestParts<Api> for OpenRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let (language, path) = (Language::of(&parts.headers), Path::of(parts).await);
        let peer = allowance::peer(&parts.extensions);
        let (query, range) = (Query::of(&parts.uri), RangeHeaders::of(&parts.headers));
        Ok(Self { api: api.clone(), now: api.clock.now(), language, path, query, peer, range })
    }
}

/// A body of the type that a handler wants.
pub(crate) trait FromBody: Sized + Send {
    /// The most bytes of it.
    fn limit(settings: &ApiSettings) -> usize {
        settings.body_limit
    }

    fn from_body(document: Result<ParsedBody, Problem>) -> Result<Self, Problem>;

    /// Whether it is a file, and no document.
    const IS_FILE: bool = false;

    /// Whether it is a file that may take long to come, and is read by the handler.
    const IS_STREAM: bool = false;

    /// The body where it is read by the handler.
    fn from_stream(_headers: &HeaderMap, _body: Body, _turn: UploadTurn) -> Result<Self, Problem> {
        Err(Problem::UnsupportedMediaType)
    }

    /// The body where it is a file.
    fn from_file(_headers: &HeaderMap, _bytes: Bytes, _turn: UploadTurn) -> Result<Self, Problem> {
        Err(Problem::UnsupportedMediaType)
    }
}

/// A body that has come whole: a document, or a file with its place among the uploads.
struct ReceivedBody {
    bytes: Bytes,
    document: Result<ParsedBody, Problem>,
    turn: Option<UploadTurn>,
}

impl ReceivedBody {
    async fn of<B: FromBody>(api: &Api, headers: &HeaderMap, body: Body) -> Result<Self, Problem> {
        let turn = if B::IS_FILE { Some(api.uploads.turn()?) } else { None };
        let bytes = bytes::read(body, B::limit(&api.settings)).await?;
        let document = if B::IS_FILE { Ok(ParsedBody::nothing()) } else { ParsedBody::read(headers, &bytes) };
        Ok(Self { bytes, document, turn })
    }

    /// What a handler wants of it.
    fn read<B: FromBody>(self, headers: &HeaderMap) -> Result<B, Problem> {
        match self.turn {
            None => B::from_body(self.document),
            Some(turn) => B::from_file(headers, self.bytes, turn),
        }
    }
}

/// No body is wanted; nothing of what is sent is used but the sub-user of an account's request.
pub(crate) struct NoBody;

impl FromBody for NoBody {
    fn from_body(document: Result<ParsedBody, Problem>) -> Result<Self, Problem> {
        document.map(|_| Self)
    }
}

/// No body is wanted, and whatever it says is refused by name, but for the sub-user of an account's request: for operations of our own, where a misspelt
/// name could have them act on another account's things.
pub(crate) struct EmptyBody;

impl FromBody for EmptyBody {
    fn from_body(document: Result<ParsedBody, Problem>) -> Result<Self, Problem> {
        document?.refuse_all()?;
        Ok(Self)
    }
}

/// A body, as JSON or as a form, and what is wrong with its fields' types: answered together with all else that is wrong.
pub(crate) struct Json<T> {
    body: T,
    faults: Faults,
}

impl<T> Json<T> {
    /// The body, with the faults that it already has.
    pub(crate) fn into_parts(self) -> (T, Faults) {
        (self.body, self.faults)
    }
}

impl<T: FromValue + Send> FromBody for Json<T> {
    fn from_body(document: Result<ParsedBody, Problem>) -> Result<Self, Problem> {
        let (body, faults) = document?.into_type()?;
        Ok(Self { body, faults })
    }
}

impl<I, T> AccountRequest<I, Json<T>> {
    /// The body with the faults that it already has, and the request without it.
    pub(crate) fn take_body(self) -> (T, Faults, AccountRequest<I>) {
        let (body, request) = self.apart();
        let (body, faults) = body.into_parts();
        (body, faults, request)
    }
}

impl<I, B> AccountRequest<I, B> {
    /// The body, and the request without it.
    pub(crate) fn apart(self) -> (B, AccountRequest<I>) {
        let Self { api, caller, user, account, id, query, body } = self;
        (body, AccountRequest { api, caller, user, account, id, query, body: NoBody })
    }
}

impl<B: FromBody> FromRequest<Api> for PartnerRequest<B> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let proof = Proof::of_headers(api, &parts, None, None).await?;
        let received = ReceivedBody::of::<B>(api, &parts.headers, body).await?;
        proof.permission.check(&proof.authority.token)?;
        let caller = proof.caller(api, &parts, &received.bytes)?;
        let (path, query) = (Path::of(&mut parts).await, Query::of(&parts.uri));
        Ok(Self { api: api.clone(), caller, path, query, body: received.read(&parts.headers)? })
    }
}

impl<I: FromPath, B: FromBody> FromRequest<Api> for AccountRequest<I, B> {
    type Rejection = Problem;

    async fn from_request(request: Request, api: &Api) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let (path, query) = (Path::of(&mut parts).await, Query::of(&parts.uri));
        let mut faults = Faults::default();
        let AccountPath { user, id } = AccountPath::<I>::read(&path, &mut faults);
        let in_query = SubUserQuery::read(&query, &mut faults).sub_user_id.map(AccountId::new);
        let mut proof = Proof::of_headers(api, &parts, user, in_query).await?;
        if B::IS_STREAM {
            // What takes long to come is refused before it does.
            proof.permission.check(&proof.authority.token)?;
            let (user, id) = faults.finish(user.zip(id))?;
            proof.check_accounts()?;
            let caller = proof.caller(api, &parts, &Bytes::new())?;
            parts.extensions.get::<Connection>().into_iter().for_each(Connection::be_patient);
            let body = B::from_stream(&parts.headers, body, api.import_uploads.turn()?)?;
            return Ok(Self {
                api: api.clone(),
                caller,
                user,
                account: in_query.unwrap_or(user),
                id,
                query,
                body,
            });
        }
        let mut received = ReceivedBody::of::<B>(api, &parts.headers, body).await?;
        proof.permission.check(&proof.authority.token)?;
        // Faults in the rest of the body are noted when a handler's type is read from it.
        let in_body =
            received.document.as_mut().ok().and_then(|document| document.take_sub_user(&mut faults));
        let sub_user = the_one_sub_user(in_query, in_body, &mut faults);
        proof.extend_to(api, sub_user).await?;
        let (user, id) = faults.finish(user.zip(id))?;
        proof.check_accounts()?;
        let caller = proof.caller(api, &parts, &received.bytes)?;
        let body = received.read(&parts.headers)?;
        Ok(Self { api: api.clone(), caller, user, account: sub_user.unwrap_or(user), id, query, body })
    }
}

/// `sub_user_id` may be in the query or in the body; in both, it must be the same.
fn the_one_sub_user(
    in_query: Option<AccountId>,
    in_body: Option<AccountId>,
    faults: &mut Faults,
) -> Option<AccountId> {
    if in_query.zip(in_body).is_some_and(|(query, body)| query != body) {
        faults.add("sub_user_id", FaultRule::Differs("query.sub_user_id"));
    }
    in_query.or(in_body)
}

/// What the headers of a request prove: a good token, and whether the accounts it names are the token's. The body is read only
/// after that, so that strangers cannot make this program hold one.
struct Proof {
    /// What the operation asks of the token. It is checked once the body is read, so that the connection stays usable.
    permission: Permission,
    claim: AccessClaim,
    authority: Arc<Authority>,
    snapshot: Option<Snapshot>,
}

impl Proof {
    /// Finds out who asks. The token comes first, so that nobody learns anything without one.
    async fn of_headers(
        api: &Api,
        parts: &Parts,
        user: Option<AccountId>,
        sub_user: Option<AccountId>,
    ) -> Result<Self, Problem> {
        let secret = bearer(&parts.headers).map_err(Problem::Token)?;
        let is_clock_apart = api.lifecycle.clock_difference.too_far().is_some();
        if is_clock_apart && !Permission::is_answered_whatever_the_clock(parts) {
            return Err(Problem::ClockApart);
        }
        let snapshot = api.store.snapshot();
        let claim = AccessClaim { token: hash_token(secret), user, sub_user };
        api.allowances.look_up(allowance::peer(&parts.extensions), &claim.token.0)?;
        let authority = authority(api, snapshot, claim).await?;
        api.allowances.was_good(claim.token.0);
        check_token(&authority, api.now())?;
        let token = &authority.token;
        tracing::Span::current().record("partner", tracing::field::display(token.partner_id));
        limit_rate(api, token.partner_id)?;
        api.token_uses.note(token.id, api.now());
        let permission = Permission::of_request(parts)?;
        query_names::refuse_unknown(parts)?;
        Ok(Self { permission, claim, authority, snapshot })
    }

    /// Looks up a sub-user that only the body names.
    async fn extend_to(&mut self, api: &Api, sub_user: Option<AccountId>) -> Result<(), Problem> {
        if sub_user != self.claim.sub_user {
            self.claim.sub_user = sub_user;
            self.authority = authority(api, self.snapshot, self.claim).await?;
        }
        Ok(())
    }

    /// Refuses accounts that are not the token's, and those that are disabled.
    fn check_accounts(&self) -> Result<(), Problem> {
        check_accounts(&self.authority, &self.claim, self.permission)
    }

    /// Who asks, at the instant at which the request is complete: its body may have come slowly.
    fn caller(self, api: &Api, parts: &Parts, body: &Bytes) -> Result<Caller, Problem> {
        let now = api.now();
        check_token(&self.authority, now)?;
        let Self { permission, claim, snapshot, .. } = self;
        ClaimNote::leave(&parts.extensions, ProvenClaim { permission, claim, snapshot });
        Ok(Caller {
            partner: self.authority.token.partner_id,
            authority: self.authority,
            snapshot: self.snapshot,
            now,
            language: Language::of(&parts.headers),
            accepted: Accepted::of(&parts.headers),
            range: RangeHeaders::of(&parts.headers),
            last_event_id: LastEventId::of(&parts.headers),
            claim: self.claim,
            if_match: IfMatch::of(&parts.headers),
            idempotency_key: IdempotencyKey::of(parts, body)?,
        })
    }
}

/// Proves once more what a request proved when it came; `now` is the present state of the database.
pub(crate) async fn prove_again(
    api: &Api,
    now: Option<Snapshot>,
    proven: &ProvenClaim,
) -> Result<(), Problem> {
    let authority = authority(api, now, proven.claim).await?;
    check_token(&authority, api.now())?;
    proven.permission.check(&authority.token)?;
    check_accounts(&authority, &proven.claim, proven.permission)
}

/// Whether what a request proved when it came still holds.
pub(crate) async fn still_holds(api: &Api, claim: &AccessClaim) -> bool {
    let authority = authority(api, api.store.snapshot(), *claim).await;
    authority.is_ok_and(|authority| {
        check_token(&authority, api.clock.now()).is_ok() && owns_accounts(&authority, claim)
    })
}

/// Whether the accounts that a request named when it came are there and still the token's.
pub(crate) async fn owns_still(api: Api, claim: AccessClaim) -> bool {
    let authority = authority(&api, api.store.snapshot(), claim).await;
    authority.is_ok_and(|authority| owns_accounts(&authority, &claim))
}

fn check_token(authority: &Authority, now: Timestamp) -> Result<(), Problem> {
    match authority.token.state_at(now) {
        TokenState::Valid if authority.partner_disabled => Err(Problem::Token(TokenProblem::PartnerDisabled)),
        TokenState::Valid => Ok(()),
        TokenState::Expired => Err(Problem::Token(TokenProblem::Expired)),
        TokenState::Revoked => Err(Problem::Token(TokenProblem::Revoked)),
    }
}

/// Refuses accounts that are not the token's, and those that are disabled.
fn check_accounts(authority: &Authority, claim: &AccessClaim, permission: Permission) -> Result<(), Problem> {
    if !owns_accounts(authority, claim) {
        Err(Problem::NotFound)
    } else if authority.account_disabled && !permission.while_disabled() {
        Err(Problem::Forbidden(Forbidden::AccountDisabled))
    } else {
        Ok(())
    }
}

/// Whether the user and the sub-user, as far as they are named, are the token's.
fn owns_accounts(authority: &Authority, claim: &AccessClaim) -> bool {
    (claim.user.is_none() || authority.owns_user) && (claim.sub_user.is_none() || authority.owns_sub_user)
}

async fn authority(api: &Api, now: Option<Snapshot>, claim: AccessClaim) -> Result<Arc<Authority>, Problem> {
    if let Some(authority) = api.cache.authority(now, &claim) {
        return Ok(authority);
    }
    let AccessClaim { token, user, sub_user } = &claim;
    let read = &mut api.store.read().await?;
    let authority = store::partners::authority(read, token, *user, *sub_user).await?;
    let authority = Arc::new(authority.ok_or(Problem::Token(TokenProblem::Unknown))?);
    api.cache.store_authority(now, claim, &authority);
    Ok(authority)
}

fn bearer(headers: &HeaderMap) -> Result<&str, TokenProblem> {
    let header = headers.get(header::AUTHORIZATION).ok_or(TokenProblem::Missing)?;
    let text = header.to_str().map_err(|_| TokenProblem::Malformed)?;
    let (scheme, secret) = text.split_once(' ').ok_or(TokenProblem::Malformed)?;
    let secret = secret.trim();
    if scheme.eq_ignore_ascii_case("bearer") && !secret.is_empty() && !secret.contains(' ') {
        Ok(secret)
    } else {
        Err(TokenProblem::Malformed)
    }
}

fn limit_rate(api: &Api, partner: PartnerId) -> Result<(), Problem> {
    api.rate.as_ref().map_or(Ok(()), |rate| allowance::check(rate, &partner))
}
