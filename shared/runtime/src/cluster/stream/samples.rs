//! Bodies for the tests of this module and of the lists, written by hand and independently of the readers.

use std::io::Write;

/// Makes `count` different byte strings of up to `size` bytes.
pub fn pieces(count: usize, size: usize) -> Vec<Vec<u8>> {
    let mut random = Random(count as u64 + 1);
    (0..count)
        .map(|_| {
            let length = random.below(size) + 1;
            (0..length).map(|_| random.below(256) as u8).collect()
        })
        .collect()
}

/// Gives endless piece sizes from 1 to `most`, always the same for a seed.
pub fn sizes(seed: u64, most: usize) -> impl Iterator<Item = usize> {
    let mut random = Random(seed);
    std::iter::repeat_with(move || random.below(most) + 1)
}

/// Cuts bytes into pieces of these sizes.
pub fn cut(bytes: &[u8], sizes: impl IntoIterator<Item = usize>) -> Vec<&[u8]> {
    let mut rest = bytes;
    let mut pieces = Vec::new();
    for size in sizes {
        if rest.is_empty() {
            break;
        }
        let (piece, after) = rest.split_at(size.min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn protobuf_body(items: &[Vec<u8>], continue_token: &str) -> Vec<u8> {
    protobuf_body_with(items, continue_token, 0)
}

/// Declares a length of the list that is off by so many bytes.
pub fn protobuf_body_with(items: &[Vec<u8>], continue_token: &str, offset: isize) -> Vec<u8> {
    let list = list_message(items, continue_token);
    unknown(&list, list.len().checked_add_signed(offset).unwrap())
}

pub fn unknown(list: &[u8], declared: usize) -> Vec<u8> {
    let mut body = b"k8s\0".to_vec();
    body.extend(field(1, &[field(1, b"v1"), field(2, b"PodList")].concat()));
    body.push(0x12);
    body.extend(varint(declared));
    body.extend(list);
    body.extend([0x1a, 0, 0x22, 0]);
    body
}

pub fn list_message(items: &[Vec<u8>], continue_token: &str) -> Vec<u8> {
    let meta = [field(1, b""), field(2, b"42"), field(3, continue_token.as_bytes())].concat();
    let mut list = field(1, &meta);
    for item in items {
        list.extend(field(2, item));
    }
    list
}

pub fn field(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2], varint(content.len()).as_slice(), content].concat()
}

fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value > 0x7f {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A xorshift generator: repeatable, and random enough to cut bytes at odd places.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}
