//! What an entry is.

use rustix::fs::FileType;

/// The types that a directory tells of its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A socket.
    Socket,
    /// A FIFO.
    Fifo,
    /// A block device.
    Block,
    /// A character device.
    Character,
    /// Something that this system alone knows.
    Other,
}

impl Kind {
    /// As `find` has it, for its users; nothing for what has no name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::File => "file",
            Kind::Directory => "dir",
            Kind::Symlink => "symlink",
            Kind::Socket => "socket",
            Kind::Fifo => "fifo",
            Kind::Block => "block",
            Kind::Character => "char",
            Kind::Other => "",
        }
    }
}

impl From<FileType> for Kind {
    fn from(kind: FileType) -> Self {
        match kind {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Directory,
            FileType::Symlink => Kind::Symlink,
            FileType::Socket => Kind::Socket,
            FileType::Fifo => Kind::Fifo,
            FileType::BlockDevice => Kind::Block,
            FileType::CharacterDevice => Kind::Character,
            FileType::Unknown => Kind::Other,
        }
    }
}
