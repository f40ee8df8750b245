/**
 * Next words: the words that may come next on a command line: commands, options, the values of an option, or the names
 * of things on the hub. The scripts of completion.ts call it for names and values, which no script can know.
 */
import type { Command } from '../command.ts'
import { knownWords } from '../names/spoken-words.ts'
import { sharedOptions } from '../output/output-format.ts'

/** The words themselves, or the kind of the names, as in `<device>`, that only the hub knows. */
type NextWords = { words: readonly string[] } | { kind: string }

/** `line` has the words after `skerry`; the last one is the one that is typed, and may be empty. */
export function nextWords(line: readonly string[], commands: readonly Command[]): NextWords {
  const names = commands.map(({ name }) => name)
  const before = knownWords(line, names).slice(0, -1)
  const current = line.at(-1) ?? ''
  const command = commandOf(before, commands)
  if (!command) return { words: names.flatMap((name) => stepAfter(name, before)) }
  const given = before.slice(command.name.split(' ').length)
  const last = optionOf(command, given.at(-1) ?? '')
  if (last !== undefined && takesValue(last.flags)) return wordsOf(last.values, last.flags)
  if (current.startsWith('-')) return { words: optionsOf(command).map(({ flags }) => longOf(flags)) }
  const argument = command.arguments[positionsIn(command, given)] ?? command.arguments.findLast(isRepeated)
  return argument ? wordsOf(argument.values, argument.term) : { words: [] }
}

const commandOf = (words: readonly string[], commands: readonly Command[]): Command | undefined =>
  commands
    .filter(({ name }) => name.split(' ').every((word, index) => words[index] === word))
    .sort((a, b) => b.name.length - a.name.length)[0]

function stepAfter(name: string, before: readonly string[]): string[] {
  const words = name.split(' ')
  const next = words[before.length]
  return next !== undefined && before.every((word, index) => words[index] === word) ? [next] : []
}

type Flags = { flags: string; values?: readonly string[] | undefined }

const optionsOf = (command: Command): Flags[] => [...command.options, ...sharedOptions(command)]

const longOf = (flags: string) => /--[a-z0-9-]+/.exec(flags)?.[0] ?? flags

const optionOf = (command: Command, word: string): Flags | undefined =>
  word.startsWith('-') ? optionsOf(command).find(({ flags }) => flags.split(/[\s,]+/).includes(word)) : undefined

const takesValue = (flags: string) => flags.includes('<')

/** The number of arguments among the words. */
function positionsIn(command: Command, words: readonly string[]): number {
  return words.filter((word, index) => {
    const before = optionOf(command, words[index - 1] ?? '')
    return !word.startsWith('-') && !(before && takesValue(before.flags))
  }).length
}

const isRepeated = ({ term }: { term: string }) => term.includes('...')

function wordsOf(values: readonly string[] | undefined, term: string): NextWords {
  if (values !== undefined) return { words: values }
  return { kind: /[<[]([a-z-]+)/.exec(term)?.[1] ?? '' }
}
