//! What the kernel says of a file, as an object that stands in for `os.stat_result`.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use rapfiles_core::fs::stat::Status;

use crate::ask::is;
use crate::convert::stat::seconds;

/// The metadata of a file.
#[pyclass(frozen, eq, hash, module = "rapfiles")]
#[derive(PartialEq, Eq, Hash)]
pub struct FileMetadata {
    status: Status,
}

/// What else they are called by those who know `os.stat_result`.
const ALIASES: [(&str, &str); 16] = [
    ("st_atime", "accessed"),
    ("st_atime_ns", "accessed_ns"),
    ("st_blksize", "block_size"),
    ("st_blocks", "blocks"),
    ("st_ctime", "changed"),
    ("st_ctime_ns", "changed_ns"),
    ("st_dev", "device"),
    ("st_gid", "gid"),
    ("st_ino", "inode"),
    ("st_mode", "mode"),
    ("st_mtime", "modified"),
    ("st_mtime_ns", "modified_ns"),
    ("st_nlink", "nlink"),
    ("st_rdev", "rdev"),
    ("st_size", "size"),
    ("st_uid", "uid"),
];

type Time = (i64, u32);

const BILLION: i128 = 1_000_000_000;

fn total((seconds, nanoseconds): Time) -> i128 {
    i128::from(seconds) * BILLION + i128::from(nanoseconds)
}

pub fn time(total: i128) -> PyResult<Time> {
    let whole = i64::try_from(total.div_euclid(BILLION))?;
    Ok((whole, u32::try_from(total.rem_euclid(BILLION))?))
}

/// "No user" is -1.
fn user(id: u32) -> i64 {
    if id == u32::MAX { -1 } else { i64::from(id) }
}

fn user_id(given: i64) -> PyResult<u32> {
    Ok(if given == -1 { u32::MAX } else { u32::try_from(given)? })
}

impl FileMetadata {
    pub fn make(py: Python<'_>, status: &Status) -> PyResult<Py<PyAny>> {
        Ok(Py::new(py, Self { status: *status })?.into_any())
    }
}

#[pymethods]
impl FileMetadata {
    #[new]
    #[pyo3(signature = (
        *, mode, size=0, inode=0, device=0, nlink=1, uid=0, gid=0, blocks=0, block_size=4096, rdev=0,
        accessed_ns=0, modified_ns=0, changed_ns=0, created_ns=None
    ))]
    #[allow(clippy::too_many_arguments)] // all of them are keywords
    fn new(
        mode: u32,
        size: u64,
        inode: u64,
        device: u64,
        nlink: u64,
        uid: i64,
        gid: i64,
        blocks: u64,
        block_size: u32,
        rdev: u64,
        accessed_ns: i128,
        modified_ns: i128,
        changed_ns: i128,
        created_ns: Option<i128>,
    ) -> PyResult<Self> {
        let status = Status {
            mode,
            inode,
            device,
            links: nlink,
            uid: user_id(uid)?,
            gid: user_id(gid)?,
            size,
            atime: time(accessed_ns)?,
            mtime: time(modified_ns)?,
            ctime: time(changed_ns)?,
            btime: created_ns.map(time).transpose()?,
            block_size,
            blocks,
            rdev,
        };
        Ok(Self { status })
    }

    /// How many bytes are in it.
    #[getter]
    fn size(&self) -> u64 {
        self.status.size
    }

    /// Whether it is a regular file.
    #[getter]
    fn is_file(&self) -> bool {
        is(&self.status, libc::S_IFREG)
    }

    /// Whether it is a directory.
    #[getter]
    fn is_dir(&self) -> bool {
        is(&self.status, libc::S_IFDIR)
    }

    /// Whether it is a symbolic link that wasn't followed.
    #[getter]
    fn is_symlink(&self) -> bool {
        is(&self.status, libc::S_IFLNK)
    }

    /// When its content was changed, in seconds since 1970.
    #[getter]
    fn modified(&self) -> f64 {
        seconds(self.status.mtime)
    }

    /// When it was last read, as far as that is kept.
    #[getter]
    fn accessed(&self) -> f64 {
        seconds(self.status.atime)
    }

    /// When it was made; None where the filesystem doesn't keep that.
    #[getter]
    fn created(&self) -> Option<f64> {
        self.status.btime.map(seconds)
    }

    /// When its metadata were changed.
    #[getter]
    fn changed(&self) -> f64 {
        seconds(self.status.ctime)
    }

    /// `modified` in nanoseconds.
    #[getter]
    fn modified_ns(&self) -> i128 {
        total(self.status.mtime)
    }

    /// `accessed` in nanoseconds.
    #[getter]
    fn accessed_ns(&self) -> i128 {
        total(self.status.atime)
    }

    /// `created` in nanoseconds.
    #[getter]
    fn created_ns(&self) -> Option<i128> {
        self.status.btime.map(total)
    }

    /// `changed` in nanoseconds.
    #[getter]
    fn changed_ns(&self) -> i128 {
        total(self.status.ctime)
    }

    /// Its kind and permissions.
    #[getter]
    fn mode(&self) -> u32 {
        self.status.mode
    }

    /// Whose it is.
    #[getter]
    fn uid(&self) -> i64 {
        user(self.status.uid)
    }

    /// Which group's it is.
    #[getter]
    fn gid(&self) -> i64 {
        user(self.status.gid)
    }

    /// Its number in the filesystem.
    #[getter]
    fn inode(&self) -> u64 {
        self.status.inode
    }

    /// The filesystem it lies on.
    #[getter]
    fn device(&self) -> u64 {
        self.status.device
    }

    /// How many names it has.
    #[getter]
    fn nlink(&self) -> u64 {
        self.status.links
    }

    /// How much room it takes, in units of 512 bytes.
    #[getter]
    fn blocks(&self) -> u64 {
        self.status.blocks
    }

    /// How much is best read or written at once.
    #[getter]
    fn block_size(&self) -> u32 {
        self.status.block_size
    }

    /// Which device it is, if it is one.
    #[getter]
    fn rdev(&self) -> u64 {
        self.status.rdev
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let mode = py.import("stat")?.call_method1("filemode", (self.mode(),))?;
        let (size, modified) = (self.size(), pyo3::types::PyFloat::new(py, self.modified()).repr()?);
        Ok(format!("<FileMetadata {mode} size={size} uid={} gid={} modified={modified}>", self.uid(), self.gid()))
    }

    fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyDict>)> {
        let all = PyDict::new(py);
        all.set_item("mode", self.mode())?;
        all.set_item("size", self.size())?;
        all.set_item("inode", self.inode())?;
        all.set_item("device", self.device())?;
        all.set_item("nlink", self.nlink())?;
        all.set_item("uid", self.uid())?;
        all.set_item("gid", self.gid())?;
        all.set_item("blocks", self.blocks())?;
        all.set_item("block_size", self.block_size())?;
        all.set_item("rdev", self.rdev())?;
        all.set_item("accessed_ns", self.accessed_ns())?;
        all.set_item("modified_ns", self.modified_ns())?;
        all.set_item("changed_ns", self.changed_ns())?;
        all.set_item("created_ns", self.created_ns())?;
        Ok((PyTuple::empty(py), all))
    }
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<FileMetadata>()?;
    let class = module.py().get_type::<FileMetadata>();
    for (alias, name) in ALIASES {
        class.setattr(alias, class.getattr(name)?)?;
    }
    Ok(())
}
