//! Compiles `fixtures/` in, so that the simulator works from any directory.
use std::{env, error::Error, fmt::Write, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(&env::var_os("CARGO_MANIFEST_DIR").ok_or("no manifest directory")?)
        .join("../../fixtures")
        .canonicalize()?;
    let mut code = String::new();
    embed(&mut code, "FRAMES", &root.join("frames"), "jsonl")?;
    embed(&mut code, "REST", &root.join("rest"), "json")?;
    let out = env::var_os("OUT_DIR").ok_or("no output directory")?;
    fs::write(Path::new(&out).join("fixtures.rs"), code)?;
    Ok(())
}

/// Writes a table of (file name, content) over the files of one folder, by name.
fn embed(code: &mut String, name: &str, folder: &Path, suffix: &str) -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files: Vec<_> = match fs::read_dir(folder) {
        Ok(entries) => {
            entries.map(|entry| Ok(entry?.path())).collect::<Result<_, std::io::Error>>()?
        }
        Err(_) => Vec::new(),
    };
    files.retain(|file| file.extension().is_some_and(|found| found == suffix));
    files.sort();
    writeln!(code, "pub(crate) const {name}: &[(&str, &str)] = &[")?;
    for file in files {
        let title = file.file_name().ok_or("a fixture without a name")?;
        println!("cargo::rerun-if-changed={}", file.display());
        writeln!(code, "    ({title:?}, include_str!({file:?})),")?;
    }
    writeln!(code, "];")?;
    Ok(())
}
