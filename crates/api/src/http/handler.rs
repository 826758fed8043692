//! Handlers of resources, made into one type as they are registered.
//!
//! Else the compiler would make axum's machinery anew for each of them, and prove many times over of everything that a handler awaits
//! that it may be sent to another thread: that took more than half of the time that this crate was compiled in.

use std::pin::Pin;

use axum::{
    extract::{FromRequest, Request},
    handler::Handler,
    response::{IntoResponse, Response},
};

use crate::Api;

type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// A handler of any request.
#[derive(Clone, Copy)]
pub(crate) struct BoxedHandler(&'static (dyn Fn(Request, Api) -> Answering + Send + Sync));

impl Handler<(), Api> for BoxedHandler {
    type Future = Answering;

    fn call(self, request: Request, api: Api) -> Answering {
        (self.0)(request, api)
    }
}

/// Makes a handler's function, of one argument or a tuple, into one that takes any request. What is leaked has no size: a function that is known
/// by its type alone.
pub(crate) fn boxed<H, A, M, F, R>(handler: H) -> BoxedHandler
where
    H: Fn(A) -> F + Copy + Send + Sync + 'static,
    A: FromRequest<Api, M> + Send,
    F: Future<Output = R> + Send,
    R: IntoResponse,
{
    const { assert!(size_of::<H>() == 0, "a function, not a closure that holds something") };
    let answer = move |request, api| -> Answering {
        Box::pin(async move {
            let taken = match A::from_request(request, &api).await {
                Ok(taken) => taken,
                Err(refusal) => return refusal.into_response(),
            };
            handler(taken).await.into_response()
        })
    };
    BoxedHandler(Box::leak(Box::new(answer)))
}
