//! Whether a cluster is production.

/// What is known of the environment that a change is made in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// The profile, or a name, says that it is production.
    Production,
    /// The profile says that it is none.
    Other,
    /// Nobody says anything.
    Unknown,
}

impl Environment {
    /// What the profile says, else the names of the context and of the namespaces that are changed.
    ///
    /// No name tells that something is *not* production: `test` may be the cluster that tests everybody's builds.
    pub fn of<'n>(said: Option<bool>, context: Option<&str>, namespaces: impl IntoIterator<Item = &'n str>) -> Self {
        let tells = |name: &str| name.to_ascii_lowercase().contains("prod");
        match said {
            Some(true) => Self::Production,
            Some(false) => Self::Other,
            None if context.is_some_and(tells) || namespaces.into_iter().any(tells) => Self::Production,
            None => Self::Unknown,
        }
    }

    /// Whether it is treated as production, as is what nobody knows.
    pub fn counts_as_production(self) -> bool {
        self != Self::Other
    }

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Other => "not production",
            Self::Unknown => "unknown, counts as production",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_says_it_else_a_name_and_what_nobody_knows_counts_as_production() {
        let of = |said, context: &str, namespace: &str| Environment::of(said, Some(context), [namespace]);
        assert_eq!(of(Some(false), "prod-eu", "prod"), Environment::Other);
        assert_eq!(of(Some(true), "laptop", "dev"), Environment::Production);
        assert_eq!(of(None, "eu-PROD-1", "shop"), Environment::Production);
        assert_eq!(of(None, "laptop", "shop-production"), Environment::Production);
        assert_eq!(of(None, "laptop", "shop"), Environment::Unknown);
        assert_eq!(Environment::of(None, None, []), Environment::Unknown);
        let counts = [Environment::Production, Environment::Unknown, Environment::Other];
        assert_eq!(counts.map(Environment::counts_as_production), [true, true, false]);
    }
}
