//! Settings of a component that may be turned: environment variables, and which values each takes.

use crate::strict::{Cursor, Fields};
use crate::units::seconds_of;

/// What a setting takes.
#[derive(Clone, Debug, PartialEq)]
enum Takes {
    Integer { least: Option<f64>, most: Option<f64> },
    Number { least: Option<f64>, most: Option<f64> },
    Duration { least: Option<String>, most: Option<String> },
    OneOf(Vec<String>),
    Boolean,
}

/// A setting of a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Knob {
    /// The environment variable.
    pub name: String,
    /// What it sets, if the team says so.
    pub does: Option<String>,
    /// Whether it must be there.
    pub required: bool,
    takes: Takes,
}

/// The largest number that a bound may be: beyond it not every whole number has its own place.
const MOST: f64 = 9_007_199_254_740_992.0;

impl Knob {
    /// What is wrong with a value, none for one that is taken away; nothing when it is right.
    pub fn wrong(&self, value: Option<&str>) -> Option<String> {
        let Some(value) = value else {
            return self.required.then(|| format!("{} must be set", self.name));
        };
        let is_right = match &self.takes {
            Takes::Integer { least, most } => {
                value.parse::<i64>().is_ok_and(|number| is_within(number as f64, *least, *most))
            }
            Takes::Number { least, most } => {
                value.parse::<f64>().is_ok_and(|number| number.is_finite() && is_within(number, *least, *most))
            }
            Takes::Duration { least, most } => seconds_of(value).is_some_and(|it| {
                is_within(it, least.as_deref().and_then(seconds_of), most.as_deref().and_then(seconds_of))
            }),
            Takes::OneOf(values) => values.iter().any(|it| it == value),
            Takes::Boolean => matches!(value, "true" | "false"),
        };
        (!is_right).then(|| format!("{} takes {}, not {value:?}", self.name, self.words()))
    }

    /// What it takes, in words.
    pub fn words(&self) -> String {
        fn bounded<T: ToString>(what: &str, least: Option<&T>, most: Option<&T>) -> String {
            match (least.map(T::to_string), most.map(T::to_string)) {
                (Some(least), Some(most)) => format!("{what} from {least} to {most}"),
                (Some(least), None) => format!("{what} of {least} at least"),
                (None, Some(most)) => format!("{what} of {most} at most"),
                (None, None) => what.to_owned(),
            }
        }
        match &self.takes {
            Takes::Integer { least, most } => bounded("a whole number", least.as_ref(), most.as_ref()),
            Takes::Number { least, most } => bounded("a number", least.as_ref(), most.as_ref()),
            Takes::Duration { least, most } => {
                bounded("a duration, as 30s,", least.as_ref(), most.as_ref()).trim_end_matches(',').to_owned()
            }
            Takes::OneOf(values) => values.join(" or "),
            Takes::Boolean => "true or false".to_owned(),
        }
    }

    pub(super) fn read(cursor: &Cursor<'_>) -> Option<Self> {
        let fields = cursor.fields(&["name", "type", "minimum", "maximum", "values", "does", "required"])?;
        let name = fields.required("name").and_then(|it| it.text());
        let takes = takes(&fields);
        let does = fields.optional("does").map_or(Some(None), |it| it.text().map(Some));
        let required = fields.optional("required").map_or(Some(false), |it| it.truth());
        Some(Self { name: name?, takes: takes?, does: does?, required: required? })
    }
}

fn is_within(number: f64, least: Option<f64>, most: Option<f64>) -> bool {
    least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most)
}

fn takes(fields: &Fields<'_>) -> Option<Takes> {
    #[derive(Clone, Copy, PartialEq)]
    enum Type {
        Integer,
        Number,
        Duration,
        OneOf,
        Boolean,
    }
    const TYPES: [(&str, Type); 5] = [
        ("integer", Type::Integer),
        ("number", Type::Number),
        ("duration", Type::Duration),
        ("enum", Type::OneOf),
        ("boolean", Type::Boolean),
    ];
    let kind = fields.required("type").and_then(|it| it.choice(&TYPES))?;
    let is_misplaced = |name: &str, fits: bool| {
        let field = fields.optional(name).filter(|_| !fits);
        field.map(|it| it.wrong("is of no use with this type")).is_some()
    };
    let has_bounds = matches!(kind, Type::Integer | Type::Number | Type::Duration);
    let misplaced = [is_misplaced("minimum", has_bounds), is_misplaced("maximum", has_bounds)];
    if is_misplaced("values", kind == Type::OneOf) || misplaced.contains(&true) {
        return None;
    }
    match kind {
        Type::Boolean => Some(Takes::Boolean),
        Type::OneOf => {
            let values = fields.required("values")?;
            let all = values.each(Cursor::text)?;
            if all.is_empty() {
                values.wrong("must not be empty");
            }
            Some(Takes::OneOf(all))
        }
        Type::Integer => bounds(fields, |it| it.whole(-MOST..=MOST), |least, most| least <= most)
            .map(|(least, most)| Takes::Integer { least, most }),
        Type::Number => bounds(fields, |it| it.number(-MOST..=MOST), |least, most| least <= most)
            .map(|(least, most)| Takes::Number { least, most }),
        Type::Duration => bounds(fields, |it| it.parsed(duration), |least, most| seconds_of(least) <= seconds_of(most))
            .map(|(least, most)| Takes::Duration { least, most }),
    }
}

