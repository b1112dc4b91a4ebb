//! Credentials for objects by URL: where they are looked for, and what is said without them.

use crate::support::object_server::ObjectServer;
use crate::support::{Outcome, Workplace};

struct Store {
    place: Workplace,
    server: ObjectServer,
}

impl Store {
    /// A store with one object; the environment has no settings for it but the place of the store.
    fn start() -> Self {
        let place = Workplace::new();
        place
            .shell("stream-generate 'a = 0..5' | stream-to-parquet -o a.parquet; mkdir .aws bin")
            .succeeds();
        let server = ObjectServer::start(place.path());
        Self { place, server }
    }

    /// Counts rows with these settings, and says whose requests were made.
    fn whose(&self, settings: &str, url: &str) -> String {
        self.run(settings, url, "").succeeds().stdout_is("5\n");
        let requests = self.server.take_requests();
        requests.into_iter().map(|request| request.whose).next_back().unwrap()
    }

    fn run(&self, settings: &str, url: &str, options: &str) -> Outcome {
        self.line(settings, &format!("file-inspect --count rows {options} {url}"))
    }

    fn line(&self, settings: &str, line: &str) -> Outcome {
        let endpoint = self.server.endpoint();
        let settings = if settings.is_empty() { ":" } else { settings };
        let clean = "for name in ${!AWS_@}; do unset $name; done";
        self.place.shell(&format!(
            "{clean}; export HOME=$PWD AWS_EC2_METADATA_DISABLED=true AWS_ENDPOINT_URL={endpoint} \
             PATH=$PWD/bin:$PATH; {settings}; {line}"
        ))
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.place.file(name), text).unwrap();
    }
}

const URL: &str = "s3://plain/a.parquet";

#[test]
fn credentials_are_found_where_the_aws_tools_find_them() {
    let store = Store::start();
    store.write(
        ".aws/config",
        "[default]\nregion = eu-west-3\n[profile tool]\nsso_session = x\nregion = us-west-1\n\
         [profile asked]\ncredential_process = ./bin/keys 'of asked'\n",
    );
    store.write(
        ".aws/credentials",
        "[default]\naws_access_key_id = DEFAULT\naws_secret_access_key = s\n\
         [work]\naws_access_key_id = WORK\naws_secret_access_key = s\naws_session_token = t\n",
    );
    let keys = |who: &str| {
        format!(
            "#!/bin/sh\necho \"{{\\\"AccessKeyId\\\": \\\"$(echo {who} | tr ' ' '+')\\\", \
             \\\"SecretAccessKey\\\": \\\"s\\\", \\\"Expiration\\\": \\\"2999-01-01T00:00:00Z\\\"}}\"\n"
        )
    };
    store.write("bin/keys", &keys("$1"));
    store.write("bin/aws", &keys("$*"));
    store.place.shell("chmod +x bin/*").succeeds();
    assert_eq!(store.whose("", URL), "DEFAULT@eu-west-3");
    assert_eq!(
        store.whose("export AWS_PROFILE=work AWS_REGION=eu-south-1", URL),
        "WORK@eu-south-1"
    );
    assert_eq!(store.whose("export AWS_PROFILE=asked", URL), "of+asked@us-east-1");
    let tool = "configure+export-credentials+--profile+tool+--format+process@us-west-1";
    assert_eq!(store.whose("export AWS_PROFILE=tool", URL), tool);
    let keys = "export AWS_PROFILE=work AWS_ACCESS_KEY_ID=ENV AWS_SECRET_ACCESS_KEY=s";
    assert_eq!(store.whose(keys, URL), "ENV@us-east-1");
    let elsewhere = "mv .aws/config c; mv .aws/credentials k; export AWS_CONFIG_FILE=c \
                     AWS_SHARED_CREDENTIALS_FILE=k AWS_PROFILE=work";
    assert_eq!(store.whose(elsewhere, URL), "WORK@us-east-1");
    store.write("token", "secret");
    let container = format!(
        "export AWS_CONTAINER_CREDENTIALS_FULL_URI={} \
         AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=$PWD/token",
        store.server.url("credentials", "x")
    );
    assert_eq!(store.whose(&container, URL), "CONTAINER@us-east-1");
}

