//! The argument of `-o` and of other options that name an output: a file, or an object by URL.

use super::value::Value;
use crate::error::{Error, Result};
use crate::options::{Destination, is_object_url, url_scheme};
use crate::text::escaped;

impl Value {
    /// An output: `-` is standard output.
    ///
    /// # Errors
    /// A URL that is not supported, with the way out.
    pub fn destination(self) -> Result<Destination> {
        let destination = Destination::from_argument(self.raw());
        let Destination::Path(path) = &destination else { return Ok(destination) };
        let text = path.to_string_lossy().into_owned();
        let is_in_a_directory = path.parent().is_some_and(std::path::Path::is_dir);
        let Some(scheme) = url_scheme(&text).filter(|_| !is_in_a_directory) else {
            return Ok(destination);
        };
        let is_known = is_object_url(&text);
        if is_known && cfg!(feature = "remote") {
            return Ok(Destination::Url(text));
        }
        let shown = escaped(&text);
        let why = match scheme {
            "file" => "give the path without file://".to_owned(),
            "s3" => format!("{NEEDS}; without it: ... | aws s3 cp - '{shown}'"),
            "gs" => format!("{NEEDS}; without it: ... | gcloud storage cp - '{shown}'"),
            "http" | "https" => format!("{NEEDS}; without it: ... | curl -fT - '{shown}'"),
            _ if is_known => NEEDS.to_owned(),
            _ => "use http, https, s3, gs, az or abfss".to_owned(),
        };
        Err(Error::usage(format!("\"{shown}\" is a URL: {why}")))
    }
}

const NEEDS: &str = "URLs need a build with the feature remote";

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Destination> {
        Value::new("--output".to_owned(), text.into()).destination()
    }

    #[test]
    fn an_output_is_a_file_or_an_object() {
        assert_eq!(parsed("-"), Ok(Destination::Stdout));
        assert_eq!(parsed("a/b.parquet"), Ok(Destination::Path("a/b.parquet".into())));
        assert_eq!(parsed("/dev//null"), Ok(Destination::Path("/dev//null".into())));
        let told = parsed("s3://bucket/a?token=secret");
        if cfg!(feature = "remote") {
            let url = Destination::Url("s3://bucket/a?token=secret".to_owned());
            assert_eq!(url.name(), "s3://bucket/a");
            assert_eq!(told, Ok(url));
        } else {
            assert!(
                told.unwrap_err()
                    .to_string()
                    .ends_with("| aws s3 cp - 's3://bucket/a?token=secret'")
            );
        }
        assert_eq!(parsed("ftp://host/a").unwrap_err().exit_status(), 2);
        assert!(parsed("file:///a").unwrap_err().to_string().ends_with("without file://"));
    }
}
