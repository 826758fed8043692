//! A bucket of a service that speaks S3, for recordings that have ended. Keys are made of ids alone, as in a folder.

use std::{fmt, fs::File, io, ops::Range, sync::Arc, time::Duration};

use bytes::Bytes;
use domain::{AccountId, AttemptId};
use futures_util::{StreamExt, stream::BoxStream};
use object_store::{
    BackoffConfig, ClientOptions, GetOptions, ObjectStore, ObjectStoreExt, RetryConfig, aws::AmazonS3Builder,
    buffered::BufWriter, path::Path,
};
use tokio::io::AsyncWriteExt;

/// How long the service may take to take a connection, and to answer or send the next piece of an answer.
const CONNECTING: Duration = Duration::from_secs(5);
const ANSWERING: Duration = Duration::from_secs(30);

/// How long a whole request may take: a part of a recording is sent within this, or the recording is sent again.
const REQUEST: Duration = Duration::from_mins(2);

/// How often a request is repeated before it has failed. Whoever sends recordings tries again anyway.
const RETRIES: usize = 2;

/// How much of a recording is in memory while it is sent, and the size of its parts: one that is shorter goes in one request. S3 takes no smaller
/// part than 5 MiB.
const PART: usize = 8 * 1024 * 1024;

/// A bucket, or the part of one below a prefix. Cheap to clone.
#[derive(Clone)]
pub struct RecordingBucket {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl RecordingBucket {
    /// The bucket of this name. How its service is reached, and as whom, is said by the environment's `AWS_...` variables, as for other programs
    /// that use S3: `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_ALLOW_HTTP` and so on.
    ///
    /// # Errors
    /// They make no sense.
    pub fn from_environment(name: &str, prefix: &str) -> io::Result<Self> {
        // One that was installed already serves as well.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let options = ClientOptions::new()
            .with_connect_timeout(CONNECTING)
            .with_read_timeout(ANSWERING)
            .with_timeout(REQUEST);
        let retry =
            RetryConfig { backoff: BackoffConfig::default(), max_retries: RETRIES, retry_timeout: REQUEST };
        // The options come first: the environment's `AWS_ALLOW_HTTP` is one.
        let builder = std::env::vars_os()
            .filter_map(|(name, value)| name.into_string().ok().zip(value.into_string().ok()))
            .fold(AmazonS3Builder::new().with_client_options(options), with_variable);
        // One is deleted at a time, and not all services that speak S3 know how to delete many.
        let store =
            builder.with_bucket_name(name).with_disable_bulk_delete(true).with_retry(retry).build()?;
        Ok(Self { store: Arc::new(store), prefix: Path::parse(prefix).map_err(io::Error::other)? })
    }

    /// Sends the file of a recording; one that is there is replaced.
    ///
    /// # Errors
    /// The file cannot be read, or the bucket does not take it.
    pub async fn put(&self, account: AccountId, attempt: AttemptId, file: File) -> io::Result<()> {
        let mut file = tokio::fs::File::from_std(file);
        let mut writer = BufWriter::with_capacity(Arc::clone(&self.store), self.key(account, attempt), PART)
            .with_max_concurrency(1);
        match tokio::io::copy(&mut file, &mut writer).await {
            Ok(_) => writer.shutdown().await,
            Err(error) => {
                // Parts that were sent are no object, but cost money.
                let _ = writer.abort().await;
                Err(error)
            }
        }
    }

    /// Reads a part of a recording, piece by piece.
    ///
    /// # Errors
    /// It is not there, or the service does not answer.
    pub async fn read(
        &self,
        account: AccountId,
        attempt: AttemptId,
        part: Range<u64>,
    ) -> io::Result<BoxStream<'static, io::Result<Bytes>>> {
        let options = GetOptions { range: Some(part.into()), ..GetOptions::default() };
        let found = self.store.get_opts(&self.key(account, attempt), options).await?;
        Ok(found.into_stream().map(|piece| piece.map_err(io::Error::from)).boxed())
    }

    /// Deletes a recording; one that is not there is no fault.
    ///
    /// # Errors
    /// The service does not answer, or refuses.
    pub async fn delete(&self, account: AccountId, attempt: AttemptId) -> io::Result<()> {
        match self.store.delete(&self.key(account, attempt)).await {
            Err(object_store::Error::NotFound { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn key(&self, account: AccountId, attempt: AttemptId) -> Path {
        self.prefix.clone().join(account.to_string()).join(format!("{attempt}.wav"))
    }
}

impl fmt::Debug for RecordingBucket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RecordingBucket").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}

/// Takes a variable of the environment that is meant for S3; others are passed over.
fn with_variable(builder: AmazonS3Builder, (name, value): (String, String)) -> AmazonS3Builder {
    let key = name.starts_with("AWS_").then(|| name.to_ascii_lowercase().parse().ok()).flatten();
    match key {
        Some(key) => builder.with_config(key, value),
        None => builder,
    }
}
