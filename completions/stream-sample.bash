_stream_sample() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    case $before in --first|--of|--per|--every|--fraction|--rows|--seed|--memory|--temporary-directory|-o|--output) COMPREPLY=($(compgen -f -- "$word")); return ;; esac
    case $word in
        -*) COMPREPLY=($(compgen -W '--first --of --per --every --fraction --rows --shuffle --seed -v --verbose --memory --temporary-directory -o --output --force --no-sync --allow-missing-end --allow-nulls --single --progress -h --help -V --version' -- "$word")) ;;
        *) COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}
complete -o filenames -F _stream_sample stream-sample
