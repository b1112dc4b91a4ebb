_parquet_to_stream() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    case $before in --row-groups|--batch-rows|--runs|--dictionary|--merge-schema|--key-file|--filename|--int96|--invalid-text|--temporary-directory|-c|--columns|-w|--where|--skip|-n|--limit|--files-from|--hive-types|-j|--threads|-o|--output) COMPREPLY=($(compgen -f -- "$word")); return ;; esac
    case $word in
        -*) COMPREPLY=($(compgen -W '--row-groups --batch-rows --runs --dictionary --merge-schema --unique-names --key-file --filename --int96 --invalid-text --ignore-checksums -v --verbose --temporary-directory -c --columns -w --where --skip -n --limit --files-from --hive --no-hive --hive-types -j --threads -o --output --force --no-sync --progress -h --help -V --version' -- "$word")) ;;
        *) COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}
complete -o filenames -F _parquet_to_stream parquet-to-stream
