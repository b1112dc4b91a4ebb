# Part of arrow-pipes: completions of all tools for fish. The command itself finds the candidates.
# Written by `arrow-pipes --completions fish`.

function __arrow_pipes_complete
    set -l words (commandline -opc)
    while contains -- "$words[1]" and begin command else exec if not or time while
        set -e words[1]
    end
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    command -q -- $program; or set program arrow-pipes
    # fish shows no text after the cursor here.
    command $program --complete fish (commandline -cp | string collect) \
        (commandline -cj | string collect) 2>/dev/null </dev/null
end

for name in arrow-pipes csv-to-stream file-inspect file-to-stream json-to-stream parquet-to-stream stream-aggregate stream-cat stream-count stream-diff stream-filter stream-generate stream-head stream-join stream-print stream-rechunk stream-sample stream-select stream-sort stream-summary stream-tail stream-to-csv stream-to-file stream-to-json stream-to-parquet
    complete -c $name -f -k -a '(__arrow_pipes_complete)'
end
