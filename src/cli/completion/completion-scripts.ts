/**
 * Scripts that connect a shell's completion with the hidden command `complete`. Paths and the like are completed by the
 * shell itself.
 */
export const completionScripts: Readonly<Record<string, string>> = {
  bash: `# taskchain completion for bash: source <(taskchain completion bash)
_taskchain_completion() {
  local line="\${COMP_LINE:0:COMP_POINT}" current before="" found
  local -a words
  # without -r: a space after a backslash is part of a word
  read -a words <<< "$line"
  [[ "$line" == *[[:space:]] && "$line" != *\\\\[[:space:]] ]] && words+=("")
  current="\${words[\${#words[@]}-1]}"
  # bash splits words at colons: the part before the last one is on the line already
  [[ "$current" == *:* && "$COMP_WORDBREAKS" == *:* ]] && before="\${current%"\${current##*:}"}"
  COMPREPLY=()
  # names of files may be anything: what goes onto the line is quoted
  while IFS= read -r found; do
    COMPREPLY+=("$(printf '%q' "\${found#"$before"}")")
  done < <(taskchain complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -o default -o bashdefault -F _taskchain_completion taskchain
`,
  zsh: `#compdef taskchain
# taskchain completion for zsh: taskchain completion zsh > "\${fpath[1]}/_taskchain"
_taskchain() {
  local -a found
  found=("\${(@f)$(taskchain complete -- "\${(@Q)words[2,$CURRENT]}" 2>/dev/null)}")
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
