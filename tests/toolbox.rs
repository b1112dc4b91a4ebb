//! The executable with all tools: how it finds its tool, and how links to it are installed.

use crate::support::{Outcome, Tool, Workplace, tools};
use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

const EXECUTABLE: &str = env!("CARGO_BIN_EXE_arrow-pipes");

#[test]
fn the_name_decides_which_tool_runs() {
    let place = Workplace::new();
    for name in ["stream-head", "stream-head-0.2.0", "old-stream-head", "my_stream-head.exe"] {
        symlink(EXECUTABLE, place.file(name)).unwrap();
        called(&place, name).arg("-V").run().succeeds().stdout_has("stream-head ");
        called(&place, name).arg("-h").run().succeeds().stdout_has("Usage: stream-head [");
        let run = called(&place, name).arg("--rows").run().exits_with(2).one_line_on_stderr();
        run.stderr_has("stream-head: unknown option").stderr_has("(stream-head -h lists them)");
    }
    symlink("stream-head", place.file("stream-tail")).unwrap();
    called(&place, "stream-tail").arg("-V").run().succeeds().stdout_has("stream-tail ");
    for name in ["stream-heads", "stream", "head", "arrow-pipes-0.2.0"] {
        symlink(EXECUTABLE, place.file(name)).unwrap();
        called(&place, name).arg("-V").run().succeeds().stdout_has("arrow-pipes ");
        called(&place, name).args(["stream-tail", "-V"]).run().stdout_has("stream-tail ");
    }
    // A hard link needs the same file system.
    let beside = tempfile::tempdir_in(Path::new(EXECUTABLE).parent().unwrap()).unwrap();
    let hard = beside.path().join("stream-sort");
    std::fs::hard_link(EXECUTABLE, &hard).unwrap();
    Tool::program(hard, place.path()).arg("-V").run().succeeds().stdout_has("stream-sort ");
}

#[test]
fn a_tool_runs_by_its_name_as_an_argument() {
    for tool in tools() {
        let alone = Tool::new(&tool).arg("-h").run().succeeds().stdout_text();
        own([&tool, "-h"]).succeeds().stdout_is(&alone);
    }
    own(["stream-head", "--rows"]).exits_with(2).stderr_has("stream-head: unknown option");
    let place = Workplace::new();
    let line = "arrow-pipes stream-generate 'id = 0..3' | arrow-pipes stream-to-csv";
    place.shell(line).succeeds().stdout_is("id\n0\n1\n2\n");
}

#[test]
fn an_unknown_tool_is_reported_with_similar_ones() {
    let fails = |name: &str, message: &str| {
        own([name]).exits_with(2).stderr_is(&format!("arrow-pipes: {message}\n"));
        own(["--man", name]).exits_with(2).stderr_is(&format!("arrow-pipes: {message}\n"));
    };
    fails("filter", "unknown tool \"filter\" (did you mean \"stream-filter\"?)");
    fails(
        "stream-sotr",
        "unknown tool \"stream-sotr\" (did you mean \"stream-sort\", \"stream-cat\", \"stream-join\"?)",
    );
    fails("x", "unknown tool \"x\" (arrow-pipes without arguments lists them)");
    own(["--man", "x", "--install", "y"]).exits_with(2).one_line_on_stderr();
    own(["--install", ""]).exits_with(2).stderr_has("\"\" is not a directory");
    let run = own(["--install", "x", "stream-head"]).exits_with(2).one_line_on_stderr();
    run.stderr_has("--install does not take a second operand (stream-head)");
}

#[test]
fn without_arguments_it_lists_all_tools() {
    let list = own([]).succeeds().stdout_text();
    for tool in tools() {
        assert_eq!(list.matches(&format!("\n  {tool} ")).count(), 1, "{tool}\n{list}");
    }
    assert!(list.lines().all(|line| line.len() <= 80), "{list}");
}

#[test]
fn manuals_are_printed() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    let mut pages = 0;
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let page = std::fs::read_to_string(&path).unwrap();
        assert!(page.lines().take(3).any(|line| line.contains("Part of arrow-pipes")), "{name}");
        if name == "arrow-expressions" {
            own(["--man", name]).succeeds().stdout_is(&page);
        } else {
            assert!(
                own(["--man", name]).succeeds().stdout_text() == page,
                "{name}: run scripts/update-generated"
            );
        }
        pages += 1;
    }
    assert_eq!(pages, tools().len() + 2);
}

