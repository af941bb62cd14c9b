//! Pipelines on a real disk, without Python.

use std::ffi::CString;
use std::path::Path;
use std::time::Duration;

use rapfiles_core::atomic::{Durability, Options};
use rapfiles_core::fs::{Blame, Failure};
use rapfiles_core::hash::Algorithm;
use rapfiles_core::long::Long;
use rapfiles_core::pipeline::{BadData, Chain, Defect, Format, Out, Sink, Source, Step};

const SLICE: Duration = Duration::from_millis(50);
const FORMATS: [Format; 4] = [Format::Bz2, Format::Gzip, Format::Xz, Format::Zstd];

fn c(path: &Path) -> CString {
    CString::new(path.as_os_str().as_encoded_bytes()).unwrap()
}

fn file(path: &Path) -> Sink {
    Sink::File { path: c(path), options: Options { durability: Durability::None, ..Options::default() } }
}

fn compress(format: Format) -> Step {
    Step::Compress { format, level: format.usual_level() }
}

/// Runs it to its end.
fn run(chain: &mut Chain) -> Result<(), Failure> {
    while !chain.advance(SLICE)? {}
    Ok(())
}

/// What comes out when these are fed.
fn fed(chunks: &[&[u8]], steps: &[Step]) -> Result<Vec<u8>, Failure> {
    let mut chain = Chain::new(Source::Fed, steps, Sink::Nothing)?;
    let (mut chunks, mut out, mut memory) = (chunks.iter(), Vec::new(), vec![0; 1000]);
    loop {
        match chain.pull(&mut memory, SLICE)? {
            Out::Bytes(count) => out.extend_from_slice(&memory[..count]),
            Out::Hungry => chain.feed(chunks.next().map(|chunk| Box::new(chunk.to_vec()) as _)),
            Out::Later => {}
            Out::End => return Ok(out),
        }
    }
}

fn defect(failure: &Failure) -> Option<Defect> {
    failure.error.get_ref()?.downcast_ref::<BadData>().map(|bad| bad.defect)
}

#[test]
fn there_and_back_between_files() {
    let directory = tempfile::tempdir().unwrap();
    let [plain, packed, copy] = ["plain", "packed", "copy"].map(|name| directory.path().join(name));
    let text: Vec<u8> = (0..200_000u32).flat_map(|n| n.to_string().into_bytes()).collect();
    std::fs::write(&plain, &text).unwrap();
    for format in FORMATS {
        let steps = [Step::Hash(Algorithm::Sha256), compress(format)];
        let mut there = Chain::new(Source::Path(c(&plain)), &steps, file(&packed)).unwrap();
        run(&mut there).unwrap();
        let steps = [Step::Decompress { format: None, limit: None }, Step::Hash(Algorithm::Sha256)];
        let mut back = Chain::new(Source::Path(c(&packed)), &steps, file(&copy)).unwrap();
        run(&mut back).unwrap();
        assert_eq!(std::fs::read(&copy).unwrap(), text);
        assert_eq!(there.digests(), back.digests());
        assert_eq!(there.counts().1, back.counts().0);
        assert_eq!((there.progress().done, there.progress().total), (text.len() as u64, text.len() as u64));
    }
}

#[test]
fn bytes_that_come_one_by_one() {
    for format in FORMATS {
        let packed = fed(&[b"one ", b"", b"two"], &[compress(format)]).unwrap();
        let twice = [&packed[..], &[0, 0], &packed].concat();
        let bytes: Vec<&[u8]> = twice.chunks(1).collect();
        assert_eq!(fed(&bytes, &[Step::Decompress { format: None, limit: None }]).unwrap(), b"one twoone two");
    }
}

#[test]
fn bad_data() {
    let unpack = |data: &[u8], limit| fed(&[data], &[Step::Decompress { format: None, limit }]).unwrap_err();
    for format in FORMATS {
        let packed = fed(&[b"abc"], &[compress(format)]).unwrap();
        assert_eq!(defect(&unpack(&packed[..packed.len() - 1], None)), Some(Defect::Truncated));
        assert_eq!(defect(&unpack(&[&packed[..], b"x"].concat(), None)), Some(Defect::Trailing));
        assert_eq!(defect(&unpack(&packed, Some(2))), Some(Defect::TooLarge));
    }
    assert_eq!(defect(&unpack(b"plain", None)), Some(Defect::Unknown));
}

#[test]
fn an_end_before_the_end() {
    let mut chain =
        Chain::new(Source::Path(c"/dev/zero".to_owned()), &[compress(Format::Zstd)], Sink::Nothing).unwrap();
    assert!(!chain.advance(Duration::from_millis(5)).unwrap());
    chain.give_up();
    assert!(chain.counts().0 > 0);
}

#[test]
fn what_is_given_up_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("target");
    std::fs::write(&target, "old").unwrap();
    let mut chain = Chain::new(Source::Path(c"/dev/zero".to_owned()), &[], file(&target)).unwrap();
    assert!(!chain.advance(Duration::from_millis(5)).unwrap());
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 2);
    chain.give_up();
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    assert_eq!(std::fs::read(&target).unwrap(), b"old");
}

#[test]
fn errors_say_where_they_happened() {
    let to = || file(Path::new("/nowhere/target"));
    let mut missing = Chain::new(Source::Path(c"/nowhere".to_owned()), &[], to()).unwrap();
    assert_eq!(run(&mut missing).unwrap_err().on, Blame::Given);
    let mut target = Chain::new(Source::Path(c"/proc/self/stat".to_owned()), &[], to()).unwrap();
    assert_eq!(run(&mut target).unwrap_err().on, Blame::Path(b"/nowhere/target".to_vec()));
}
