//! Whose files.

use std::ffi::{CStr, CString, c_char};
use std::io;
use std::mem::MaybeUninit;
use std::ptr;

/// What the system's database of users may need for one of them.
const LARGEST: usize = 1 << 20;

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// By number.
    Id(u32),
    /// By name, or by a number that is nobody's name.
    Name(String),
}

impl Owner {
    /// The user's number. It may have to be asked for far away.
    pub(super) fn resolve(&self) -> io::Result<u32> {
        match self {
            Owner::Id(id) => Ok(*id),
            Owner::Name(name) => {
                let unknown = || io::Error::new(io::ErrorKind::InvalidData, format!("owner is no user: '{name}'"));
                let c_name = CString::new(name.as_str()).map_err(|_| unknown())?;
                match look_up(&c_name)? {
                    Some(id) => Ok(id),
                    None => name.parse().map_err(|_| unknown()),
                }
            }
        }
    }
}

fn look_up(name: &CStr) -> io::Result<Option<u32>> {
    let mut buffer: Vec<c_char> = vec![0; 1024];
    loop {
        let mut user = MaybeUninit::<libc::passwd>::uninit();
        let mut found = ptr::null_mut();
        // SAFETY: the name ends with a NUL, the buffer's length is given; `found` is null or points to `user`.
        let error = unsafe {
            libc::getpwnam_r(name.as_ptr(), user.as_mut_ptr(), buffer.as_mut_ptr(), buffer.len(), &raw mut found)
        };
        match error {
            // SAFETY: it was found, so it was filled in.
            _ if !found.is_null() => return Ok(Some(unsafe { user.assume_init() }.pw_uid)),
            libc::ERANGE if buffer.len() < LARGEST => buffer.resize(buffer.len() * 4, 0),
            libc::EINTR => {}
            // Systems differ in how they say that there is no such user.
            0 | libc::ENOENT | libc::ESRCH | libc::EBADF | libc::EPERM => return Ok(None),
            error => return Err(io::Error::from_raw_os_error(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Owner;

    #[test]
    fn users() {
        assert_eq!(Owner::Name("root".into()).resolve().unwrap(), 0);
        assert_eq!(Owner::Name("4711".into()).resolve().unwrap(), 4711);
        assert!(Owner::Name("no such user".into()).resolve().is_err());
    }
}
