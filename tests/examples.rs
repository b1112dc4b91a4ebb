//! Every line that the documents show behind a `$` does what it says: it is run here, as a person
//! would type it; and so are the recipes of `examples/`.

use crate::support::{Outcome, Python, Tool, Workplace};
use std::path::{Path, PathBuf};

/// What the examples find in the directory they run in.
const SAMPLES: &str = "
    stream-generate 'group = 0..20, id = 0..30, row = 0..10' | stream-to-parquet -o data.parquet
    parquet-to-stream data.parquet -n 100 >data.arrows
    cp data.parquet january.parquet
    cp data.parquet february.parquet
";

#[test]
fn those_of_the_readme() {
    let examples = examples_of(&read("README.md"));
    assert!(10 <= examples.len(), "{} examples", examples.len());
    run_all("README.md", &examples);
}

#[test]
fn those_of_the_manuals() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    let mut pages = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap().replace("\\-", "-").replace("\\e", "\\");
        run_all(&path.display().to_string(), &examples_of(&text));
        pages += 1;
    }
    assert!(0 < pages);
}

/// Each script in `examples/` prints what stands behind `# Prints:` at its end.
#[test]
fn the_recipes_print_what_they_say() {
    let recipes = recipes("sh");
    assert!(5 < recipes.len());
    for (path, text) in recipes {
        let (_, printed) = text.split_once("\n# Prints:\n").expect("no `# Prints:`");
        let lines = printed.lines().map(|line| line.trim_start_matches('#'));
        let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
        let printed: String = lines.map(|line| format!("{line}\n")).collect();
        let place = Workplace::new();
        let line = format!("{} timeout 120 bash {}", with_python(), path.display());
        place.shell(&line).succeeds().stdout_is(&printed);
    }
}

/// Each page in `examples/` shows below a command what it prints, where it prints something; those of a page
/// build on each other.
#[test]
fn the_pages_print_what_they_show() {
    let pages = recipes("md");
    assert!(!pages.is_empty());
    for (_, text) in pages {
        let place = Workplace::new();
        let shown: Vec<&str> =
            text.lines().map(|line| line.strip_prefix("    ").unwrap_or_default()).collect();
        for example in examples_of(&text) {
            let last = example.lines().last().unwrap();
            let end =
                shown.iter().position(|line| line.trim_start_matches("$ ").trim() == last).unwrap();
            let printed = shown[end + 1..]
                .iter()
                .take_while(|line| !line.is_empty() && !line.starts_with("$ "));
            let printed: String = printed.map(|line| format!("{line}\n")).collect();
            let line = format!("export {}; set -o pipefail\n{example}", with_python());
            place.shell(&line).succeeds().stdout_is(&printed);
        }
    }
}

fn recipes(extension: &str) -> Vec<(PathBuf, String)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let paths = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let paths = paths.filter(|path| path.extension().is_some_and(|end| end == extension));
    paths.map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

fn with_python() -> String {
    let python = Python::interpreter();
    let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("python");
    format!("PATH={}:$PATH PYTHONPATH={}", python.parent().unwrap().display(), package.display())
}

#[test]
fn the_manuals_are_clean() {
    // In the directory itself, where mandoc finds the pages that others refer to.
    let manuals = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    let run = Tool::program("bash", &manuals).args(["-c", "mandoc -Tlint *.1 *.7"]).run();
    run.exits_with(0).stdout_is("").stderr_is("");
}

fn run_all(document: &str, examples: &[String]) {
    let place = Workplace::new();
    place.shell(&format!("set -e\n{SAMPLES}")).succeeds();
    for example in examples {
        let run: Outcome = place.shell(&format!("set -o pipefail\n{example}"));
        assert_eq!(run.status(), Some(0), "{document}: $ {example}\n{}", run.stderr);
    }
}

/// The lines behind `$ `; one that ends with a bar or a backslash goes on in the next.
fn examples_of(text: &str) -> Vec<String> {
    let mut examples: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        let line = line.trim();
        match line.strip_prefix("$ ") {
            Some(start) => examples.push(start.to_owned()),
            None if goes_on => {
                let last = examples.last_mut().unwrap();
                last.push('\n');
                last.push_str(line);
            }
            None => continue,
        }
        goes_on = line.ends_with('|') || line.ends_with('\\');
    }
    examples
}

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}
