//! A store that checks signatures as S3 does.

use crate::support::Workplace;
use crate::support::real_servers::SignedStore;

#[test]
fn requests_have_the_signature_that_a_store_expects() {
    let place = Workplace::new();
    let Some(server) = SignedStore::start(&place) else { return };
    let run = |line: &str| place.shell(&server.line(line));
    let line = "stream-generate 'a = 0..1000000, b = random(int64 0..1000000000), k = random(int64 0..3)' -o a.arrows";
    run(line).succeeds();
    // Names whose characters are escaped in requests, and not all of them in signatures.
    let odd = "s3://bucket/a b%2Bc/d=é&f/~(1)*!'.arrows";
    run(&format!("stream-head -n 3 a.arrows -o \"{odd}\"")).succeeds();
    run(&format!("stream-count \"{odd}\"")).succeeds().stdout_is("3\n");
    // Parts, whose completion is signed, too.
    let large = "s3://bucket/large.parquet";
    run(&format!("stream-to-parquet -z none --existing error a.arrows -o {large}")).succeeds();
    let line = format!("stream-to-parquet --existing error a.arrows -o {large}");
    run(&line).exits_with(1).one_line_on_stderr().stderr_has("it exists already");
    let line = format!("parquet-to-stream -c b -w 'a < 5' {large} | stream-count");
    run(&line).succeeds().stdout_is("5\n");
    let tree = "stream-to-parquet -z none --partition-by k a.arrows -o s3://bucket/tree";
    run(tree).succeeds();
    run(&format!("{tree} --existing overwrite --success-marker")).succeeds();
    let expected = run("stream-filter 'k = 1' a.arrows | stream-count").succeeds().stdout_text();
    let line = "parquet-to-stream -w 'k = 1' s3://bucket/tree/ | stream-count";
    run(line).succeeds().stdout_is(&expected);
    let wrong = "export AWS_SECRET_ACCESS_KEY=hidden";
    let why = "access denied (status 403, SignatureDoesNotMatch): the keys in AWS_ACCESS_KEY_ID do not allow this";
    run(&format!("{wrong}; stream-count {odd:?}"))
        .exits_with(1)
        .stderr_is(&format!("stream-count: {odd}: {why}\n"));
    run(&format!("{wrong}; stream-cat a.arrows -o s3://bucket/new"))
        .exits_with(1)
        .stderr_is(&format!("stream-cat: cannot write s3://bucket/new: {why}\n"));
    run(&format!("{wrong}; parquet-to-stream s3://bucket/tree/"))
        .exits_with(1)
        .one_line_on_stderr()
        .stderr_has(why);
    run("stream-count s3://bucket/new").exits_with(1).one_line_on_stderr().stderr_has("not found");
}
