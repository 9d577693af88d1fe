//! Versions of Kubernetes as its components write them: `v1.36.4`, `v1.33.5-eks-113cf36`, `v1.31.4+k3s1`.

/// Major and minor of a version; what else it says is no matter of compatibility.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Minor {
    major: u32,
    minor: u32,
}

impl Minor {
    /// Reads a version; none when it is no such.
    pub(super) fn of(version: &str) -> Option<Self> {
        let mut parts = version.strip_prefix('v')?.split('.');
        let (major, minor) = (parts.next()?, parts.next()?);
        let digits: String = minor.chars().take_while(char::is_ascii_digit).collect();
        Some(Self { major: major.parse().ok()?, minor: digits.parse().ok()? })
    }

    /// How many minors another one is behind; negative when it is ahead, none across majors.
    pub(super) fn ahead_of(self, other: Self) -> Option<i64> {
        (self.major == other.major).then(|| i64::from(self.minor) - i64::from(other.minor))
    }

    /// The number of the minor of Kubernetes 1; none for another major.
    pub(super) fn of_first_major(self) -> Option<u32> {
        (self.major == 1).then_some(self.minor)
    }
}

impl std::fmt::Display for Minor {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_several_vendors_are_read() {
        for version in ["v1.33.5", "v1.33.5-eks-113cf36", "v1.33.4-gke.1350000", "v1.33.4+k3s1", "v1.33.0-rc.1"] {
            assert_eq!(Minor::of(version).map(|it| it.to_string()).as_deref(), Some("1.33"), "{version}");
        }
        for other in ["", "fake", "1.33.0", "v1", "kwok-v0.8.0"] {
            assert_eq!(Minor::of(other), None, "{other}");
        }
    }

    #[test]
    fn distance_is_counted_in_minors() {
        let of = |text| Minor::of(text).unwrap();
        assert_eq!(of("v1.36.0").ahead_of(of("v1.33.9")), Some(3));
        assert_eq!(of("v1.36.0").ahead_of(of("v1.37.0")), Some(-1));
        assert_eq!(of("v2.0.0").ahead_of(of("v1.37.0")), None);
    }
}
