_stream_rechunk() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    case $before in --batch-rows|--batch-bytes|-z|--compression|-o|--output) COMPREPLY=($(compgen -f -- "$word")); return ;; esac
    case $word in
        -*) COMPREPLY=($(compgen -W '--batch-rows --batch-bytes -z --compression -o --output --force --no-sync --allow-missing-end --allow-nulls --single --progress -h --help -V --version' -- "$word")) ;;
        *) COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}
complete -o filenames -F _stream_rechunk stream-rechunk
