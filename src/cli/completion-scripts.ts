/** Scripts that connect a shell's completion with the hidden command `complete`. What is not ours to know, like paths, the shell completes itself. */
export const completionScripts: Readonly<Record<string, string>> = {
  bash: `# taskchain completion for bash: source <(taskchain completion bash)
_taskchain_completion() {
  local line="\${COMP_LINE:0:COMP_POINT}" current before
  local -a words
  read -r -a words <<< "$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  current="\${words[\${#words[@]}-1]}"
  local IFS=$'\\n'
  COMPREPLY=( $(taskchain complete -- "\${words[@]:1}" 2>/dev/null) )
  # bash takes words apart at colons: what stands before the last one is on the line already
  if [[ "$current" == *:* && "$COMP_WORDBREAKS" == *:* ]]; then
    before="\${current%"\${current##*:}"}"
    COMPREPLY=( "\${COMPREPLY[@]#"$before"}" )
  fi
}
complete -o default -o bashdefault -F _taskchain_completion taskchain
`,
  zsh: `#compdef taskchain
# taskchain completion for zsh: taskchain completion zsh > "\${fpath[1]}/_taskchain"
_taskchain() {
  local -a found
  found=("\${(@f)$(taskchain complete -- "\${(@)words[2,$CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then
    compadd -a found
  else
    _files
  fi
}
if [[ "\${funcstack[1]}" == "_taskchain" ]]; then
  _taskchain "$@"
else
  compdef _taskchain taskchain
fi
`,
  fish: `# taskchain completion for fish: taskchain completion fish | source
function __taskchain_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  taskchain complete -- $words[2..-1] "$current" 2>/dev/null
end
complete -c taskchain -a '(__taskchain_complete)'
`,
}
