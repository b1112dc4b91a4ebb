_parquet_to_stream() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    case $before in -c|--columns|-w|--where|--row-groups|--skip|-n|--limit|--batch-rows|--temporary-directory|-o|--output) COMPREPLY=($(compgen -f -- "$word")); return ;; esac
    case $word in
        -*) COMPREPLY=($(compgen -W '-c --columns -w --where --row-groups --skip -n --limit --batch-rows --temporary-directory -o --output --force --no-sync --progress -h --help -V --version' -- "$word")) ;;
        *) COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}
complete -o filenames -F _parquet_to_stream parquet-to-stream
