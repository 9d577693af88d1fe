//! What went wrong below HTTP: connections, certificates, bodies that stop.

use std::error::Error;
use std::io;
use std::time::Duration;

use super::ListFault;
use super::fault::Setback;
use super::tries::Trouble;

/// Judges why a request got no answer within `waited`.
pub fn no_answer(error: &(dyn Error + 'static), waited: Duration) -> Trouble {
    let why = explanation(error);
    if causes(error).any(is_untrusted) {
        return Trouble::Final(ListFault::CertificateUntrusted { why });
    }
    if is_stalled(error) {
        return Trouble::Final(ListFault::TimedOut { after: waited });
    }
    let unreachable = ListFault::Unreachable { why };
    if causes(error).any(is_broken) { Trouble::Broken(unreachable) } else { Trouble::Final(unreachable) }
}

/// Whether a connection broke before the first byte of an answer, and may not break again.
pub fn is_broken_connection(error: &(dyn Error + 'static)) -> bool {
    matches!(no_answer(error, Duration::ZERO), Trouble::Broken(_))
}

/// Judges why the body of an answer stopped after `waited`.
pub fn stopped_body(error: &(dyn Error + 'static), waited: Duration) -> Setback {
    if is_stalled(error) {
        return Setback::Final(ListFault::TimedOut { after: waited });
    }
    Setback::Cut { why: explanation(error) }
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

/// An I/O error hides the error that it was made from: its `source` is already the next one.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>() {
        Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    }
}

fn is_untrusted(error: &(dyn Error + 'static)) -> bool {
    matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)))
}

/// A connection that cannot be made in time is unreachable; one that was made and is silent has stalled.
fn is_stalled(error: &(dyn Error + 'static)) -> bool {
    let is_connect = |error: &hyper_util::client::legacy::Error| error.is_connect();
    let connecting = causes(error).any(|error| error.downcast_ref().is_some_and(is_connect));
    let timed_out = |error: &io::Error| error.kind() == io::ErrorKind::TimedOut;
    // The connection's own bound on a request ends in `Elapsed`.
    let late = |error: &(dyn Error + 'static)| {
        error.is::<tokio::time::error::Elapsed>() || error.downcast_ref().is_some_and(timed_out)
    };
    !connecting && causes(error).any(late)
}

fn is_broken(error: &(dyn Error + 'static)) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, UnexpectedEof};
    if let Some(error) = error.downcast_ref::<hyper::Error>() {
        return error.is_incomplete_message() || error.is_closed() || error.is_canceled();
    }
    let broken = [BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, UnexpectedEof];
    error.downcast_ref::<io::Error>().is_some_and(|error| broken.contains(&error.kind()))
}

/// Joins what the causes say, without the wrappers that only repeat it.
fn explanation(error: &(dyn Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for cause in causes(error).filter(|error| !is_wrapper(*error)) {
        let text = cause.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
    }
    parts.join(": ")
}

fn is_wrapper(error: &(dyn Error + 'static)) -> bool {
    let wrapped_by_client = matches!(error.downcast_ref(), Some(kube::Error::Service(_) | kube::Error::HyperError(_)));
    wrapped_by_client || error.is::<hyper_util::client::legacy::Error>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(error: impl Error + Send + Sync + 'static) -> kube::Error {
        kube::Error::Service(Box::new(io::Error::other(io::Error::new(io::ErrorKind::InvalidData, error))))
    }

    #[test]
    fn an_untrusted_certificate_is_found_inside_of_io_errors() {
        let error = wrapped(rustls::Error::InvalidCertificate(rustls::CertificateError::Expired));
        let Trouble::Final(ListFault::CertificateUntrusted { why }) = no_answer(&error, Duration::ZERO) else {
            panic!("not recognised: {error:?}");
        };
        assert_eq!(why.matches("certificate").count(), 1, "{why}");
    }

    #[test]
    fn silence_is_a_time_out_and_not_tried_again() {
        let error = kube::Error::Service(Box::new(io::Error::from(io::ErrorKind::TimedOut)));
        let waited = Duration::from_secs(30);
        let trouble = no_answer(&error, waited);
        assert!(matches!(trouble, Trouble::Final(ListFault::TimedOut { after }) if after == waited), "{trouble:?}");
    }
}
