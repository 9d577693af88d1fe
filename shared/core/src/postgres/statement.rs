//! SQL as it may be shown: without what somebody wrote into it.
//!
//! It follows the lexical rules of the server
//! (<https://www.postgresql.org/docs/current/sql-syntax-lexical.html>) and, where a text is cut off or may be read in two
//! ways, leaves out the rest.

use std::iter::Peekable;
use std::str::Chars;

/// Letters of a statement that are shown.
const LONGEST: usize = 160;

/// A statement with `?` in the place of each constant, without comments, on one line, shortened.
pub fn without_literals(text: &str) -> String {
    let mut reader = Reader { rest: text.chars().peekable(), out: String::new() };
    while let Some(letter) = reader.rest.next() {
        if !reader.take(letter) {
            break;
        }
    }
    let words = reader.out.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.trim_end_matches([';', ' ']);
    match words.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &words[..end]),
        None => words.to_owned(),
    }
}

struct Reader<'t> {
    rest: Peekable<Chars<'t>>,
    out: String,
}

impl Reader<'_> {
    /// Takes what begins with a letter; whether what follows can be told.
    fn take(&mut self, letter: char) -> bool {
        match letter {
            '\'' => self.constant(false),
            '"' => self.identifier(),
            '$' => self.dollar(),
            '-' if self.rest.next_if_eq(&'-').is_some() => self.comment_of_a_line(),
            '/' if self.rest.next_if_eq(&'*').is_some() => self.comment(),
            '0'..='9' => self.number(),
            letter if is_of_word(letter) => self.word(letter),
            letter => {
                self.out.push(letter);
                true
            }
        }
    }

    /// A string constant, after its first quote. Whether a backslash escapes what follows, a setting decides, unless the
    /// constant says it.
    fn constant(&mut self, has_escapes: bool) -> bool {
        self.out.push('?');
        while let Some(letter) = self.rest.next() {
            match letter {
                '\\' if has_escapes => {
                    self.rest.next();
                }
                '\\' if self.rest.peek() == Some(&'\'') => return self.unknown(),
                '\'' if self.rest.next_if_eq(&'\'').is_none() => return true,
                _ => {}
            }
        }
        self.unknown()
    }

    /// A quoted name, which stays.
    fn identifier(&mut self) -> bool {
        self.out.push('"');
        for letter in self.rest.by_ref() {
            self.out.push(letter);
            if letter == '"' {
                return true;
            }
        }
        self.unknown()
    }

    /// A parameter, or a constant between two equal tags.
    fn dollar(&mut self) -> bool {
        if self.rest.peek().is_some_and(char::is_ascii_digit) {
            self.out.push('$');
            while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
                self.out.push(digit);
            }
            return true;
        }
        let mut tag = String::from("$");
        while let Some(letter) = self.rest.next_if(|it| is_of_word(*it) || it.is_ascii_digit()) {
            tag.push(letter);
        }
        self.out.push('?');
        if self.rest.next_if_eq(&'$').is_none() {
            return self.unknown();
        }
        tag.push('$');
        let mut seen = String::new();
        for letter in self.rest.by_ref() {
            seen.push(letter);
            if seen.ends_with(&tag) {
                return true;
            }
        }
        self.unknown()
    }

    fn comment_of_a_line(&mut self) -> bool {
        while self.rest.next_if(|it| *it != '\n').is_some() {}
        self.out.push(' ');
        true
    }

    /// Comments of this sort may stand in each other.
    fn comment(&mut self) -> bool {
        let mut depth = 1;
        self.out.push(' ');
        while let Some(letter) = self.rest.next() {
            match letter {
                '/' if self.rest.next_if_eq(&'*').is_some() => depth += 1,
                '*' if self.rest.next_if_eq(&'/').is_some() => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return true;
            }
        }
        self.unknown()
    }

    fn number(&mut self) -> bool {
        self.out.push('?');
        while let Some(letter) = self.rest.next_if(|it| it.is_ascii_alphanumeric() || matches!(it, '.' | '_')) {
            if matches!(letter, 'e' | 'E') {
                self.rest.next_if(|it| matches!(it, '+' | '-'));
            }
        }
        true
    }

    /// A word, or the letter before a quote that says of which sort a constant is.
    fn word(&mut self, first: char) -> bool {
        let is_sort = matches!(first.to_ascii_lowercase(), 'e' | 'b' | 'x' | 'n');
        if is_sort && self.rest.next_if_eq(&'\'').is_some() {
            return self.constant(matches!(first, 'e' | 'E'));
        }
        self.out.push(first);
        while let Some(letter) = self.rest.next_if(|it| is_of_word(*it) || it.is_ascii_digit() || *it == '$') {
            self.out.push(letter);
        }
        true
    }

    /// Leaves out the rest.
    fn unknown(&mut self) -> bool {
        self.out.push_str(" ...");
        false
    }
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphabetic() || letter == '_' || !letter.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_of_every_sort_are_left_out() {
        for (text, shown) in [
            ("select * from users where mail = 'a@b.c' and id=42", "select * from users where mail = ? and id=?"),
            ("alter role app\n  password 'it''s'", "alter role app password ?"),
            (r"select E'a\'b', 1", "select ?, ?"),
            ("select $$it's$$, $x$a$$b$x$, $1", "select ?, ?, $1"),
            ("select 1.5e-3, .5, 0xFF, b'01', X'ff', N'a', t1.c2", "select ?, .?, ?, ?, ?, ?, t1.c2"),
            ("select \"it's\" from t -- hunter2\n where a = 1", "select \"it's\" from t where a = ?"),
            ("/* a /* b */ 'c' */ select 'd'/**/", "select ?"),
            ("select U&'d', tablé from x$1", "select U&?, tablé from x$1"),
            ("select a->>'b' - 1;", "select a->>? - ?"),
        ] {
            assert_eq!(without_literals(text), shown, "{text}");
        }
    }

    #[test]
    fn of_what_is_cut_off_or_ambiguous_nothing_is_shown() {
        for text in [
            "select 'hunter2",
            r"select 'a\', hunter2, 'b'",
            "select $x$ hunter2",
            "select $x hunter2",
            "/* hunter2",
            "select E'a\\' hunter2",
        ] {
            let shown = without_literals(text);
            assert!(!shown.contains("hunter2") && shown.ends_with("..."), "{text}: {shown}");
        }
        assert_eq!(without_literals(&"a ".repeat(200)).chars().count(), LONGEST + 3);
    }
}
