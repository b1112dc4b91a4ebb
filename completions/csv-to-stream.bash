_csv_to_stream() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
    case $before in --null|--skip-lines|--comment|--short-rows|--long-rows|--rejects|--encoding|--date-format|--timestamp-format|--schema|--types|--infer-rows|-d|--delimiter|--quote|--binary|-o|--output) COMPREPLY=($(compgen -f -- "$word")); return ;; esac
    case $word in
        -*) COMPREPLY=($(compgen -W '--null --skip-lines --comment --short-rows --long-rows --rejects --encoding --decimal-comma --date-format --timestamp-format --schema --types --infer-rows -d --delimiter --quote --no-header --binary -o --output --force --no-sync --progress -h --help -V --version' -- "$word")) ;;
        *) COMPREPLY=($(compgen -f -- "$word")) ;;
    esac
}
complete -o filenames -F _csv_to_stream csv-to-stream
