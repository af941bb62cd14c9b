//! Which entries of a tree are ignored: git's rules, exactly as git has them, and ignore files of other names.
//!
//! A walker makes [`Rules`] for its root, [`Rules::enter`]s each directory with the names it has just read there (so that nothing is
//! looked for in vain), and asks [`Rules::ignored`] for each entry. It doesn't go into what is ignored: that is part of
//! the rules, for a `!` can't bring back what is in an ignored directory.
//!
//! ```
//! use rapfiles_core::ignore_rules::{Rules, Settings};
//!
//! let directory = std::env::temp_dir().join(format!("rapfiles-rules-{}", std::process::id()));
//! std::fs::create_dir_all(&directory)?;
//! std::fs::write(directory.join(".ignore"), "*.log\n!kept.log\n")?;
//! let root = directory.to_str().unwrap();
//! let settings = Settings { names: vec![b".ignore".to_vec()], ..Settings::default() };
//! let rules = Rules::new(settings, root.as_bytes(), &|name| name == b".ignore", &mut |_| {}).unwrap();
//! assert!(rules.ignored(format!("{root}/server.log").as_bytes(), false));
//! assert!(!rules.ignored(format!("{root}/kept.log").as_bytes(), false));
//! # std::fs::remove_dir_all(&directory)?;
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! What a walker can't know: git also lists files that match a rule but are tracked. Conditions of `includeIf` other than
//! `gitdir`, and configuration given by `GIT_CONFIG_COUNT`, are not looked at.

mod class;
mod config;
mod file;
mod list;
mod repository;
mod rules;
mod wild;

pub use config::Environment;
pub use rules::{Rules, Settings};
