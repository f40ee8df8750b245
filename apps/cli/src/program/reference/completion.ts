/** Completion: the scripts by which shells complete commands and options, made from the definitions. */
import type { Command } from '../command.ts'
import { groups } from '../command-groups.ts'
import { sharedOptions } from '../output/output-format.ts'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** The possible next words after some words: commands and options, each with its help. */
type Word = { word: string; help: string }
type Step = { after: string; words: Word[] }

/** The script for a shell. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  const steps = stepsOf(commands)
  if (shell === 'fish') return fishScript(steps)
  return shell === 'zsh' ? zshScript(steps) : bashScript(steps)
}

/** Returns the possible next words for every prefix of a command. */
function stepsOf(commands: readonly Command[]): Step[] {
  const steps = new Map<string, Map<string, string>>()
  const add = (after: string, word: string, help: string) => {
    const words = steps.get(after) ?? new Map<string, string>()
    steps.set(after, words.set(word, help))
  }
  for (const command of commands) {
    const { name, summary, options } = command
    const words = name.split(' ')
    for (const [index, word] of words.entries()) {
      const path = words.slice(0, index + 1).join(' ')
      add(words.slice(0, index).join(' '), word, path === name ? summary : (groups[path] ?? ''))
    }
    for (const { flags, help } of [...options, ...sharedOptions(command)]) add(name, longOf(flags), help)
    add(name, '--help', 'show help')
  }
  return [...steps].map(([after, words]) => ({ after, words: [...words].map(([word, help]) => ({ word, help })) }))
}

const longOf = (flags: string) => /--[a-z0-9-]+/.exec(flags)?.[0] ?? flags

/** [bash, Programmable Completion] Completes files if none of our words fit. */
function bashScript(steps: readonly Step[]): string {
  const cases = steps.map(
    ({ after, words }) => `    ${quote(after)}) options=${quote(words.map(({ word }) => word).join(' '))} ;;`,
  )
  return `# skerry completion for bash: source <(skerry completion bash)
_skerry() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' word options=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word =~ ^[a-z]+$ ]] && [[ " $(_skerry_words "$path") " == *" $word "* ]] && path="\${path:+$path }$word"
  done
  # After a whole command the next word is a name or a value, which the program knows.
  if [[ $current != -* && "$(_skerry_words "$path")" == --* ]]; then
    mapfile -t COMPREPLY < <(skerry complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    (( \${#COMPREPLY[@]} > 0 )) && return
  fi
  mapfile -t COMPREPLY < <(compgen -W "$(_skerry_words "$path")" -- "$current")
}
_skerry_words() {
  local options=''
  case "$1" in
${cases.join('\n')}
  esac
  printf '%s' "$options"
}
complete -o default -F _skerry skerry
`
}

/** [zsh, Completion System, _describe] It shows each word with its help. */
function zshScript(steps: readonly Step[]): string {
  const cases = steps.map(({ after, words }) => {
    const entries = words.map(({ word, help }) =>
      quote(`${word.replaceAll(':', '\\:')}:${help.replaceAll(':', '\\:')}`),
    )
    return `    ${quote(after)}) entries=(${entries.join(' ')}) ;;`
  })
  return `#compdef skerry
# skerry completion for zsh: source <(skerry completion zsh)
_skerry() {
  local trail='' word
  local -a entries
  for word in "\${(@)words[2,CURRENT-1]}"; do
    _skerry_entries "$trail"
    if [[ $word =~ '^[a-z]+$' ]] && (( \${entries[(I)$word:*]} )); then trail="\${trail:+$trail }$word"; fi
  done
  _skerry_entries "$trail"
  if [[ "\${words[CURRENT]}" != -* && "\${entries[1]}" == --* ]]; then
    local -a names
    names=("\${(@f)$(skerry complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -n "\${names[1]}" ]]; then compadd -a names; return; fi
  fi
  _describe 'skerry' entries || _files
}
_skerry_entries() {
  entries=()
  case "$1" in
${cases.join('\n')}
  esac
}
compdef _skerry skerry
`
}

/** [fish, complete] The script has one line for each word. */
function fishScript(steps: readonly Step[]): string {
  const lines = steps.flatMap(({ after, words }) =>
    words.map(({ word, help }) => {
      const target = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`
      return `complete -c skerry -n ${quote(`test "$(_skerry_path)" = ${quote(after)}`)} ${target} -d ${quote(help)}`
    }),
  )
  const whole = steps.filter(({ words }) => words[0]?.word.startsWith('--')).map(({ after }) => `"${after}"`)
  const known = steps.filter(({ after }) => after !== '').map(({ after }) => quote(after))
  return `# skerry completion for fish: skerry completion fish > ~/.config/fish/completions/skerry.fish
function _skerry_path
  set -l path
  for word in (commandline -opc)[2..-1]
    contains -- (string join ' ' $path $word) ${known.join(' ')}; and set -a path $word
  end
  echo (string join ' ' $path)
end
function _skerry_names
  string match -q -- '-*' (commandline -ct); and return
  command -q skerry; and skerry complete (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null
end
${lines.join('\n')}
complete -c skerry -n ${quote(`contains -- "$(_skerry_path)" ${whole.join(' ')}`)} -a '(_skerry_names)'
`
}

/** [POSIX shell, 2.2.2] Single quotes keep everything except single quotes. */
const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
