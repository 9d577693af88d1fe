//! A response body that ends with an error when the request's time is over.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body::{Body as HttpBody, Frame, SizeHint};
use kube::client::Body;
use tokio::time::Sleep;
use tower::BoxError;

/// Wraps a body; without a limit it only passes on.
pub(crate) struct DeadlineBody {
    body: Body,
    end: Option<Pin<Box<Sleep>>>,
}

impl DeadlineBody {
    /// Starts the clock: `left` is what remains of the request's time.
    pub(crate) fn new(body: Body, left: Option<Duration>) -> Self {
        Self { body, end: left.map(|left| Box::pin(tokio::time::sleep(left))) }
    }
}

impl HttpBody for DeadlineBody {
    type Data = bytes::Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame.map(|frame| frame.map_err(BoxError::from)));
        }
        match self.end.as_mut().map(|end| end.as_mut().poll(context)) {
            Some(Poll::Ready(())) => Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::TimedOut).into()))),
            _ => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
