//! The shared files of the AWS tools: a profile with its keys, its region and its command for keys.
//!
//! Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".

use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The settings of a profile, from both files; those of the credentials file come first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Profile {
    pub(super) name: String,
    settings: BTreeMap<String, String>,
}

/// Settings that only the AWS command line tool understands: single sign-on, and roles.
const OF_THE_TOOL: [&str; 4] = ["sso_session", "sso_start_url", "role_arn", "login_session"];

impl Profile {
    /// Reads the profile that `AWS_PROFILE` names, else the one named `default`, if there is one.
    ///
    /// # Errors
    /// A profile that `AWS_PROFILE` names and no file has; a file that cannot be read.
    pub(super) fn of_environment() -> Result<Self> {
        let named = set("AWS_PROFILE").or_else(|| set("AWS_DEFAULT_PROFILE"));
        let credentials = file("AWS_SHARED_CREDENTIALS_FILE", "credentials");
        let config = file("AWS_CONFIG_FILE", "config");
        let texts = [text(credentials.as_deref())?, text(config.as_deref())?];
        let name = named.as_deref().unwrap_or("default");
        let found = Self::find(name, &texts[0], &texts[1]);
        if found.is_none() && named.is_some() {
            let shown = |path: Option<PathBuf>| path.unwrap_or_default().display().to_string();
            let (credentials, config) = (shown(credentials), shown(config));
            return Err(Error::failed(format!(
                "no profile \"{name}\" (AWS_PROFILE) in {credentials} or {config}"
            )));
        }
        Ok(found.unwrap_or_else(|| Self { name: name.to_owned(), ..Self::default() }))
    }

    fn find(name: &str, credentials: &str, config: &str) -> Option<Self> {
        let in_config = if name == "default" { name.to_owned() } else { format!("profile {name}") };
        let first = section(credentials, name);
        let more = section(config, &in_config)
            .or_else(|| (name == "default").then(|| section(config, "profile default"))?);
        if first.is_none() && more.is_none() {
            return None;
        }
        let mut settings = more.unwrap_or_default();
        settings.extend(first.unwrap_or_default());
        Some(Self { name: name.to_owned(), settings })
    }

    /// A setting that is not empty.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.settings.get(key).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether only the AWS command line tool can get its credentials.
    pub(super) fn needs_the_tool(&self) -> bool {
        OF_THE_TOOL.iter().any(|key| self.get(key).is_some())
    }
}

/// A variable of the environment that is not empty.
pub(super) fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The file that a variable names, else the one of that name in `~/.aws`.
fn file(variable: &str, name: &str) -> Option<PathBuf> {
    let given = set(variable).map(PathBuf::from);
    given.or_else(|| Some(Path::new(&set("HOME")?).join(".aws").join(name)))
}

/// The content of a file; nothing if it does not exist.
fn text(file: Option<&Path>) -> Result<String> {
    let Some(file) = file else { return Ok(String::new()) };
    match std::fs::read_to_string(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io(format_args!("cannot read {}", file.display()), &error))
        }
        read => Ok(read.unwrap_or_default()),
    }
}

/// The settings of a section. Indented lines belong to the setting above, and are left out.
fn section(text: &str, name: &str) -> Option<BTreeMap<String, String>> {
    let mut found = None;
    let mut is_in = false;
    for line in text.lines() {
        let is_indented = line.starts_with([' ', '\t']);
        // A comment may follow a space.
        let line = line.split(" #").next().unwrap_or_default();
        let line = line.split(" ;").next().unwrap_or_default().trim();
        if line.is_empty() || line.starts_with(['#', ';']) || is_indented {
            continue;
        }
        if let Some(head) = line.strip_prefix('[') {
            let words = head.trim_end_matches(']').split_whitespace();
            is_in = words.eq(name.split_whitespace());
            if is_in {
                found.get_or_insert_with(BTreeMap::new);
            }
        } else if let (true, Some((key, value)), Some(found)) =
            (is_in, line.split_once('='), &mut found)
        {
            found.insert(key.trim().to_ascii_lowercase(), value.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "\
        [default]\nregion = eu-north-1 # near\n\n[profile  work]\nRegion=us-west-2\n\
        s3 =\n  addressing_style = path\n  region = nowhere\n; a comment\n\
        credential_process = /bin/keys --for \"a = b\"\n[profile sso]\nsso_session = x\n\
        [sso-session x]\nregion = eu-west-1\n";

    const CREDENTIALS: &str = "[work]\naws_access_key_id = AK\naws_secret_access_key = s/e=c\n";

    #[test]
    fn a_profile_is_what_both_files_say() {
        let find = |name: &str| Profile::find(name, CREDENTIALS, CONFIG);
        let work = find("work").unwrap();
        let keys = ["aws_access_key_id", "aws_secret_access_key", "region", "credential_process"];
        let values =
            [Some("AK"), Some("s/e=c"), Some("us-west-2"), Some("/bin/keys --for \"a = b\"")];
        assert_eq!(keys.map(|key| work.get(key)), values);
        assert!(!work.needs_the_tool() && find("sso").unwrap().needs_the_tool());
        assert_eq!(find("default").unwrap().get("region"), Some("eu-north-1"));
        assert_eq!(find("none"), None);
        assert_eq!(Profile::find("work", "", "[work]\nregion = x\n"), None);
    }
}