fn bounds<T>(
    fields: &Fields<'_>,
    read: impl Fn(&Cursor<'_>) -> Option<T>,
    is_ordered: impl Fn(&T, &T) -> bool,
) -> Option<(Option<T>, Option<T>)> {
    let bound = |name: &str| fields.optional(name).map_or(Some(None), |it| read(&it).map(Some));
    let (least, most) = (bound("minimum")?, bound("maximum")?);
    if let (Some(least), Some(most)) = (&least, &most)
        && !is_ordered(least, most)
    {
        fields.wrong("minimum is over maximum");
    }
    Some((least, most))
}

fn duration(text: &str) -> Result<String, String> {
    let wrong = || format!("{text} is no duration; write for example 30s or 2m");
    seconds_of(text).map(|_| text.to_owned()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::super::Profile;
    use super::*;

    fn read(knob: &str) -> Result<Knob, String> {
        let text = format!(
            "apiVersion: kubectl-sre/v1alpha1\nkind: Profile\nname: shop\ncomponents:\n- name: web\n  \
             workloads: [Deployment/shop/web]\n  knobs: [{{name: KNOB, {knob}}}]\n"
        );
        let profile = Profile::parse(&text, &[]);
        let profile = profile.map_err(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
        Ok(profile.components[0].knobs[0].clone())
    }

    #[test]
    fn a_value_is_of_the_type_and_within_the_bounds() {
        for (knob, right, wrong, words) in [
            ("type: integer, minimum: 1, maximum: 200", ["1", "200"], ["0", "2.5"], "a whole number from 1 to 200"),
            ("type: integer, minimum: -5", ["-5", "9"], ["-6", "ten"], "a whole number of -5 at least"),
            ("type: number, minimum: 0, maximum: 1", ["0.3", "1"], ["1.1", "NaN"], "a number from 0 to 1"),
            ("type: duration, maximum: 5m", ["30s", "4m59s"], ["6m", "abc"], "a duration, as 30s, of 5m at most"),
            ("type: duration", ["0s", "1h30m"], ["30", "-1s"], "a duration, as 30s"),
            ("type: enum, values: [memory, redis]", ["memory", "redis"], ["Redis", ""], "memory or redis"),
            ("type: boolean", ["true", "false"], ["yes", "1"], "true or false"),
        ] {
            let knob = read(knob).expect("a knob");
            assert_eq!((knob.words().as_str(), knob.wrong(None)), (words, None));
            for value in right {
                assert_eq!(knob.wrong(Some(value)), None, "{value}");
            }
            for value in wrong {
                assert_eq!(knob.wrong(Some(value)), Some(format!("KNOB takes {words}, not {value:?}")));
            }
        }
        let needed = read("type: boolean, required: true, does: turns it on").expect("a knob");
        assert_eq!(needed.wrong(None).as_deref(), Some("KNOB must be set"));
        assert_eq!(needed.does.as_deref(), Some("turns it on"));
    }

    #[test]
    fn what_is_wrong_is_told() {
        let wrong = |text: &str| read(text).expect_err("wrong");
        assert!(wrong("type: int").contains("did you mean integer?") || wrong("type: int").contains("is none of"));
        assert!(wrong("type: boolean, minimum: 1").contains("minimum: is of no use with this type"));
        assert!(wrong("type: integer, values: [a]").contains("values: is of no use with this type"));
        assert!(wrong("type: enum").contains("values is missing"));
        assert!(wrong("type: integer, minimum: 3, maximum: 2").contains("minimum is over maximum"));
        assert!(wrong("type: duration, minimum: 1m, maximum: 30s").contains("minimum is over maximum"));
        assert!(wrong("type: duration, minimum: soon").contains("soon is no duration"));
        assert!(wrong("type: integer, minimum: 1.5").contains("is no whole number"));
    }
}
