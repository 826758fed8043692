//! Routes of resources: which handler answers where, and what the API document says of it.
//!
//! What the document says is made when somebody asks for it. It is far more work than the routes themselves, and most servers run without
//! anyone reading it.

use axum::{
    Router,
    routing::{MethodFilter, MethodRouter},
};
use utoipa::{
    __dev::{SchemaReferences, Tags},
    Path,
    openapi::{HttpMethod, OpenApi, RefOr, Schema, path::Operation},
};

use super::handler::BoxedHandler;
use crate::Api;

/// Schemas that operations refer to, by their names.
type NamedSchemas = Vec<(String, RefOr<Schema>)>;

/// A handler, where it answers, and its documentation.
pub(crate) struct DocumentedRoute {
    handler: BoxedHandler,
    path: String,
    methods: Vec<HttpMethod>,
    operation: fn() -> Operation,
    add_schemas: fn(&mut NamedSchemas),
}

impl DocumentedRoute {
    /// What `P`, which `#[utoipa::path]` makes beside a handler, says of it.
    pub(crate) fn of<P: Path + SchemaReferences + for<'t> Tags<'t>>(handler: BoxedHandler) -> Self {
        Self {
            handler,
            path: P::path(),
            methods: P::methods(),
            operation: operation::<P>,
            add_schemas: P::schemas,
        }
    }
}

fn operation<P: Path + for<'t> Tags<'t>>() -> Operation {
    let mut operation = P::operation();
    let tags = P::tags().into_iter().map(ToOwned::to_owned);
    operation.tags.get_or_insert_default().extend(tags);
    operation
}

/// An operation: its method, its path, and what makes its documentation.
pub(crate) type DocumentedOperation<'r> = (&'static str, &'r str, fn() -> Operation);

/// The routes of some resources.
#[derive(Default)]
pub(crate) struct Routes {
    documented: Vec<DocumentedRoute>,
    others: Vec<(&'static str, MethodRouter<Api>)>,
}

impl Routes {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// These, too: what [`routes!`](routes) makes.
    pub(crate) fn routes<const COUNT: usize>(mut self, routes: [DocumentedRoute; COUNT]) -> Self {
        self.documented.extend(routes);
        self
    }

    /// All of another resource, too.
    pub(crate) fn merge(mut self, more: Self) -> Self {
        self.documented.extend(more.documented);
        self.others.extend(more.others);
        self
    }

    /// One that the document does not name, too.
    pub(crate) fn undocumented(mut self, path: &'static str, methods: MethodRouter<Api>) -> Self {
        self.others.push((path, methods));
        self
    }

    /// What answers at all of them.
    pub(crate) fn router(&self) -> Router<Api> {
        let documented = self.documented.iter().fold(Router::new(), |router, route| {
            let on_method = |methods: MethodRouter<Api>, method| methods.on(filter(method), route.handler);
            router.route(&route.path, route.methods.iter().fold(MethodRouter::new(), on_method))
        });
        self.others.iter().fold(documented, |router, (path, methods)| router.route(path, methods.clone()))
    }

    /// The documented operations, in their order.
    pub(crate) fn operations(&self) -> impl Iterator<Item = DocumentedOperation<'_>> {
        self.documented.iter().flat_map(|route| {
            route.methods.iter().map(|method| (name(method), route.path.as_str(), route.operation))
        })
    }

    /// Adds them, and the schemas that they refer to, to a document.
    pub(crate) fn describe(&self, document: &mut OpenApi) {
        let mut schemas = NamedSchemas::new();
        for route in &self.documented {
            (route.add_schemas)(&mut schemas);
            document.paths.add_path_operation(&route.path, route.methods.clone(), (route.operation)());
        }
        document.components.get_or_insert_default().schemas.extend(schemas);
    }
}

const fn filter(method: &HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Get => MethodFilter::GET,
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Delete => MethodFilter::DELETE,
        HttpMethod::Options => MethodFilter::OPTIONS,
        HttpMethod::Head => MethodFilter::HEAD,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Trace => MethodFilter::TRACE,
    }
}

const fn name(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "GET",
        HttpMethod::Put => "PUT",
        HttpMethod::Post => "POST",
        HttpMethod::Delete => "DELETE",
        HttpMethod::Options => "OPTIONS",
        HttpMethod::Head => "HEAD",
        HttpMethod::Patch => "PATCH",
        HttpMethod::Trace => "TRACE",
    }
}

/// [`DocumentedRoute`]s, by the names of their handlers' functions, here or in a module below.
macro_rules! routes {
    (@of [$($route:expr,)*]) => { [$($route,)*] };
    (@of [$($route:expr,)*] $handler:ident $(, $($rest:tt)*)?) => {
        pastey::paste! {
            routes!(@of [
                $($route,)*
                $crate::http::routes::DocumentedRoute::of::<[<__path_ $handler>]>($crate::http::handler::boxed($handler)),
            ] $($($rest)*)?)
        }
    };
    (@of [$($route:expr,)*] $module:ident :: $handler:ident $(, $($rest:tt)*)?) => {
        pastey::paste! {
            routes!(@of [
                $($route,)*
                $crate::http::routes::DocumentedRoute::of::<$module::[<__path_ $handler>]>($crate::http::handler::boxed($module::$handler)),
            ] $($($rest)*)?)
        }
    };
    ($($handlers:tt)+) => { routes!(@of [] $($handlers)+) };
}
pub(crate) use routes;
