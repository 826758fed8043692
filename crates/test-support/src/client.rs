//! An HTTP client that speaks as a partner does, and what it was answered.

use serde_json::{Value, json};

use crate::PATIENCE;

/// Speaks HTTP with one token. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Client {
    agent: ureq::Agent,
    base: String,
    authorization: Option<String>,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: ureq::http::HeaderMap,
    /// The body as it came.
    pub text: String,
    /// The body as JSON; a text where it is none.
    pub body: Value,
}

/// A file that came back.
#[derive(Clone, Debug)]
pub struct FileReply {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: ureq::http::HeaderMap,
    /// The file.
    pub bytes: Vec<u8>,
}

impl FileReply {
    /// A header as text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Reply {
    /// The business code.
    pub fn code(&self) -> i64 {
        self.body["code"].as_i64().unwrap()
    }

    /// The payload of a success; panics on anything else.
    pub fn data(&self) -> &Value {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!(self.body["status"], "success", "{}", self.body);
        &self.body["data"]
    }

    /// What the success says.
    pub fn message(&self) -> &str {
        self.data();
        self.body["message"].as_str().unwrap()
    }

    /// The items of a page, each by one of its members.
    pub fn column(&self, member: &str) -> Vec<Value> {
        self.data().as_array().unwrap().iter().map(|item| item[member].clone()).collect()
    }

    /// The `field`s of a 422 with their `rule`s, in order; panics on anything else.
    pub fn faults(&self) -> Vec<(&str, &str)> {
        assert_eq!(self.status, 422, "{}", self.body);
        assert_eq!((&self.body["code"], &self.body["status"]), (&json!(422), &json!("error")));
        let faults = self.body["data"].as_array().unwrap();
        let told = |fault: &Value| !fault["message"].as_str().unwrap().is_empty();
        assert!(faults.iter().all(told), "{}", self.body);
        faults
            .iter()
            .map(|fault| (fault["field"].as_str().unwrap(), fault["rule"].as_str().unwrap()))
            .collect()
    }

    /// A header as text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The `field`s of a 422, in order.
    pub fn faulty_fields(&self) -> Vec<&str> {
        let faults = self.body["data"].as_array().unwrap();
        faults.iter().map(|fault| fault["field"].as_str().unwrap()).collect()
    }
}

impl Client {
    /// A client of the server at `http://ADDRESS`.
    pub fn new(base: &str, token: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(PATIENCE))
            .allow_non_standard_methods(true)
            .max_idle_connections_per_host(64)
            .build();
        Self { agent: config.into(), base: base.to_owned(), authorization: Some(format!("Bearer {token}")) }
    }

    /// The token it speaks with; empty when it has none.
    pub fn token(&self) -> &str {
        self.authorization.as_deref().and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default()
    }

    /// The same token at another server.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// The same without, or with another, `Authorization` header.
    #[must_use]
    pub fn with_authorization(&self, authorization: Option<&str>) -> Self {
        Self { authorization: authorization.map(str::to_owned), ..self.clone() }
    }

    /// Sends anything; `body` as it is.
    ///
    /// # Errors
    /// The connection broke, or nothing came in time.
    pub fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Result<Reply, ureq::Error> {
        let request = self.request(method, path, headers);
        let mut response = match body {
            Some(body) => {
                let request = request.body(body.to_owned()).unwrap();
                self.agent.run(request)?
            }
            None => self.agent.run(request.body(()).unwrap())?,
        };
        // Files are no text.
        let text = String::from_utf8_lossy(&response.body_mut().read_to_vec()?).into_owned();
        let body = serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.clone()));
        Ok(Reply { status: response.status().as_u16(), headers: response.headers().clone(), text, body })
    }

    /// Sends anything; `body` as it is.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Reply {
        self.try_send(method, path, headers, body).unwrap()
    }

    /// Sends JSON, with more headers.
    pub fn json(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Reply {
        let headers = [headers, &[("Content-Type", "application/json")]].concat();
        self.send(method, path, &headers, Some(&body.to_string()))
    }

    /// Sends a file as it is, with more headers.
    pub fn upload(&self, method: &str, path: &str, headers: &[(&str, &str)], file: &[u8]) -> Reply {
        let request = self.request(method, path, headers).body(file).unwrap();
        let mut response = self.agent.run(request).unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        let body = serde_json::from_str(&text).unwrap_or_else(|_| Value::String(text.clone()));
        Reply { status: response.status().as_u16(), headers: response.headers().clone(), text, body }
    }

    /// Gets a file, with more headers.
    pub fn bytes(&self, path: &str, headers: &[(&str, &str)]) -> FileReply {
        let mut response = self.agent.run(self.request("GET", path, headers).body(()).unwrap()).unwrap();
        let bytes = response.body_mut().read_to_vec().unwrap();
        FileReply { status: response.status().as_u16(), headers: response.headers().clone(), bytes }
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> ureq::http::request::Builder {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request
    }

    /// Sends a GET.
    pub fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], None)
    }

    /// Sends a POST of JSON.
    pub fn post(&self, path: &str, body: &Value) -> Reply {
        self.json("POST", path, &[], body)
    }

    /// Sends a PUT of JSON.
    pub fn put(&self, path: &str, body: &Value) -> Reply {
        self.json("PUT", path, &[], body)
    }

    /// Sends a DELETE.
    pub fn delete(&self, path: &str) -> Reply {
        self.send("DELETE", path, &[], None)
    }
}
