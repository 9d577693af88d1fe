//! The connection against a TLS server on loopback, in a home of its own.

mod authority;
mod credentials;
mod failures;
mod hygiene;
mod limits;
mod plugins;
mod proxies;
mod rules;
mod sandbox;
mod server;