#[test]
fn links_and_manuals_are_installed_and_removed() {
    let place = Workplace::new();
    let before = listing(&place);
    let run = own_in(&place, ["--install", "p/bin"]).succeeds();
    let (links, pages) = (tools().len() + 1, tools().len() + 2);
    // bash and fish load them by the name of the command.
    let scripts = 3 + 2 * tools().len();
    let at = place.path().canonicalize().unwrap().join("p");
    let made = format!(
        "{0}/bin: {links} links made\n{0}/share/man: {pages} manuals made\n\
         {0}/share: {scripts} completions made\n{0}/bin is not in PATH\n",
        at.display()
    );
    run.stdout_is(&made);
    let installed = listing(&place);
    for tool in tools() {
        let run = Tool::program(at.join("bin").join(&tool), place.path()).arg("-V").run();
        run.succeeds().stdout_has(&format!("{tool} "));
        assert_eq!(
            std::fs::read_link(at.join("bin").join(&tool)).unwrap(),
            Path::new("arrow-pipes")
        );
        assert!(at.join(format!("share/man/man1/{tool}.1")).exists());
    }
    assert!(at.join("share/man/man7/arrow-expressions.7").exists());
    // A later version recognizes them by this line.
    let is_text = |path: &Path| path.symlink_metadata().unwrap().is_file();
    for (path, content) in installed.iter().filter(|(path, _)| is_text(path)) {
        let is_ours = content.lines().take(3).any(|line| line.contains("Part of arrow-pipes"));
        assert!(is_ours, "{}", path.display());
    }

    place
        .shell("SHELL=/bin/zsh arrow-pipes --install p/bin")
        .stdout_has("only if it is in fpath\n");
    own_in(&place, ["--install", "p/bin"]).succeeds().stdout_has("links already there\n");
    assert_eq!(listing(&place), installed);
    let run = own_in(&place, ["--uninstall", "p/bin"]).succeeds();
    run.stdout_has(&format!("/bin: {links} links removed\n"));
    std::fs::remove_dir(at.join("bin")).unwrap();
    std::fs::remove_dir(&at).unwrap();
    assert_eq!(listing(&place), before);
    own_in(&place, ["--uninstall", "p/bin"]).succeeds().stdout_is("nothing to remove\n");
    assert_eq!(listing(&place), before);
}

#[test]
fn an_executable_in_the_directory_is_linked_by_its_name() {
    let place = Workplace::new();
    std::fs::create_dir(place.file("bin")).unwrap();
    copy_executable(&place, "bin/arrow-pipes");
    let before = listing(&place);
    place.shell("bin/arrow-pipes --install bin").succeeds();
    // The tree works wherever it is moved.
    place.shell("mkdir -p a && mv bin share a && a/bin/stream-head -V").succeeds();
    place.shell("a/bin/arrow-pipes --uninstall a/bin && mv a/bin . && rmdir a").succeeds();
    assert_eq!(listing(&place), before);
}

#[test]
fn a_directory_that_is_not_bin_gets_links_only() {
    let place = Workplace::new();
    let run = own_in(&place, ["--install", "tools"]).succeeds();
    run.stdout_has(
        "no manuals and completions: they are installed if the directory is named bin\n",
    );
    assert_eq!(place.names(), ["tools"]);
    assert_eq!(std::fs::read_dir(place.file("tools")).unwrap().count(), tools().len() + 1);
    own_in(&place, ["--uninstall", "tools"]).succeeds();
    assert_eq!(std::fs::read_dir(place.file("tools")).unwrap().count(), 0);
}

#[test]
fn files_of_others_stay_and_are_named() {
    for (file, what) in [
        ("bin/stream-head", "is not a link to this executable"),
        ("bin/arrow-pipes", "is not a link to this executable"),
        ("share/man/man1/stream-head.1", "is not a manual of arrow-pipes"),
    ] {
        let place = Workplace::new();
        place.shell(&format!("mkdir -p bin share/man/man1 && echo foreign >{file}")).succeeds();
        let before = listing(&place);
        let run = own_in(&place, ["--install", "bin"]).exits_with(1).one_line_on_stderr();
        run.stderr_has(&format!("/{file} exists and {what}; nothing was installed"));
        assert_eq!(listing(&place), before);
        own_in(&place, ["--uninstall", "bin"]).succeeds();
        assert_eq!(listing(&place), before, "{file}");
    }
    let place = Workplace::new();
    place.shell("mkdir bin && ln -s /bin/cat bin/stream-head && touch share").succeeds();
    let run = own_in(&place, ["--install", "bin"]).exits_with(1).one_line_on_stderr();
    run.stderr_has("/share is not a directory");
    own_in(&place, ["--install", "share/bin"]).exits_with(1).one_line_on_stderr();
}

