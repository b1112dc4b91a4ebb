//! Other servers: moto's S3, the language of Google's store, and a web server.

use super::{hash_of, served};
use crate::support::object_server::ObjectServer;

#[test]
fn motos_s3_takes_objects_of_all_sizes_and_trees() {
    let (place, _) = served("good");
    let Some(server) = ObjectServer::start_s3(place.path()) else {
        return;
    };
    let run = |line: &str| place.shell(&format!("{}; {line}", server.s3_settings()));
    for (rows, options) in [(3, ""), (4_000_000, "--existing error")] {
        let url = format!("s3://bucket/written/{rows}.parquet");
        let line = format!("stream-head -n {rows} a.arrows | stream-to-parquet -z none -o {url}");
        run(&format!("{line} {options}")).succeeds();
        let line = format!("parquet-to-stream {url} | stream-count");
        run(&line).succeeds().stdout_is(&format!("{rows}\n"));
        let line = format!("stream-to-parquet --existing error -o {url} a.arrows");
        run(&line).exits_with(1).one_line_on_stderr().stderr_has("it exists already");
    }
    let tree =
        "stream-select 'a, a % 3 AS k' a.arrows | stream-to-parquet --partition-by k -z none";
    let options = "--success-marker -o s3://bucket/tree";
    run(&format!("{tree} {options}")).succeeds();
    run(&format!("{tree} {options}")).exits_with(1).stderr_has("exists and is not empty");
    run(&format!("{tree} {options} --existing append")).succeeds();
    run(&format!("{tree} {options} --existing overwrite")).succeeds();
    run("stream-head a.arrows -o s3://none/a").exits_with(1).stderr_is(
        "stream-head: cannot write s3://none/a: not found (status 404): does the bucket or container exist?\n",
    );
}

#[test]
fn a_bucket_in_another_region_is_written_to_there() {
    let (place, server) = served("good");
    for rows in [3, 4_000_000] {
        place.shell(&format!("stream-head -n {rows} a.arrows -o few")).succeeds();
        server.run(&place, "stream-cat few -o s3://elsewhere/new").succeeds();
        assert_eq!(server.stored().objects["elsewhere/new"], hash_of(&place, "few"));
    }
    let tree = "stream-to-parquet --file-rows 1000000 a.arrows -o s3://elsewhere/tree";
    server.run(&place, tree).succeeds();
    let stored = server.stored();
    assert_eq!(stored.open_uploads, 0);
    assert!(stored.objects.keys().any(|name| name.starts_with("elsewhere/tree/")));
}

/// As the emulator for it that there is has no multipart uploads, this is our small server.
#[test]
fn googles_store_takes_objects_of_all_sizes_and_trees() {
    let (place, server) = served("good");
    let run = |line: &str| {
        let key = format!(
            "{{\"gcs_base_url\": \"{}\", \"disable_oauth\": true, \"client_email\": \"\", \
             \"private_key\": \"\", \"private_key_id\": \"\"}}",
            server.endpoint()
        );
        place.shell(&format!("export GOOGLE_SERVICE_ACCOUNT_KEY='{key}'; {line}"))
    };
    for rows in [3, 4_000_000] {
        place.shell(&format!("stream-head -n {rows} a.arrows -o few")).succeeds();
        run("stream-cat few -o gs://good/new").succeeds();
        assert_eq!(server.stored().objects["good/new"], hash_of(&place, "few"));
        for name in ["new", "newer"] {
            let line =
                format!("stream-to-parquet -z none --existing error few -o gs://good/{name}{rows}");
            run(&line).succeeds();
            run(&line).exits_with(1).one_line_on_stderr().stderr_has("it exists already");
        }
    }
    let tree = "stream-to-parquet --file-rows 1000000 a.arrows -o gs://good/tree";
    run(tree).succeeds();
    run(&format!("{tree} --existing overwrite --success-marker")).succeeds();
    let stored = server.stored();
    let objects = stored.objects.keys().filter(|name| name.starts_with("good/tree/"));
    assert_eq!((objects.count(), stored.open_uploads), (5, 0));
    // An emulator needs no credentials.
    for input in ["few", "a.arrows"] {
        let host = server.endpoint().replace("http://", "");
        let line = format!(
            "export STORAGE_EMULATOR_HOST={host} GOOGLE_APPLICATION_CREDENTIALS=/none; \
             stream-cat {input} -o gs://good/emulated"
        );
        place.shell(&line).succeeds();
        assert_eq!(server.stored().objects["good/emulated"], hash_of(&place, input));
    }
}

#[test]
fn a_web_server_gets_an_object_by_one_request() {
    let (place, server) = served("good");
    let url = format!("{}/good/web", server.endpoint());
    for input in ["a.arrows", "few"] {
        place.shell("stream-head -n 3 a.arrows -o few").succeeds();
        server.run(&place, &format!("stream-cat {input} -o '{url}?token=secret'")).succeeds();
        assert_eq!(server.stored().objects["good/web"], hash_of(&place, input));
    }
    let line = format!("stream-to-parquet --existing error a.arrows -o '{url}?token=secret'");
    server.run(&place, &line).exits_with(1).stderr_is(&format!(
        "stream-to-parquet: cannot write {url}: it exists already (--existing overwrite replaces it)\n"
    ));
    let line = format!("stream-to-parquet --file-rows 10 few -o '{url}?token=secret'");
    server.run(&place, &line).exits_with(2).one_line_on_stderr();
}
