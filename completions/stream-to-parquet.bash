_stream_to_parquet() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    case $before in -z|--compression|--for|--row-group-rows|--row-group-bytes|--statistics|--data-page-bytes|--dictionary-page-bytes|--encode|--encode-dictionary|--bloom|--sorted-by|--keep-metadata|--metadata|--partition-by|--file-rows|--file-bytes|--name-template|--existing|--publish|--max-open-files|--memory|--temporary-directory|-o|--output|-j|--threads) COMPREPLY=($(compgen -f -- "$word")); return ;; esac
    case $word in
        -*) COMPREPLY=($(compgen -W '-z --compression --for --row-group-rows --row-group-bytes --statistics --no-checksums --data-page-bytes --content-defined --dictionary-page-bytes --encode --encode-dictionary --bloom --sorted-by --field-ids --keep-metadata --metadata --partition-by --keep-partition-columns --file-rows --file-bytes --name-template --existing --publish --metadata-file --summary --json --max-open-files --memory --temporary-directory -o --output --force --no-sync --allow-missing-end --allow-nulls --single -j --threads --progress -h --help -V --version' -- "$word")) ;;
        *) COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}
complete -o filenames -F _stream_to_parquet stream-to-parquet
