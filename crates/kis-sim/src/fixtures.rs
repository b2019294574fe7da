//! The content of `fixtures/`, compiled in by the build script.

include!(concat!(env!("OUT_DIR"), "/fixtures.rs"));
