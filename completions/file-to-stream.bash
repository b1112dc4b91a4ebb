_file_to_stream() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    case $before in --batches|-c|--columns|-w|--where|--skip|-n|--limit|-o|--output) COMPREPLY=($(compgen -f -- "$word")); return ;; esac
    case $word in
        -*) COMPREPLY=($(compgen -W '--batches -c --columns -w --where --skip -n --limit -o --output --force --no-sync --allow-missing-end --allow-nulls --single --progress -h --help -V --version' -- "$word")) ;;
        *) COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}
complete -o filenames -F _file_to_stream file-to-stream
