//! Compiles `fixtures/` in, so that the simulator works from any directory.
use std::{
    env,
    error::Error,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(&env::var_os("CARGO_MANIFEST_DIR").ok_or("no manifest directory")?)
        .join("../../fixtures")
        .canonicalize()?;
    let mut code = String::new();
    // A stream without recorded frames has derived ones.
    embed(&mut code, "FRAMES", &[root.join("frames"), root.join("derived")], "jsonl")?;
    embed(&mut code, "REST", &[root.join("rest")], "json")?;
    let out = env::var_os("OUT_DIR").ok_or("no output directory")?;
    fs::write(Path::new(&out).join("fixtures.rs"), code)?;
    Ok(())
}

/// Writes a table of (file name, content) over the files of some folders, by name.
fn embed(
    code: &mut String,
    name: &str,
    folders: &[PathBuf],
    suffix: &str,
) -> Result<(), Box<dyn Error>> {
    writeln!(code, "pub(crate) const {name}: &[(&str, &str)] = &[")?;
    for folder in folders {
        println!("cargo::rerun-if-changed={}", folder.display());
        let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
        let mut files = entries.collect::<Result<Vec<_>, io::Error>>()?;
        files.retain(|file| file.extension().is_some_and(|found| found == suffix));
        files.sort();
        for file in files {
            let title = file.file_name().ok_or("a fixture without a name")?;
            println!("cargo::rerun-if-changed={}", file.display());
            writeln!(code, "    ({title:?}, include_str!({file:?})),")?;
        }
    }
    writeln!(code, "];")?;
    Ok(())
}
