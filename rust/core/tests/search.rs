//! Searching files on a real disk.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rapfiles_core::engine::channel::{Batch, Consumer, Found, channel};
use rapfiles_core::find;
use rapfiles_core::fs::Failure;
use rapfiles_core::search::{Binary, Lines, Options, Search, TextEncoding};

/// A result, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Result {
    name: String,
    number: u64,
    text: String,
    spans: Vec<(u32, u32)>,
    before: Vec<u64>,
    after: Vec<u64>,
}

struct Outcome {
    results: Vec<Result>,
    failure: Option<Failure>,
    reports: Vec<Failure>,
}

fn begin(root: &Path, regex: &str, files: find::Options, options: &Options) -> Consumer<Lines, Failure> {
    let (producer, consumer) = channel();
    let root = root.as_os_str().as_bytes().to_vec();
    match Search::new(vec![root], files, regex, options.clone(), 3) {
        Err(failure) => producer.fail(failure),
        Ok(search) => {
            let search = Arc::new(search);
            for _ in 0..search.threads() {
                let (search, producer) = (Arc::clone(&search), producer.clone());
                thread::spawn(move || search.work(&producer));
            }
        }
    }
    consumer
}

fn search(root: &Path, regex: &str, options: &Options) -> Outcome {
    search_files(root, regex, find::Options::default(), options)
}

fn search_files(root: &Path, regex: &str, files: find::Options, options: &Options) -> Outcome {
    let consumer = begin(root, regex, files, options);
    let mut results = Vec::new();
    loop {
        match consumer.take() {
            Found::Batch(lines) => results.extend((0..lines.len()).map(|n| result(&lines, lines.place(n)))),
            Found::Nothing => consumer.wait(Duration::from_secs(10)),
            Found::End(failure) => return Outcome { results, failure, reports: consumer.reports().0 },
            Found::Broken => panic!("a producer panicked"),
        }
    }
}

fn result(lines: &Lines, at: usize) -> Result {
    let line = lines.line(at);
    let path = String::from_utf8_lossy(lines.path(line)).into_owned();
    Result {
        name: path.rsplit('/').next().unwrap_or_default().to_owned(),
        number: line.number,
        text: String::from_utf8_lossy(lines.text(line)).into_owned(),
        spans: lines.spans(line).to_vec(),
        before: lines.before(at).iter().map(|line| line.number).collect(),
        after: lines.after(at).iter().map(|line| line.number).collect(),
    }
}

fn tree(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, contents) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, contents).unwrap();
    }
    root
}

#[test]
fn lines_come_with_their_matches() {
    let root = tree(&[("a.txt", b"one two\nthree\none one\n"), ("b/c.txt", b"nothing\n")]);
    let found = search(root.path(), "one", &Options::default());
    let expected = |number, text: &str, spans: &[(u32, u32)]| Result {
        name: "a.txt".into(),
        number,
        text: text.into(),
        spans: spans.to_vec(),
        before: vec![],
        after: vec![],
    };
    let all = [expected(1, "one two\n", &[(0, 3)]), expected(3, "one one\n", &[(0, 3), (4, 7)])];
    assert_eq!(found.results, all);
    assert!(found.failure.is_none() && found.reports.is_empty());
}

#[test]
fn every_result_has_all_of_its_context() {
    let root = tree(&[("a", b"0\nx\n2\nx\n4\n5\n6\n7\nx")]);
    let options = Options { before_context: 2, after_context: 1, ..Options::default() };
    let found = search(root.path(), "x", &options);
    let context: Vec<_> = found.results.iter().map(|found| (found.before.clone(), found.after.clone())).collect();
    assert_eq!(context, [(vec![1], vec![3]), (vec![2, 3], vec![5]), (vec![7, 8], vec![])]);
}

#[test]
fn a_long_file_comes_in_parts_and_loses_no_context() {
    const LINES: u64 = 60_000;
    let text: String = (1..=LINES).map(|n| if n % 3 == 0 { "match\n" } else { "other\n" }).collect();
    let root = tree(&[("long", text.as_bytes())]);
    for (before_context, after_context) in [(0, 0), (2, 0), (0, 4), (7, 5)] {
        let options = Options { before_context, after_context, ..Options::default() };
        let found = search(root.path(), "match", &options);
        assert_eq!(found.results.len() as u64, LINES / 3);
        for (result, number) in found.results.iter().zip((3..).step_by(3)) {
            let first = number.max(1 + before_context as u64) - before_context as u64;
            let last = LINES.min(number + after_context as u64);
            assert_eq!(result.number, number);
            assert_eq!(result.before, (first..number).collect::<Vec<_>>());
            assert_eq!(result.after, (number + 1..=last).collect::<Vec<_>>());
        }
    }
}

