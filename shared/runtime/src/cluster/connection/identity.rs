//! How a run names itself to the API server.

/// Names the program, its command and its run, so that the server's audit log can be joined to the record.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Version of the suite.
    pub version: String,
    /// The command, as typed: `daily-check`.
    pub command: String,
    /// Identifier of this run.
    pub run_id: String,
}

impl Identity {
    /// Returns the `User-Agent` header's value; bytes that a header cannot carry are dropped.
    pub fn user_agent(&self) -> String {
        let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
        let whole = format!("kubectl-sre/{} ({system}/{processor}) {} {}", self.version, self.command, self.run_id);
        whole.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_agent_is_always_a_valid_header() {
        let identity = Identity { version: "1.0".into(), command: "scale\r\nX: y".into(), run_id: "é7".into() };
        let agent = identity.user_agent();
        assert!(agent.starts_with("kubectl-sre/1.0 ("), "{agent}");
        assert!(agent.ends_with(") scaleX: y 7"), "{agent}");
        assert!(http::HeaderValue::from_str(&agent).is_ok());
    }
}
