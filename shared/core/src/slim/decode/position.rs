//! Which field stands at a place of a JSON text: walked only when decoding has failed there.

/// One level of the text: a list at an index, or an object at a key.
enum Level {
    Index(usize),
    Key(String),
}

/// The path of the value at the place, for example `spec.containers[0].ports`; line and column count from one.
pub(super) fn path_at(text: &[u8], line: usize, column: usize) -> String {
    let end = offset(text, line, column).min(text.len());
    let mut walk = Walk { text, at: 0, levels: Vec::new() };
    while walk.at < end {
        walk.step();
    }
    written(&walk.levels)
}

fn offset(text: &[u8], line: usize, column: usize) -> usize {
    let lines = text.split_inclusive(|byte| *byte == b'\n');
    let before: usize = lines.take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    // The column is that of the last byte that was read; what follows it must not count.
    before + column.saturating_sub(1)
}

struct Walk<'a> {
    text: &'a [u8],
    at: usize,
    levels: Vec<Level>,
}

impl Walk<'_> {
    fn step(&mut self) {
        let byte = self.text[self.at];
        self.at += 1;
        match byte {
            b'{' => self.levels.push(Level::Key(String::new())),
            b'[' => self.levels.push(Level::Index(0)),
            b'}' | b']' => drop(self.levels.pop()),
            b',' => self.advance(),
            b'"' => self.string(),
            _ => {}
        }
    }

    fn advance(&mut self) {
        match self.levels.last_mut() {
            Some(Level::Index(index)) => *index += 1,
            Some(Level::Key(key)) => key.clear(),
            None => {}
        }
    }

    /// Passes a string, and remembers it where it is a key: the first string after `{` or `,`.
    fn string(&mut self) {
        let start = self.at;
        while let Some(&byte) = self.text.get(self.at).filter(|byte| **byte != b'"') {
            self.at += if byte == b'\\' { 2 } else { 1 };
        }
        let end = self.at.min(self.text.len());
        self.at += 1;
        let is_key = self.text.get(self.at..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"));
        if let (Some(Level::Key(key)), true) = (self.levels.last_mut(), is_key) {
            *key = String::from_utf8_lossy(&self.text[start..end]).into_owned();
        }
    }
}

fn written(levels: &[Level]) -> String {
    let mut path = String::new();
    for level in levels {
        match level {
            Level::Index(index) => path.push_str(&format!("[{index}]")),
            Level::Key(key) if key.is_empty() => {}
            Level::Key(key) => {
                path.push_str(if path.is_empty() { "" } else { "." });
                path.push_str(key);
            }
        }
    }
    if path.is_empty() { "the object itself".to_owned() } else { path }
}
