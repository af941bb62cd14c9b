//! Text in a file beside a plain model of it: the whole of it in memory, a character at a time.

use std::path::Path;

use rapfiles_core::Way;
use rapfiles_core::file::{Charset, File, Found, From, Mode, Newline, OpenOptions, Search, Text, Want, translate};

/// A file that is read as text.
struct Reader {
    file: File,
    text: Text,
    translated: bool,
}

impl Reader {
    fn new(path: &Path, charset: Charset, newline: Newline) -> Self {
        let file = File::open(path, &OpenOptions::new(Mode::parse("r").unwrap())).unwrap();
        Self { file, text: Text::new(charset, newline), translated: newline == Newline::Translated }
    }

    fn find(&mut self, want: Want) -> Found {
        let mut search = Search::new(want, 0);
        self.text.find(&mut self.file, Way::Soon, &mut search).unwrap()
    }

    fn read(&mut self, want: Want) -> String {
        let Found::Here(end) = self.find(want) else { panic!("invalid") };
        let bytes = &self.file.buffered()[..end];
        let bytes = if self.translated { translate(bytes) } else { bytes.into() };
        let text = match self.text.charset() {
            Charset::Latin1 => bytes.iter().map(|&b| char::from(b)).collect(),
            _ => std::str::from_utf8(&bytes).unwrap().to_owned(),
        };
        self.text.consume(&mut self.file, end);
        text
    }

    fn seek(&mut self, position: u64) {
        self.file.seek(Way::Soon, From::Start(position)).unwrap();
        self.text.reset();
    }
}

/// Every character of the file as it is read, and where it ends.
struct Model {
    characters: Vec<(char, u64)>,
    at: usize,
    newline: Newline,
}

impl Model {
    fn new(bytes: &[u8], charset: Charset, newline: Newline) -> Self {
        let all: Vec<(char, usize)> = match charset {
            Charset::Latin1 => bytes.iter().map(|&b| (char::from(b), 1)).collect(),
            _ => std::str::from_utf8(bytes).unwrap().chars().map(|c| (c, c.len_utf8())).collect(),
        };
        let (mut characters, mut end, mut n) = (Vec::new(), 0, 0);
        while n < all.len() {
            let (mut character, mut length) = all[n];
            n += 1;
            if newline == Newline::Translated && character == '\r' {
                character = '\n';
                if all.get(n).is_some_and(|next| next.0 == '\n') {
                    n += 1;
                    length += 1;
                }
            }
            end += length as u64;
            characters.push((character, end));
        }
        Self { characters, at: 0, newline }
    }

    fn position(&self) -> u64 {
        if self.at == 0 { 0 } else { self.characters[self.at - 1].1 }
    }

    fn line(&self) -> usize {
        let rest: Vec<char> = self.characters[self.at..].iter().map(|c| c.0).collect();
        for (n, &character) in rest.iter().enumerate() {
            let next = rest.get(n + 1);
            let ends = match self.newline {
                Newline::Lf | Newline::Translated => character == '\n',
                Newline::Cr => character == '\r',
                Newline::CrLf => character == '\n' && n > 0 && rest[n - 1] == '\r',
                Newline::Any => character == '\n' || (character == '\r' && next != Some(&'\n')),
            };
            if ends {
                return n + 1;
            }
        }
        rest.len()
    }

    fn read(&mut self, want: Want) -> String {
        let count = match want {
            Want::All => usize::MAX,
            Want::Characters(count) => count,
            Want::Line(limit) => self.line().min(limit.unwrap_or(usize::MAX)),
        };
        let end = self.characters.len().min(self.at.saturating_add(count));
        let text = self.characters[self.at..end].iter().map(|c| c.0).collect();
        self.at = end;
        text
    }
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

const PIECES: [&str; 12] = ["\n", "\r", "\r\n", "\n\r", "a", "bc", "hello world", "é", "€", "𝄞", "\u{2028}", "日本語"];
const NEWLINES: [Newline; 5] = [Newline::Translated, Newline::Any, Newline::Lf, Newline::Cr, Newline::CrLf];
/// Around the ends of steps and buffers.
const SIZES: [usize; 8] = [0, 30, 8192, 8193, 16384, 16385, 40_000, 140_000];

fn content(random: &mut Random, charset: Charset) -> Vec<u8> {
    let size = SIZES[random.below(SIZES.len())];
    // A few pieces again and again, so that long stretches without a line end occur too.
    let few: Vec<&str> = (0..=random.below(4)).map(|_| PIECES[random.below(PIECES.len())]).collect();
    let mut text = "x".repeat(random.below(5));
    while text.len() < size {
        text.push_str(few[random.below(few.len())]);
    }
    match charset {
        Charset::Utf8 | Charset::Latin1 => text.into_bytes(),
        Charset::Ascii => text.bytes().filter(u8::is_ascii).collect(),
    }
}

fn want(random: &mut Random) -> Want {
    let count = [0, 1, 2, 7, 80, 8191, 8192, 8193, 20_000][random.below(9)];
    match random.below(10) {
        0..4 => Want::Characters(count),
        4..7 => Want::Line(None),
        7..9 => Want::Line(Some(count)),
        _ => Want::All,
    }
}

#[test]
fn reads_what_the_model_reads() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text");
    let mut random = Random(42);
    for round in 0..600 {
        let charset = [Charset::Utf8, Charset::Utf8, Charset::Ascii, Charset::Latin1][random.below(4)];
        let newline = NEWLINES[random.below(NEWLINES.len())];
        let bytes = content(&mut random, charset);
        std::fs::write(&path, &bytes).unwrap();
        let mut reader = Reader::new(&path, charset, newline);
        let mut model = Model::new(&bytes, charset, newline);
        for step in 0..40 {
            let what = format!("round {round}, step {step}: {charset:?} {newline:?}, {} bytes", bytes.len());
            if random.below(8) == 0 {
                model.at = random.below(model.characters.len() + 1);
                reader.seek(model.position());
            }
            let want = want(&mut random);
            assert_eq!(reader.read(want), model.read(want), "{what}: {want:?}");
            assert_eq!(reader.file.tell().unwrap(), model.position(), "{what}: after {want:?}");
        }
    }
}

