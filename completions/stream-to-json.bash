_stream_to_json() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    case $before in --nan|--binary|-o|--output) COMPREPLY=($(compgen -f -- "$word")); return ;; esac
    case $word in
        -*) COMPREPLY=($(compgen -W '--array --nan --binary -o --output --no-sync --allow-missing-end --allow-nulls --single --progress -h --help -V --version' -- "$word")) ;;
        *) COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}
complete -o filenames -F _stream_to_json stream-to-json
