package main

import (
	"io"

	"github.com/spf13/cobra"
)

// bashMembers is the part of the completion script for bash that completes members. In bash the
// sign = ends a word, so that the shell inserts a completion such as platform=tws after platform=.
// The part removes the beginning up to the last sign = from each completion.
const bashMembers = `
__start_authledger_members()
{
    __start_authledger
    local line="${COMP_LINE:0:COMP_POINT}"
    local word="${line##*[[:space:]]}"
    if [[ "${word}" != -* && "${word}" == *=* && "${COMP_WORDBREAKS}" == *=* ]]; then
        local beginning="${word%"${word##*=}"}"
        local i
        for ((i = 0; i < ${#COMPREPLY[@]}; i++)); do
            COMPREPLY[i]="${COMPREPLY[i]#"${beginning}"}"
        done
    fi
}

if [[ $(type -t compopt) = "builtin" ]]; then
    complete -o default -F __start_authledger_members authledger
else
    complete -o default -o nospace -F __start_authledger_members authledger
fi
`

// completeBashMembers adds [bashMembers] to the output of completion bash.
func completeBashMembers(p *program, root *cobra.Command) {
	c, _, err := root.Find([]string{"completion", "bash"})
	if err != nil {
		panic(err) // cobra adds the command
	}
	generate := c.RunE
	c.RunE = func(c *cobra.Command, args []string) error {
		if err := generate(c, args); err != nil {
			return err
		}
		_, err := io.WriteString(p.out, bashMembers)
		return err
	}
}
