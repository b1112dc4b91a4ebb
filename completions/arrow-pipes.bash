# Part of arrow-pipes: completions of all tools for bash 3.2 or newer. The command itself finds the
# candidates. Written by `arrow-pipes --completions bash`.

_arrow_pipes() {
    local command=${1/#\~\//$HOME/} line
    type -P -- "$command" >/dev/null || command=arrow-pipes
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
            $'\tnospace') compopt -o nospace 2>/dev/null ;;
            $'\tfiles') compopt -o filenames -o noquote 2>/dev/null ;;
            *) COMPREPLY+=("$line") ;;
        esac
    done < <("$command" --complete bash "${COMP_LINE:0:COMP_POINT}" '' "${COMP_LINE:COMP_POINT}" \
        "$2" 2>/dev/null </dev/null)
}

complete -o nosort -F _arrow_pipes arrow-pipes csv-to-stream file-inspect file-to-stream json-to-stream parquet-to-stream stream-aggregate stream-cat stream-count stream-diff stream-filter stream-generate stream-head stream-join stream-print stream-rechunk stream-sample stream-select stream-sort stream-summary stream-tail stream-to-csv stream-to-file stream-to-json stream-to-parquet 2>/dev/null ||
    complete -F _arrow_pipes arrow-pipes csv-to-stream file-inspect file-to-stream json-to-stream parquet-to-stream stream-aggregate stream-cat stream-count stream-diff stream-filter stream-generate stream-head stream-join stream-print stream-rechunk stream-sample stream-select stream-sort stream-summary stream-tail stream-to-csv stream-to-file stream-to-json stream-to-parquet
