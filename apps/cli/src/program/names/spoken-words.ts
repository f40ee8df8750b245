/**
 * Spoken words: other words for the names of commands, as people type them out of habit: plural nouns, `list`, `get`
 * and `delete`, `--version` and `help`. They become the one name of each command before the line is parsed. A plural
 * noun alone lists: `skerry devices` is `skerry device ls`.
 */

const VERBS: Readonly<Record<string, string>> = {
  list: 'ls',
  get: 'show',
  describe: 'show',
  delete: 'rm',
  remove: 'rm',
}

const NOUNS: Readonly<Record<string, string>> = {
  organisation: 'org',
  organisations: 'org',
  person: 'user',
  people: 'user',
}

/** The words with the names of commands in their one form. Words after the name stay as they are. */
export function knownWords(words: readonly string[], names: readonly string[]): string[] {
  const [first, ...rest] = words
  if (first === '--version' || first === '-V') return ['version', ...rest]
  if (first === 'help') return [...knownWords(rest, names), '--help']
  const steps = new Set(
    names.flatMap((name) => name.split(' ').map((_, index, all) => all.slice(0, index + 1).join(' '))),
  )
  return renamed(words, steps)
}

function renamed(words: readonly string[], steps: ReadonlySet<string>): string[] {
  const path: string[] = []
  for (const word of words) {
    const known = formsOf(word).find((form) => steps.has([...path, form].join(' ')))
    if (known === undefined) break
    path.push(known)
  }
  const rest = words.slice(path.length)
  const isPlural = path.length > 0 && words[path.length - 1] === `${path.at(-1)}s`
  const isBare = (rest[0]?.startsWith('-') ?? true) && !rest.some((word) => HELP.includes(word))
  const lists = isPlural && isBare && steps.has([...path, 'ls'].join(' ')) ? ['ls'] : []
  return [...path, ...lists, ...rest]
}

const HELP: readonly string[] = ['-h', '--help']

/** The word itself first, so that another form never hides a command. */
const formsOf = (word: string): string[] => [
  word,
  ...[VERBS[word], NOUNS[word]].filter((form) => form !== undefined),
  ...(word.endsWith('ches') ? [word.slice(0, -2)] : []),
  ...(word.endsWith('ies') ? [`${word.slice(0, -3)}y`] : []),
  ...(word.endsWith('s') ? [word.slice(0, -1)] : [`${word}s`]),
]
