#compdef @NAMES@
# Part of arrow-pipes: completions of all tools for zsh. The command itself finds the candidates.
# Written by `arrow-pipes --completions zsh`.

_arrow_pipes() {
    local command=${(Q)words[1]} line space=' '
    local -a answer parts candidates displays
    command=${command/#\~\//$HOME/}
    (( $+commands[$command] )) || [[ $command == */* && -x $command ]] || command=arrow-pipes
    answer=("${(@f)$(command $command --complete zsh \
        "${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX" "$LBUFFER" "$RBUFFER" 2>/dev/null </dev/null)}")
    for line in $answer; do
        parts=("${(@ps:\t:)line}")
        case $line in
            # The quotes of the word are closed, but more may follow them.
            $'\tnospace') space=${QIPREFIX#\$} ;;
            $'\tfiles'*)
                compset -p $parts[3]
                if [[ $parts[4] == / ]]; then _files -/; else _files -g "$parts[4]"; fi
                return
                ;;
            *)
                candidates+=("$parts[1]")
                displays+=("$parts[2]${parts[3]:+  -- $parts[3]}")
                ;;
        esac
    done
    # The candidates are whole words, and begin as the typed one does.
    compadd -U -l -V arrow-pipes -S "$space" -d displays -a candidates
}

if [[ $funcstack[1] == _arrow-pipes ]]; then
    _arrow_pipes "$@"
else
    compdef _arrow_pipes @NAMES@
fi
