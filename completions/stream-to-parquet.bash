_stream_to_parquet() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    case $before in -z|--compression|--row-group-rows|--row-group-bytes|--statistics|--encode-dictionary|--bloom|--sorted-by|--metadata|--partition-by|--file-rows|--file-bytes|--name-template|--existing|--max-open-files|--memory|--temporary-directory|-o|--output|-j|--threads) COMPREPLY=($(compgen -f -- "$word")); return ;; esac
    case $word in
        -*) COMPREPLY=($(compgen -W '-z --compression --row-group-rows --row-group-bytes --statistics --encode-dictionary --bloom --sorted-by --metadata --partition-by --keep-partition-columns --file-rows --file-bytes --name-template --existing --metadata-file --summary --json --max-open-files --memory --temporary-directory -o --output --force --no-sync --allow-missing-end --single -j --threads --progress -h --help -V --version' -- "$word")) ;;
        *) COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}
complete -o filenames -F _stream_to_parquet stream-to-parquet
