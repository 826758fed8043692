//! A server in the test's own process, on a runtime of its own.

use std::{future::Future, net::SocketAddr, sync::Once, time::Duration};

use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
};

/// How long what a server still computes may take at its end; whatever waits is dropped where it is.
const SHUTDOWN: Duration = Duration::from_secs(1);

/// A server that runs beside the test, and ends with it as if it were killed: nothing that it waits for is waited for.
#[derive(Debug)]
pub struct Server {
    /// Its address, `http://127.0.0.1:PORT`.
    pub base: String,
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Server {
    /// Has a server answer on a loopback port. The port takes connections at once; they are answered when it is ready.
    pub fn start<F>(serve: impl FnOnce(TcpListener) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        log_to_standard_error();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.spawn(async move { serve(TcpListener::from_std(listener).unwrap()).await });
        Self { base: format!("http://{address}"), address, runtime: Some(runtime) }
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(SHUTDOWN);
        }
    }
}

/// So that a test that fails shows what its server said.
fn log_to_standard_error() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let filter = std::env::var("DIALTIME_LOG").unwrap_or_else(|_| "info".to_owned());
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
        let _ = log.with_writer(std::io::stderr).try_init();
    });
}