#[test]
fn the_lines_of_a_file_stay_together_and_in_order() {
    let text: String = "a match\n".repeat(5_000);
    let names: Vec<_> = (0..12).map(|n| format!("{n}")).collect();
    let files: Vec<_> = names.iter().map(|name| (name.as_str(), text.as_bytes())).collect();
    let root = tree(&files);
    let found = search(root.path(), "match", &Options::default());
    assert_eq!(found.results.len(), 12 * 5_000);
    for of_file in found.results.chunks(5_000) {
        let right = |(result, number): (&Result, u64)| result.number == number && result.name == of_file[0].name;
        assert!(of_file.iter().zip(1..).all(right));
    }
}

#[test]
fn sorted_files_come_in_the_order_of_their_names() {
    let names = ["z/a", "b", "a/z", "a/b"];
    let root = tree(&names.map(|name| (name, &b"x"[..])));
    let files = find::Options { sort: Some(find::Sort::Path), ..find::Options::default() };
    let found = search_files(root.path(), "x", files, &Options::default());
    let found: Vec<_> = found.results.iter().map(|result| result.name.as_str()).collect();
    assert_eq!(found, ["b", "z", "b", "a"]);
}

#[test]
fn binary_files_end_at_the_first_nul_or_are_left_out() {
    let mut late = b"x\n".repeat(500_000);
    late.extend_from_slice(b"x\0x\nx\n");
    let root = tree(&[("late", &late), ("other", b"x\n")]);
    let found = |binary| search(root.path(), "x", &Options { binary, ..Options::default() }).results.len();
    let before = found(Binary::Quit) - 1;
    assert!(before > 400_000 && before < 500_001, "{before}");
    assert_eq!(found(Binary::Skip), 1);
    assert_eq!(found(Binary::Text), 500_003);
}

#[test]
fn encodings_are_told_or_sniffed() {
    let utf16: Vec<u8> = "\u{feff}äx\nb\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let root = tree(&[("utf16", &utf16)]);
    let found = search(root.path(), "äx", &Options::default());
    assert_eq!((found.results[0].text.as_str(), found.results[0].spans[0]), ("äx\n", (0, 3)));
    let root = tree(&[("latin1", b"\xe4x\n")]);
    assert!(search(root.path(), "äx", &Options::default()).results.is_empty());
    let encoding = TextEncoding::from_label("latin1").unwrap();
    let found = search(root.path(), "äx", &Options { encoding, ..Options::default() });
    assert_eq!(found.results[0].text, "äx\n");
    assert_eq!(TextEncoding::from_label("klingon"), None);
}

#[test]
fn matches_may_span_lines() {
    let root = tree(&[("a", b"0\nbegin\nmiddle\nend here\nlast\n")]);
    let options = Options { multiline: true, before_context: 1, after_context: 1, ..Options::default() };
    let found = search(root.path(), r"begin(.|\n)*end", &options);
    assert_eq!(found.results.len(), 1);
    let result = &found.results[0];
    assert_eq!((result.number, result.text.as_str()), (2, "begin\nmiddle\nend here\n"));
    assert_eq!((&result.spans[..], &result.before[..], &result.after[..]), (&[(0, 16)][..], &[1][..], &[5][..]));
}

#[test]
fn errors_are_reported_or_end_the_search() {
    let root = tree(&[("a", b"x\n")]);
    std::os::unix::fs::symlink(".", root.path().join("round")).unwrap();
    let files = || find::Options { follow_symlinks: true, ..find::Options::default() };
    let found = search_files(root.path(), "x", files(), &Options::default());
    assert_eq!(found.results.len(), 1);
    assert_eq!(found.reports[0].error.raw_os_error(), Some(libc::ELOOP));
    let strict = Options { strict: true, ..Options::default() };
    assert!(search_files(root.path(), "x", files(), &strict).failure.is_some());
    let missing = search(&root.path().join("none"), "x", &Options::default());
    assert_eq!(missing.failure.unwrap().error.raw_os_error(), Some(libc::ENOENT));
}

#[test]
fn it_stops_when_nobody_wants_more() {
    let root = tempfile::tempdir().unwrap();
    // Sparse: a long search without a match after the first line.
    let file = fs::File::create(root.path().join("huge")).unwrap();
    std::io::Write::write_all(&mut &file, b"x\n").unwrap();
    file.set_len(1 << 40).unwrap();
    for multiline in [false, true] {
        let options = Options { binary: Binary::Text, multiline, ..Options::default() };
        let (producer, consumer) = channel();
        let regex = if multiline { r"x\n" } else { "x" };
        let path = root.path().as_os_str().as_bytes().to_vec();
        let search = Search::new(vec![path], find::Options::default(), regex, options, 1).unwrap();
        let at_work = thread::spawn(move || search.work(&producer));
        if multiline {
            thread::sleep(Duration::from_millis(20));
        } else {
            consumer.wait(Duration::from_secs(10));
            assert!(matches!(consumer.take(), Found::Batch(lines) if lines.len() == 1));
        }
        drop(consumer);
        at_work.join().unwrap();
    }
}