/// Directories, pages of other versions and links of others that were there before.
#[test]
fn an_installation_over_another_replaces_only_what_is_ours() {
    let place = Workplace::new();
    place.shell("mkdir -p bin share/man/man1 share/doc").succeeds();
    symlink(EXECUTABLE, place.file("bin/stream-tail")).unwrap();
    let before = listing(&place);
    place.write("share/man/man1/stream-head.1", ".\\\" Part of arrow-pipes. Older.\n");
    // Its executable was removed.
    symlink("arrow-pipes", place.file("bin/stream-head")).unwrap();
    let run = own_in(&place, ["--install", "bin"]).succeeds();
    run.stdout_has("share/man: 1 manual replaced\n").stdout_has("bin: 2 links already there\n");
    let run = own_in(&place, ["--uninstall", "bin"]).succeeds();
    run.stdout_has("bin/stream-tail: left, not made by --install\n");
    assert_eq!(listing(&place), before);
}

/// Only `arrow-pipes` itself leads to the other executable; the other links lead to it.
#[test]
fn another_executable_stays_with_its_links() {
    let place = Workplace::new();
    std::fs::create_dir(place.file("bin")).unwrap();
    copy_executable(&place, "bin/arrow-pipes");
    place.shell("bin/arrow-pipes --install bin").succeeds();
    let before = listing(&place);
    let run = own_in(&place, ["--install", "bin"]).exits_with(1).one_line_on_stderr();
    run.stderr_has("/bin/arrow-pipes exists and is not a link to this executable; nothing was");
    let run = own_in(&place, ["--uninstall", "bin"]).exits_with(1).one_line_on_stderr();
    run.stderr_has("/bin/arrow-pipes is another executable; nothing was removed: run /");
    assert_eq!(listing(&place), before);
}

#[test]
fn a_link_to_another_copy_is_replaced() {
    for former in ["/gone/arrow-pipes", "/bin/arrow-pipes-0.1", "../copy/arrow-pipes"] {
        let place = Workplace::new();
        place.shell("mkdir bin copy").succeeds();
        copy_executable(&place, "copy/arrow-pipes");
        place.shell("copy/arrow-pipes --install bin").succeeds();
        place.shell(&format!("ln -sf {former} bin/arrow-pipes")).succeeds();
        let run = own_in(&place, ["--install", "bin"]).succeeds();
        run.stdout_has("/bin: 1 link replaced\n");
        place.shell("rm -r copy && bin/stream-head -V").succeeds();
        own_in(&place, ["--uninstall", "bin"]).succeeds();
        assert_eq!(place.names(), ["bin"]);
        assert_eq!(std::fs::read_dir(place.file("bin")).unwrap().count(), 0);
    }
}

#[test]
fn a_link_of_another_version_is_reported() {
    let place = Workplace::new();
    place.shell("mkdir bin && ln -s arrow-pipes bin/stream-old").succeeds();
    let line = "bin/stream-old: left, a link to arrow-pipes that is none of its tools\n";
    own_in(&place, ["--install", "bin"]).succeeds().stdout_has(line);
    own_in(&place, ["--uninstall", "bin"]).succeeds().stdout_has(line);
}

/// An archive has whole completions where `--install` makes links.
#[test]
fn an_extracted_archive_is_complete() {
    let place = Workplace::new();
    place.shell("mkdir bin").succeeds();
    copy_executable(&place, "bin/arrow-pipes");
    place.shell("bin/arrow-pipes --install bin && rm -r share/arrow-pipes").succeeds();
    let completions = "share/bash-completion/completions share/fish/vendor_completions.d";
    let whole = format!(
        "for link in $(find {completions} -type l); do cp --remove-destination $(realpath $link) $link; done"
    );
    place.shell(&whole).succeeds();
    let before = listing(&place);
    let run = place.shell("bin/arrow-pipes --install bin").succeeds();
    run.stdout_has("completions already there\n");
    assert_eq!(listing(&place), before);
    let run = place.shell("bin/arrow-pipes --uninstall bin").exits_with(1).one_line_on_stderr();
    run.stderr_has("remove a package by the program that installed it");
    assert_eq!(listing(&place), before);
}

