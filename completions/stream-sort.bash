_stream_sort() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    case $before in --by|--unique|-n|--limit|--memory|--temporary-directory|-o|--output) COMPREPLY=($(compgen -f -- "$word")); return ;; esac
    case $word in
        -*) COMPREPLY=($(compgen -W '--by --unique -n --limit --memory --temporary-directory -o --output --force --no-sync --allow-missing-end --allow-nulls --single --progress -h --help -V --version' -- "$word")) ;;
        *) COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}
complete -o filenames -F _stream_sort stream-sort
