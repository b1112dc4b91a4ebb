//! Azure's store, as its own emulator is.

use crate::support::Workplace;
use crate::support::real_servers::{AZURITE_KEY, Azurite};

/// A store, and a stream of 14 MB, which is more than one part.
fn served(place: &Workplace) -> Option<Azurite> {
    let server = Azurite::start(place)?;
    let line = "stream-generate 'a = 0..600000, b = random(int64 0..1000000000), k = random(int64 0..3)' -o a.arrows";
    place.shell(line).succeeds();
    Some(server)
}

#[test]
fn azures_store_takes_and_gives_objects_of_all_sizes() {
    let place = Workplace::new();
    let Some(server) = served(&place) else { return };
    let run = |line: &str| place.shell(&server.line(line));
    for rows in [3, 600_000] {
        let url = format!("az://container/{rows}.parquet");
        let line = format!("stream-head -n {rows} a.arrows | stream-to-parquet -z none -o {url}");
        run(&format!("{line} --existing error")).succeeds();
        run(&format!("{line} --existing error")).exits_with(1).stderr_is(&format!(
            "stream-to-parquet: cannot write {url}: it exists already (--existing overwrite replaces it)\n"
        ));
        run(&line).succeeds();
        let expected = format!("{rows}\n");
        run(&format!("parquet-to-stream {url} | stream-count")).succeeds().stdout_is(&expected);
        run(&format!("file-inspect --count rows {url}")).succeeds().stdout_is(&expected);
    }
    let odd = "az://container/a b%2Bc/d=é&f/~(1).arrows";
    let told = run(&format!("stream-cat --progress a.arrows -o '{odd}'")).exits_with(0).stderr;
    // Blocks, and the list of them.
    assert!(!told.contains(" in 1 request,"), "{told}");
    run(&format!("stream-cat '{odd}' | cmp - a.arrows")).succeeds();
    // The last bytes need the size first.
    let line = "parquet-to-stream --explain=json -c a -w 'a < 5' az://container/600000.parquet | stream-count";
    let told = run(line).exits_with(0).stdout_is("5\n").stderr;
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let transferred = &told["transferred"];
    assert!(transferred["requests"].as_u64().unwrap() <= 3, "{transferred}");
    assert!(transferred["bytes"].as_u64().unwrap() < 6 << 20, "{transferred}");
}

#[test]
fn azures_store_has_trees() {
    let place = Workplace::new();
    let Some(server) = served(&place) else { return };
    let run = |line: &str| place.shell(&server.line(line));
    place.shell("stream-head -n 30000 a.arrows >few && mv few a.arrows").succeeds();
    let tree =
        "stream-to-parquet --partition-by k a.arrows --success-marker -o az://container/tree";
    run(tree).succeeds();
    run(tree).exits_with(1).one_line_on_stderr().stderr_has("exists and is not empty");
    run(&format!("{tree} --existing overwrite")).succeeds();
    let expected = run("stream-filter 'k = 1' a.arrows | stream-count").succeeds().stdout_text();
    for options in [
        "-w 'k = 1' az://container/tree/",
        "'az://container/tree/k=1/*.parquet'",
        "'abfss://container@devstoreaccount1.dfs.core.windows.net/tree/k=1/'",
    ] {
        let line = format!("parquet-to-stream {options} | stream-count");
        run(&line).succeeds().stdout_is(&expected);
    }
}

#[test]
fn a_stream_without_its_end_makes_no_object_in_azures_store() {
    let place = Workplace::new();
    let Some(server) = served(&place) else { return };
    let run = |line: &str| place.shell(&server.line(line));
    for bytes in [1000, 12_000_000] {
        let line = format!("head -c {bytes} a.arrows | stream-cat -o az://container/new.arrows");
        let outcome = run(&line).exits_with(1).one_line_on_stderr();
        outcome.stderr_has("the producer stopped early");
    }
    let told = "stream-count: az://container/new.arrows: not found (status 404)\n";
    run("stream-count az://container/new.arrows").exits_with(1).stderr_is(told);
}

#[test]
fn what_azures_store_refuses_is_told_with_the_way_out() {
    let place = Workplace::new();
    let Some(server) = served(&place) else { return };
    let (url, line) = ("az://container/a", "stream-head -n 3 a.arrows -o az://container/a");
    let wrong = AZURITE_KEY.replace('E', "F");
    let why = "access denied (status 403, AuthorizationFailure): the credentials in \
               AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_KEY or \
               AZURE_CLIENT_ID, or of this machine, do not allow this";
    let told = place.shell(&server.line_with_key(&wrong, line)).exits_with(1);
    told.stderr_is(&format!("stream-head: cannot write {url}: {why}\n"));
    place.shell(&server.line(line)).succeeds();
    let told = place.shell(&server.line_with_key(&wrong, &format!("stream-count {url}")));
    told.exits_with(1).stderr_is(&format!("stream-count: {url}: {why}\n"));
    let why = "no account: set AZURE_STORAGE_ACCOUNT_NAME, or AZURE_STORAGE_CONNECTION_STRING";
    let told = place.shell(&format!("stream-count {url}")).exits_with(1);
    told.stderr_is(&format!("stream-count: {url}: {why}\n"));
    let told = place.shell(line).exits_with(1);
    told.stderr_is(&format!("stream-head: cannot write {url}: {why}\n"));
    let none = "stream-head -n 3 a.arrows -o az://none/a";
    place.shell(&server.line(none)).exits_with(1).stderr_is(
        "stream-head: cannot write az://none/a: not found (status 404): does the bucket or container exist?\n",
    );
}