/// The rest is removed, and `arrow-pipes` stays to try again.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn a_file_that_cannot_be_removed_is_named() {
    let place = Workplace::new();
    own_in(&place, ["--install", "bin"]).succeeds();
    let mut command = std::process::Command::new(EXECUTABLE);
    command.args(["--uninstall", "bin"]).current_dir(place.path());
    command.stderr(std::fs::File::create(place.file("messages")).unwrap());
    let run = crate::support::run_with_failing_unlink(&mut command, 3);
    assert_eq!(run.status.code(), Some(1));
    let messages = std::fs::read_to_string(place.file("messages")).unwrap();
    std::fs::remove_file(place.file("messages")).unwrap();
    assert_eq!(messages.lines().count(), 1, "{messages}");
    assert!(messages.contains("files were removed): "), "{messages}");
    let mut tools = tools();
    tools.sort();
    let left = place.shell("find bin share ! -type d | sort").stdout_text();
    assert_eq!(left, format!("bin/arrow-pipes\nbin/{}\nshare/arrow-pipes/directories\n", tools[2]));
    own_in(&place, ["--uninstall", "bin"]).succeeds();
    assert_eq!(place.names(), ["bin"]);
}

/// Whichever directory, link or page finds the disk full.
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn a_failed_installation_leaves_nothing() {
    let place = Workplace::new();
    place.shell("mkdir -p bin share/man/man1").succeeds();
    let older = || {
        place.write("share/man/man1/stream-head.1", ".\\\" Part of arrow-pipes. Older.\n");
        listing(&place)
    };
    let before = older();
    let mut failed = 0;
    for at in 1.. {
        let mut command = std::process::Command::new(EXECUTABLE);
        command.args(["--install", "bin"]).current_dir(place.path());
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        let run = crate::support::run_with_full_disk(&mut command, at);
        if run.stops < at {
            break;
        }
        if run.status.success() {
            // The permissions of a page that is replaced need not be kept.
            own_in(&place, ["--uninstall", "bin"]).succeeds();
            older();
        } else {
            failed += 1;
        }
        assert_eq!(listing(&place), before, "call {at}");
    }
    // A link, a page and two completions per tool, directories and the record.
    assert!(4 * tools().len() + 8 < failed, "{failed}");
}

#[test]
fn man_finds_what_was_installed() {
    let place = Workplace::new();
    // mandoc's man does not look for manuals beside the directories in PATH.
    if !place.shell("man --version").stdout_text().starts_with("man 2.") {
        return;
    }
    own_in(&place, ["--install", "p/bin"]).succeeds();
    let line = "PATH=$PWD/p/bin:$PATH; for page in parquet-to-stream arrow-pipes arrow-expressions
        do man -w $page; done";
    let at = place.path().canonicalize().unwrap().join("p/share/man");
    let found = place.shell(line).succeeds().stdout_text();
    let expected = ["man1/parquet-to-stream.1", "man1/arrow-pipes.1", "man7/arrow-expressions.7"];
    let found: Vec<PathBuf> =
        found.lines().map(|line| Path::new(line).canonicalize().unwrap()).collect();
    assert_eq!(found, expected.map(|page| at.join(page)));
}

