//! The one way that every request takes: credential, transport, deadline, warnings, request line.

use std::time::{Duration, Instant};

use http::header::AUTHORIZATION;
use http::{Request, Response, StatusCode, Uri};
use kube::client::Body;
use tower::BoxError;

use super::access::{Access, Pass};
use super::deadline::DeadlineBody;
use super::notice::{Notice, SeenWarnings, WarningSink};
use super::pace::Pace;

/// From this `-v` level on, each request is told on stderr, as kubectl does it.
const REQUEST_LINES: u8 = 6;

/// Sends requests for a client.
pub(crate) struct Gateway {
    pub access: Access,
    pub server: Uri,
    pub limit: Option<Duration>,
    pub verbosity: u8,
    pub notices: WarningSink,
    pub seen: SeenWarnings,
    pub pace: Pace,
}

impl Gateway {
    /// Makes the way that the requests of a client take.
    pub(crate) fn new(
        access: Access,
        (server, limit): (Uri, Option<Duration>),
        verbosity: u8,
        notices: WarningSink,
    ) -> Self {
        Self { access, server, limit, verbosity, notices, seen: SeenWarnings::default(), pace: Pace::default() }
    }

    /// Sends one request and passes on what its answer's head says.
    ///
    /// # Errors
    /// What [`super::classify`] makes a fault of.
    pub(crate) async fn forward(&self, request: Request<Body>) -> Result<Response<DeadlineBody>, BoxError> {
        self.pace.turn().await;
        let (method, uri, started) = (request.method().to_string(), request.uri().clone(), Instant::now());
        let answer = self.within_limit(request).await;
        let status = answer.as_ref().ok().map(|answer| answer.status().as_u16());
        if self.verbosity >= REQUEST_LINES {
            (self.notices)(Notice::Request { method, url: self.url(&uri), status, took: started.elapsed() });
        }
        let answer = answer?;
        self.seen.pass_on(answer.headers(), &self.notices);
        let left = self.limit.map(|limit| limit.saturating_sub(started.elapsed()));
        Ok(answer.map(|body| DeadlineBody::new(body, left)))
    }

    async fn within_limit(&self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        match self.limit {
            Some(limit) => tokio::time::timeout(limit, self.send(request)).await?,
            None => self.send(request).await,
        }
    }

    /// Repeats a request once if a plugin's credential was refused: it may have been withdrawn before its time.
    async fn send(&self, request: Request<Body>) -> Result<Response<Body>, BoxError> {
        let spare = if self.access.is_renewable() { duplicate(&request) } else { None };
        let pass = self.access.pass().await?;
        let answer = through(&pass, request).await?;
        match spare {
            Some(spare) if answer.status() == StatusCode::UNAUTHORIZED => {
                Ok(through(&self.access.renewed(&pass).await?, spare).await?)
            }
            _ => Ok(answer),
        }
    }

    fn url(&self, uri: &Uri) -> String {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        format!("{}{path}", self.server.to_string().trim_end_matches('/'))
    }
}

async fn through(pass: &Pass, mut request: Request<Body>) -> kube::Result<Response<Body>> {
    if let Some(authorization) = &pass.authorization {
        request.headers_mut().insert(AUTHORIZATION, authorization.clone());
    }
    pass.transport.send(request).await
}

fn duplicate(request: &Request<Body>) -> Option<Request<Body>> {
    let mut copy = Request::new(request.body().try_clone()?);
    *copy.method_mut() = request.method().clone();
    *copy.uri_mut() = request.uri().clone();
    *copy.headers_mut() = request.headers().clone();
    Some(copy)
}