const KEYS: &str = "export AWS_ACCESS_KEY_ID=ENV AWS_SECRET_ACCESS_KEY=hidden";

#[test]
fn a_bucket_in_another_region_is_found_there() {
    let store = Store::start();
    let url = "s3://elsewhere/a.parquet";
    assert_eq!(store.whose(KEYS, url), "ENV@eu-north-1");
    assert_eq!(store.whose(&format!("{KEYS}; export AWS_REGION=us-west-2"), url), "ENV@eu-north-1");
}

#[test]
fn a_bucket_in_an_unknown_region_is_an_error_with_the_way_out() {
    let store = Store::start();
    let url = "s3://nowhere/a.parquet";
    let told = format!("{url}: the bucket lies in another region: set AWS_REGION to it\n");
    store.run(KEYS, url, "").exits_with(1).stderr_is(&format!("file-inspect: {told}"));
    let line = format!("stream-generate 'a = 0..5' -o {url}");
    let written = store.line(KEYS, &line).exits_with(1);
    written.stderr_is(&format!("stream-generate: cannot write {told}"));
}

#[test]
fn requests_are_anonymous_or_paid_for_if_asked() {
    let store = Store::start();
    store.run("", URL, "--anonymous").succeeds().stdout_is("5\n");
    assert_eq!(store.server.take_requests()[0].whose, "-");
    store.run(KEYS, URL, "--requester-pays").succeeds().stdout_is("5\n");
    assert_eq!(store.server.take_requests()[0].whose, "ENV@us-east-1:pays");
}

#[test]
fn missing_and_refused_credentials_are_told_with_the_way_out() {
    let store = Store::start();
    let told = |settings: &str, url: &str, options: &str| {
        let run = store.run(settings, url, options).exits_with(1).one_line_on_stderr();
        assert!(!run.stderr.contains("hidden"), "{}", run.stderr);
        run.stderr.strip_prefix(&format!("file-inspect: {url}: ")).unwrap().trim_end().to_owned()
    };
    assert_eq!(
        told("", URL, ""),
        "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE (profile \
         \"default\" has none, and neither have a web identity, a container and this machine); public \
         objects are read with --anonymous"
    );
    let denied = "s3://forbidden/a.parquet";
    assert_eq!(
        told(KEYS, denied, ""),
        "access denied (status 403): the keys in AWS_ACCESS_KEY_ID do not allow this"
    );
    assert_eq!(
        told("", denied, "--anonymous"),
        "access denied (status 403): only public objects can be read without credentials (--anonymous)"
    );
    assert!(
        told("export AWS_PROFILE=none", URL, "")
            .starts_with("no profile \"none\" (AWS_PROFILE) in ")
    );
    let process = |line: &str| {
        store.write(".aws/config", &format!("[default]\ncredential_process = {line}\n"))
    };
    process("exit 3 # hidden");
    let failed =
        |why: &str| format!("the command for the credentials of profile \"default\" ({why}");
    assert!(told("", URL, "").contains(&failed("exit) failed: exit status 3")));
    process("echo '{\"AccessKeyId\": \"hidden\"}'");
    let why = "echo) failed: it printed no JSON with AccessKeyId and SecretAccessKey";
    assert!(told("", URL, "").contains(&failed(why)));
    process("no-such-program hidden 2>/dev/null");
    assert!(
        told("", URL, "").contains(&failed("no-such-program) failed: not found: is it installed?"))
    );
}

#[test]
fn a_proxy_of_the_environment_is_used() {
    let store = Store::start();
    // The store is the proxy: a request through it has the whole URL in its first line.
    let proxy = format!(
        "export http_proxy={}; unset no_proxy NO_PROXY HTTP_PROXY; export AWS_ENDPOINT_URL=http://nowhere.invalid",
        store.server.endpoint()
    );
    let run = store.run(&proxy, URL, "--anonymous");
    let asked = store.server.take_requests();
    assert!(!asked.is_empty(), "{}", run.stderr);
}