#[test]
fn the_script_installs_upgrades_and_removes() {
    let place = Workplace::new();
    place.shell("mkdir -p target/release p/bin").succeeds();
    symlink(EXECUTABLE, place.file("target/release/arrow-pipes")).unwrap();
    let before = listing(&place);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/install");
    let script = format!("CARGO_TARGET_DIR=target {} --no-build --prefix", script.display());
    let links = tools().len();
    place
        .shell(&format!("{script} p"))
        .succeeds()
        .stdout_has(&format!("/p/bin: {links} links made\n"));
    place.shell("p/bin/stream-head -V && test -f p/share/man/man1/stream-head.1").succeeds();
    // A program that runs cannot be written to.
    let again = format!(
        "mkfifo f && {{ p/bin/stream-head <f 2>&- & }} && exec 9>f && {script} p && exec 9>&-; rm f"
    );
    place.shell(&again).exits_with(0).stdout_has(&format!("/p/bin: {links} links already there\n"));
    place.shell(&format!("{script} p --uninstall")).succeeds();
    assert_eq!(listing(&place), before);
    place.shell(&format!("{script} p --uninstall")).exits_with(1).stderr_has("no tools in p/bin");

    place.shell("echo foreign >p/bin/stream-head").succeeds();
    let before = listing(&place);
    place.shell(&format!("{script} p")).exits_with(1).one_line_on_stderr();
    assert_eq!(listing(&place), before);
    place.shell("ln -s /bin/true p/bin/arrow-pipes").succeeds();
    let run = place.shell(&format!("{script} p")).exits_with(1).one_line_on_stderr();
    run.stderr_has("p/bin/arrow-pipes is another program");
    place.shell(&format!("{script} p --prefix")).exits_with(2).stderr_has("needs a directory");
}

/// The executable, with arguments.
fn own<const N: usize>(arguments: [&str; N]) -> Outcome {
    own_in(&Workplace::new(), arguments)
}

fn own_in<const N: usize>(place: &Workplace, arguments: [&str; N]) -> Outcome {
    Tool::program(EXECUTABLE, place.path()).args(arguments).run()
}

fn called(place: &Workplace, name: &str) -> Tool {
    Tool::program(place.file(name), place.path())
}

/// All files below a directory, with their modes and contents.
fn listing(place: &Workplace) -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut left = vec![place.path().to_owned()];
    while let Some(directory) = left.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let metadata = path.symlink_metadata().unwrap();
            let content = if metadata.is_dir() {
                left.push(path.clone());
                String::new()
            } else if metadata.is_symlink() {
                format!("-> {}", std::fs::read_link(&path).unwrap().display())
            } else {
                let bytes = std::fs::read(&path).unwrap();
                if bytes.len() > 1_000_000 {
                    bytes.len().to_string()
                } else {
                    String::from_utf8(bytes).unwrap()
                }
            };
            found.insert(path, format!("{:o} {content}", metadata.mode()));
        }
    }
    found
}

#[test]
fn files_of_a_package_are_not_uninstalled() {
    let place = Workplace::new();
    let make = "mkdir bin && cp \"$(realpath \"$(command -v arrow-pipes)\")\" bin/ && \
                ln -s arrow-pipes bin/stream-head";
    place.shell(make).succeeds();
    let before = listing(&place);
    let run = place.shell("bin/arrow-pipes --uninstall bin").exits_with(1).one_line_on_stderr();
    run.stderr_has("remove a package by the program that installed it");
    assert_eq!(listing(&place), before);
}

#[test]
fn a_tool_is_named_first() {
    for (line, message) in [
        ("arrow-pipes -- stream-head -V", "the name of a tool must be the first argument"),
        ("arrow-pipes nonsense --version", "unknown tool \"nonsense\""),
    ] {
        let place = Workplace::new();
        place.shell(line).exits_with(2).one_line_on_stderr().stderr_has(message);
    }
}

#[test]
fn two_directories_of_a_prefix_do_not_share_manuals() {
    let place = Workplace::new();
    own_in(&place, ["--install", "p/bin"]).succeeds();
    let before = listing(&place);
    own_in(&place, ["--install", "p/sbin"]).succeeds().stdout_has("no manuals");
    own_in(&place, ["--uninstall", "p/sbin"]).succeeds();
    place.shell("rmdir p/sbin").succeeds();
    assert_eq!(listing(&place), before);
}

#[test]
fn a_fifo_in_the_place_of_the_record_is_not_opened() {
    let place = Workplace::new();
    place
        .shell("mkdir -p p/share/arrow-pipes && mkfifo p/share/arrow-pipes/directories")
        .succeeds();
    let run = own_in(&place, ["--install", "p/bin"]).exits_with(1).one_line_on_stderr();
    run.stderr_has("is not a record of arrow-pipes: remove it");
}

/// Copies the executable in another process: a test that starts a process meanwhile would hand it
/// the descriptor of the copy, which could not be run as long as it is open for writing.
fn copy_executable(place: &Workplace, to: &str) {
    place.shell(&format!("cp '{EXECUTABLE}' {to}")).succeeds();
}
