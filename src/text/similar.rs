//! Suggestions for wrong names.

use strsim::levenshtein;

/// Returns at most three known names that resemble a wrong one, best first.
pub fn similar<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wrong = wrong.to_lowercase();
    // Allows two wrong letters in a short word; more would suggest unrelated names.
    let most = 1 + wrong.chars().count() / 4;
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .map(|name| (levenshtein(&wrong, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// ` (did you mean "price"?)` for the end of a message; empty if no name is similar.
pub fn did_you_mean<T: std::fmt::Display>(near: impl IntoIterator<Item = T>) -> String {
    let near: Vec<String> = near.into_iter().map(|name| name.to_string()).collect();
    if near.is_empty() { String::new() } else { format!(" (did you mean {}?)", near.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_finds_its_name() {
        assert_eq!(similar("pirce", ["prices", "id", "price"]), ["price"]);
        assert!(similar("x", ["price", "quantity"]).is_empty());
    }
}
