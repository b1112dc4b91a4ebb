//! Where the credentials for S3 come from, in the order of the AWS tools: variables of the
//! environment, a web identity, the profile with its keys or its command, a container, the machine.

use super::aws_profile::{Profile, set};
use crate::error::{Error, Result};
use crate::io::Access;
use object_store::aws::AwsCredential;
use object_store::{CredentialProvider, Error as StoreError};
use serde_json::Value;
use std::net::{TcpStream, ToSocketAddrs};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// The source of the credentials.
#[derive(Debug)]
pub(super) enum Source {
    /// Those that `object_store` finds by itself: variables of the environment with keys, a web identity or
    /// a container, or the machine.
    Environment,
    /// The keys of the profile.
    Keys(AwsCredential),
    /// A command that prints keys.
    Command(CommandCredentials),
    /// Requests are not signed.
    Anonymous,
}

/// The address at which a machine of AWS gives credentials.
const MACHINE: &str = "169.254.169.254:80";

/// A machine elsewhere has nothing at that address.
const MACHINE_ANSWERS: Duration = Duration::from_secs(1);

/// The source, and what to say of it if access is denied.
///
/// # Errors
/// No credentials anywhere; a profile that is incomplete.
pub(super) fn find(profile: &Profile, access: Access) -> Result<(Source, String)> {
    if access.is_anonymous {
        return Ok((Source::Anonymous, access.denied("")));
    }
    if set("AWS_ACCESS_KEY_ID").is_some() || set("AWS_SECRET_ACCESS_KEY").is_some() {
        return Ok((
            Source::Environment,
            "the keys in AWS_ACCESS_KEY_ID do not allow this".to_owned(),
        ));
    }
    if set("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() && set("AWS_ROLE_ARN").is_some() {
        return Ok((
            Source::Environment,
            "the role in AWS_ROLE_ARN does not allow this".to_owned(),
        ));
    }
    let with = format!("the credentials of profile \"{}\" do not allow this", profile.name);
    if let Some(source) = of_profile(profile)? {
        return Ok((source, with));
    }
    let container =
        ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
    if container.iter().any(|name| set(name).is_some()) {
        return Ok((
            Source::Environment,
            "the credentials of the container do not allow this".to_owned(),
        ));
    }
    if is_machine_of_aws() {
        return Ok((
            Source::Environment,
            "this machine has no credentials, or they do not allow this".to_owned(),
        ));
    }
    Err(Error::failed(format!(
        "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE (profile \
         \"{}\" has none, and neither have a web identity, a container and this machine); public \
         objects are read with --anonymous",
        profile.name
    )))
}

fn of_profile(profile: &Profile) -> Result<Option<Source>> {
    let key = |name: &str| profile.get(name).map(str::to_owned);
    if profile.needs_the_tool() {
        let name = quoted(&profile.name);
        let line = format!("aws configure export-credentials --profile {name} --format process");
        return Ok(Some(Source::Command(CommandCredentials::new(line, &profile.name))));
    }
    match (key("aws_access_key_id"), key("aws_secret_access_key")) {
        (Some(key_id), Some(secret_key)) => {
            let token = key("aws_session_token");
            return Ok(Some(Source::Keys(AwsCredential { key_id, secret_key, token })));
        }
        (None, None) => {}
        _ => {
            return Err(Error::failed(format!(
                "profile \"{}\" has one of aws_access_key_id and aws_secret_access_key: it needs both",
                profile.name
            )));
        }
    }
    let command = key("credential_process");
    Ok(command.map(|line| Source::Command(CommandCredentials::new(line, &profile.name))))
}

/// A word for the shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Whether something answers where a machine of AWS gives credentials.
fn is_machine_of_aws() -> bool {
    if set("AWS_EC2_METADATA_DISABLED").is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return false;
    }
    let endpoint = set("AWS_METADATA_ENDPOINT");
    let address = endpoint.as_deref().map_or(MACHINE, |url| {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default()
    });
    let has_port = address.rsplit(':').next().is_some_and(|port| port.parse::<u16>().is_ok());
    let address = if has_port { address.to_owned() } else { format!("{address}:80") };
    let addresses = address.to_socket_addrs();
    addresses.is_ok_and(|mut addresses| {
        addresses.any(|address| TcpStream::connect_timeout(&address, MACHINE_ANSWERS).is_ok())
    })
}

/// Credentials that a command prints, until they expire.
#[derive(Debug)]
pub(super) struct CommandCredentials {
    line: String,
    profile: String,
    cached: Mutex<Option<Expiring>>,
}

#[derive(Debug, Clone)]
struct Expiring {
    credential: Arc<AwsCredential>,
    until: Option<SystemTime>,
}

/// Credentials are renewed when they are about to expire.
const BEFORE_EXPIRY: Duration = Duration::from_secs(120);

impl CommandCredentials {
    fn new(line: String, profile: &str) -> Self {
        Self { line, profile: profile.to_owned(), cached: Mutex::new(None) }
    }

    fn renewed(&self) -> Result<Arc<AwsCredential>> {
        let mut cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        let soon = SystemTime::now() + BEFORE_EXPIRY;
        if let Some(known) = &*cached
            && known.until.is_none_or(|until| soon < until)
        {
            return Ok(Arc::clone(&known.credential));
        }
        let printed = self.run()?;
        let renewed = parsed(&printed).ok_or_else(|| {
            self.failed("it printed no JSON with AccessKeyId and SecretAccessKey")
        })?;
        Ok(Arc::clone(&cached.insert(renewed).credential))
    }

    /// The output of the command. Its messages go to standard error.
    fn run(&self) -> Result<Vec<u8>> {
        let mut command = Command::new("sh");
        command.args(["-c", &self.line]).stdin(Stdio::null()).stderr(Stdio::inherit());
        let output = command.output().map_err(|error| self.failed(&error.to_string()))?;
        match output.status.code() {
            Some(0) => Ok(output.stdout),
            Some(127) => Err(self.failed("not found: is it installed?")),
            Some(status) => Err(self.failed(&format!("exit status {status}"))),
            None => Err(self.failed("ended by a signal")),
        }
    }

    /// The line itself may contain a secret: only its first word is shown.
    fn failed(&self, why: &str) -> Error {
        let program = self.line.split_whitespace().next().unwrap_or_default();
        Error::failed(format!(
            "the command for the credentials of profile \"{}\" ({program}) failed: {why}",
            self.profile
        ))
    }
}

#[async_trait::async_trait]
impl CredentialProvider for CommandCredentials {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        self.renewed().map_err(|error| StoreError::Generic { store: "S3", source: error.into() })
    }
}

/// The credentials in the format of `credential_process`.
fn parsed(printed: &[u8]) -> Option<Expiring> {
    let json: Value = serde_json::from_slice(printed).ok()?;
    let text = |key: &str| json[key].as_str().map(str::to_owned);
    let (key_id, secret_key) = (text("AccessKeyId")?, text("SecretAccessKey")?);
    let credential = Arc::new(AwsCredential { key_id, secret_key, token: text("SessionToken") });
    let until = text("Expiration").and_then(|text| {
        let seconds = chrono::DateTime::parse_from_rfc3339(&text).ok()?.timestamp();
        Some(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).ok()?))
    });
    Some(Expiring { credential, until })
}
