//! Whose files.

use std::ffi::{CStr, CString, c_char};
use std::io;
use std::mem::MaybeUninit;
use std::ptr;

use rustix::fs::{AtFlags, CWD, Gid, Uid, chownat};

use super::retry;

/// What the system's databases of users and groups may need for one of them.
const LARGEST: usize = 1 << 20;

/// A user or group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// By number.
    Id(u32),
    /// By name, or by a number that is nobody's name.
    Name(String),
}

impl Owner {
    /// The user's number. It may have to be asked for far away. `called` is who wants to know, for the error.
    pub fn user(&self, called: &str) -> io::Result<u32> {
        self.resolve(&format!("{called} is no user"), user_id)
    }

    /// The group's number.
    pub fn group(&self, called: &str) -> io::Result<u32> {
        self.resolve(&format!("{called} is no group"), group_id)
    }

    fn resolve(&self, complaint: &str, look_up: fn(&CStr) -> io::Result<Option<u32>>) -> io::Result<u32> {
        match self {
            Owner::Id(id) => Ok(*id),
            Owner::Name(name) => {
                let unknown = || io::Error::new(io::ErrorKind::InvalidData, format!("{complaint}: '{name}'"));
                let c_name = CString::new(name.as_str()).map_err(|_| unknown())?;
                match look_up(&c_name)? {
                    Some(id) => Ok(id),
                    None => name.parse().map_err(|_| unknown()),
                }
            }
        }
    }
}

/// Gives a file to somebody; None leaves the user or the group as it is.
pub fn give(path: &CStr, user: Option<u32>, group: Option<u32>, follow: bool) -> io::Result<()> {
    let flags = if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
    let (user, group) = (user.map(Uid::from_raw_unchecked), group.map(Gid::from_raw_unchecked));
    Ok(retry(|| chownat(CWD, path, user, group, flags))?)
}

fn user_id(name: &CStr) -> io::Result<Option<u32>> {
    // SAFETY: the name ends with a NUL, the buffer's length is given; what is found is null or the place to fill.
    look_up(|user: *mut libc::passwd, buffer, size, found| unsafe {
        libc::getpwnam_r(name.as_ptr(), user, buffer, size, found)
    })
    .map(|user| user.map(|user| user.pw_uid))
}

fn group_id(name: &CStr) -> io::Result<Option<u32>> {
    // SAFETY: as above.
    look_up(|group: *mut libc::group, buffer, size, found| unsafe {
        libc::getgrnam_r(name.as_ptr(), group, buffer, size, found)
    })
    .map(|group| group.map(|group| group.gr_gid))
}

/// Asks with as much room as it takes. `ask` fills the first place if it sets the last.
fn look_up<T>(ask: impl Fn(*mut T, *mut c_char, usize, *mut *mut T) -> i32) -> io::Result<Option<T>> {
    let mut buffer: Vec<c_char> = vec![0; 1024];
    loop {
        let mut place = MaybeUninit::<T>::uninit();
        let mut found = ptr::null_mut();
        match ask(place.as_mut_ptr(), buffer.as_mut_ptr(), buffer.len(), &raw mut found) {
            // SAFETY: it was found, so it was filled in.
            _ if !found.is_null() => return Ok(Some(unsafe { place.assume_init() })),
            libc::ERANGE if buffer.len() < LARGEST => buffer.resize(buffer.len() * 4, 0),
            libc::EINTR => {}
            // Systems differ in how they say that there is no such name.
            0 | libc::ENOENT | libc::ESRCH | libc::EBADF | libc::EPERM => return Ok(None),
            error => return Err(io::Error::from_raw_os_error(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Owner;

    #[test]
    fn names() {
        assert_eq!(Owner::Name("root".into()).user("uid").unwrap(), 0);
        assert_eq!(Owner::Name("4711".into()).user("uid").unwrap(), 4711);
        let error = Owner::Name("no such user".into()).user("uid").unwrap_err();
        assert_eq!(error.to_string(), "uid is no user: 'no such user'");
        assert_eq!(Owner::Name("4712".into()).group("gid").unwrap(), 4712);
        assert!(Owner::Name("no such group".into()).group("gid").is_err());
    }
}
