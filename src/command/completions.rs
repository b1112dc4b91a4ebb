//! Shell completions for bash, zsh and fish.

use super::description::Description;
use super::table::OptionText;

/// `completions/NAME.bash`.
pub(super) fn bash(command: &Description) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut with_value: Vec<String> = Vec::new();
    for option in &command.options {
        let names = names(option);
        if option.value.is_some() {
            with_value.extend(names.clone());
        }
        words.extend(names);
    }
    let function = format!("_{}", command.name.replace('-', "_"));
    // Files are offered as values of options and as operands.
    format!(
        "{function}() {{\n    \
         local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}\n    \
         case $before in {}) COMPREPLY=($(compgen -f -- \"$word\")); return ;; esac\n    \
         case $word in\n        \
         -*) COMPREPLY=($(compgen -W '{}' -- \"$word\")) ;;\n        \
         *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n    \
         esac\n}}\ncomplete -o filenames -F {function} {}\n",
        if with_value.is_empty() { "''".to_owned() } else { with_value.join("|") },
        words.join(" "),
        command.name
    )
}

/// `completions/_NAME`.
pub(super) fn zsh(command: &Description) -> String {
    let mut text = format!("#compdef {}\n_arguments -s -S \\\n", command.name);
    for option in &command.options {
        let summary = option.summary.replace('\'', "'\\''").replace('[', "\\[").replace(']', "\\]");
        let value = option.value.map_or_else(String::new, |value| format!(":{value}:_files"));
        for name in names(option) {
            text.push_str(&format!("    '*{name}[{summary}]{value}' \\\n"));
        }
    }
    text + "    '*:operand:_files'\n"
}

/// `completions/NAME.fish`.
pub(super) fn fish(command: &Description) -> String {
    let mut text = String::new();
    for option in &command.options {
        let short = option.short.map_or_else(String::new, |letter| format!(" -s {letter}"));
        let value = if option.value.is_some() { " -r" } else { "" };
        let summary = option.summary.replace('\\', "\\\\").replace('\'', "\\'");
        text.push_str(&format!(
            "complete -c {}{short} -l {}{value} -d '{summary}'\n",
            command.name, option.long
        ));
    }
    text
}

fn names(option: &OptionText) -> Vec<String> {
    let short = option.short.map(|letter| format!("-{letter}"));
    short.into_iter().chain([format!("--{}", option.long)]).collect()
}