fn reader(bytes: &[u8], charset: Charset, newline: Newline) -> (tempfile::TempDir, Reader) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("text");
    std::fs::write(&path, bytes).unwrap();
    let reader = Reader::new(&path, charset, newline);
    (directory, reader)
}

#[test]
fn half_a_line_end_at_the_end_of_a_step() {
    for before in [8190, 8191, 8192, 16383] {
        let bytes = ["x".repeat(before).as_bytes(), b"\r\nend"].concat();
        for newline in [Newline::Translated, Newline::Any, Newline::CrLf] {
            let (_directory, mut reader) = reader(&bytes, Charset::Utf8, newline);
            let end = if newline == Newline::Translated { "\n" } else { "\r\n" };
            assert_eq!(reader.read(Want::Line(None)), "x".repeat(before) + end);
            assert_eq!(reader.read(Want::Line(None)), "end");
        }
    }
}

#[test]
fn notes_the_line_ends_it_meets() {
    let (_directory, mut reader) = reader(b"a\nb\r\nc\r", Charset::Utf8, Newline::Translated);
    assert_eq!(reader.text.seen(), 0);
    assert_eq!(reader.read(Want::Line(None)), "a\n");
    // The return at the end may still become half of a pair.
    assert_eq!(reader.text.seen(), 2 | 4);
    assert_eq!(reader.read(Want::All), "b\nc\n");
    assert_eq!(reader.text.seen(), 7);
}

#[test]
fn an_error_appears_with_its_step_and_loses_nothing() {
    let bytes = ["good\n".repeat(2000).as_bytes(), b"bad \xff\n"].concat();
    let (_directory, mut reader) = reader(&bytes, Charset::Utf8, Newline::Translated);
    for _ in 0..8192 / 5 {
        assert_eq!(reader.read(Want::Line(None)), "good\n");
    }
    // The next line begins in the first step and ends in the second.
    assert_eq!(reader.find(Want::Line(None)), Found::Invalid(bytes.len() - 8192 / 5 * 5));
    let position = reader.file.tell().unwrap();
    assert_eq!(position, 8192 / 5 * 5);
    reader.seek(position);
    // Without steps, all that is good is decoded.
    assert!(matches!(reader.find(Want::All), Found::Invalid(_)));
    assert_eq!(reader.read(Want::Characters(10)), "good\ngood\n");
}

#[test]
fn half_a_character_at_the_end_is_an_error() {
    let (_directory, mut reader) = reader("x€".as_bytes().split_last().unwrap().1, Charset::Utf8, Newline::Lf);
    assert_eq!(reader.read(Want::Characters(1)), "x");
    assert_eq!(reader.find(Want::Characters(1)), Found::Invalid(2));
}

#[test]
fn ascii_has_seven_bits() {
    let (_directory, mut reader) = reader(b"plain \x80", Charset::Ascii, Newline::Lf);
    assert_eq!(reader.find(Want::Line(None)), Found::Invalid(7));
}

#[test]
fn looks_ahead_without_reading() {
    let (_directory, mut reader) = reader("日本\r\n語".as_bytes(), Charset::Utf8, Newline::Translated);
    assert_eq!(reader.find(Want::Characters(1)), Found::Here(3));
    for (most, bytes) in [(0, 0), (1, 3), (2, 6), (3, 8), (4, 11), (100, 11)] {
        assert_eq!(reader.text.measure(&reader.file, most), bytes);
    }
    assert_eq!(reader.read(Want::All), "日本\n語");
}

#[test]
fn searches_behind_what_was_found_before() {
    let (_directory, mut reader) = reader(b"one\ntwo\nthree", Charset::Utf8, Newline::Translated);
    let mut from = 0;
    for end in [4, 8, 13, 13] {
        let mut search = Search::new(Want::Line(None), from);
        // Asked twice, as an operation does before and after a worker: the answer is the same.
        for _ in 0..2 {
            assert_eq!(reader.text.find(&mut reader.file, Way::Soon, &mut search).unwrap(), Found::Here(end));
        }
        from = end;
    }
    assert_eq!(reader.read(Want::All), "one\ntwo\nthree");
}

#[test]
fn nothing_large_is_read_now() {
    let (_directory, mut reader) = reader(&b"0123456789\n".repeat(20_000), Charset::Utf8, Newline::Translated);
    for want in [Want::All, Want::Characters(200_000)] {
        let mut search = Search::new(want, 0);
        let found = reader.text.find(&mut reader.file, Way::Now, &mut search);
        assert!(matches!(found, Err(rapfiles_core::Stop::WouldBlock)), "{want:?}");
    }
    assert_eq!(reader.read(Want::All).len(), 220_000);
    assert!(reader.file.shed().is_none(), "not that large");
}
