/**
 * Check command: whether the CLI's own parser takes a printed command. Nothing is executed. A command without arguments
 * is a mention, which only has to exist, with the options that it names.
 */
import { parseOptions as parseAgentOptions } from '../../apps/agent/src/options.ts'
import type { Command, RawOption } from '../../apps/cli/src/program/command.ts'
import { attributeOf } from '../../apps/cli/src/program/command.ts'
import { groups } from '../../apps/cli/src/program/command-groups.ts'
import { commands } from '../../apps/cli/src/program/command-list.ts'
import { knownWords } from '../../apps/cli/src/program/names/spoken-words.ts'
import { sharedOptions } from '../../apps/cli/src/program/output/output-format.ts'
import { buildProgram, type Chosen } from '../../apps/cli/src/program/program.ts'
import { parseOptions as parseHubOptions } from '../../apps/hub/src/options.ts'
import type { Place, PrintedCommand, PrintedWord } from './printed-commands.ts'

const SILENT = { write: () => undefined, columns: 80, isTTY: false }

/** Words that the text leaves out. */
const REST = '\0rest'

/** Options of the program itself, and of every command. */
const COMMON = ['--help', '-h', '--json']

/** The reason why the parser rejects the command; undefined if it takes it. */
export function commandTrouble({ words: printed, place }: PrintedCommand): string | undefined {
  if (printed[0]?.text === 'help' && printed[1]?.isPlaceholder) return undefined
  const words = inOneForm(printed)
  const [first] = words
  if (first === undefined || COMMON.includes(first.text)) return undefined
  const definition = longest(words)
  // `skerry hub backup` is a command of its own; all other words after `hub` and `agent` are options of a program.
  const isProgram = definition === undefined || definition.name === first.text
  if (isProgram && (first.text === 'hub' || first.text === 'agent')) {
    return programTrouble(first.text, words.slice(1), place)
  }
  if (definition === undefined) return groupTrouble(words)
  const given = words.slice(definition.name.split(' ').length)
  const kept = withoutRest(place === 'loose' ? optionsOf(definition, given) : given)
  if (kept.some(({ text }) => text === '--help' || text === '-h')) return undefined
  return optionTrouble(definition, kept) ?? callTrouble(definition, kept, place)
}

/** Habits such as plural nouns become the names of commands, as the CLI does with them. */
function inOneForm(words: readonly PrintedWord[]): PrintedWord[] {
  const texts = knownWords(
    words.map(({ text }) => text),
    commands.map(({ name }) => name),
  )
  return texts.map((text) => words.find((word) => word.text === text) ?? { text, isPlaceholder: false })
}

function longest(words: readonly PrintedWord[]): Command | undefined {
  const line = `${words.map(({ text }) => text).join(' ')} `
  return commands.filter(({ name }) => line.startsWith(`${name} `)).toSorted((a, b) => b.name.length - a.name.length)[0]
}

/** A word that a program puts in, as in `rollout ${verb}`, can name any command of the group. */
function groupTrouble(words: readonly PrintedWord[]): string | undefined {
  const open = words.findIndex(({ isPlaceholder }) => isPlaceholder)
  const named = open > 0 ? words.slice(0, open) : words
  const name = named.map(({ text }) => text).filter((text) => !COMMON.includes(text))
  const isGroup = Object.keys(groups).some((group) => group === name.join(' '))
  return isGroup ? undefined : `no such command: ${name.slice(0, 3).join(' ')}`
}

/** In a sentence, the options and their values directly after the command belong to it; the next word does not. */
function optionsOf(definition: Command, words: readonly PrintedWord[]): PrintedWord[] {
  const other = words.findIndex(
    ({ text }, at) => !text.startsWith('-') && !valuedOf(definition).includes(words[at - 1]?.text ?? ''),
  )
  return words.slice(0, other === -1 ? words.length : other)
}

const valuedOf = ({ options }: Command) => options.flatMap(({ flags }) => (flags.includes('<') ? flagsOf(flags) : []))

const flagsOf = (flags: string) => flags.match(/--?[a-z][a-z0-9-]*/g) ?? []

/** `...` directly after an option is its value; elsewhere it stands for other words. */
const withoutRest = (words: readonly PrintedWord[]): PrintedWord[] =>
  words.map((word, at) =>
    /^(?:\.\.\.|…)$/.test(word.text) && !words[at - 1]?.text.startsWith('-') ? { ...word, text: REST } : word,
  )

function optionTrouble(definition: Command, words: readonly PrintedWord[]): string | undefined {
  const options = [...definition.options, ...sharedOptions(definition)]
  const known = new Set([...COMMON, ...options.flatMap(({ flags }) => flagsOf(flags))])
  const unknown = words.find(({ text }) => /^--?[a-z]/.test(text) && !known.has(text.split('=')[0] ?? ''))
  return unknown && `skerry ${definition.name} has no option ${unknown.text}`
}

let chosen: Chosen | undefined

/** One for all lines: to make it takes as long as to parse a hundred lines. Each parse forgets the one before. */
const program = buildProgram({ stdout: SILENT, stderr: SILENT }, (choice) => {
  chosen = choice
})

/** The same as the CLI does with such a line, up to its execution. */
function callTrouble(definition: Command, words: readonly PrintedWord[], place: Place): string | undefined {
  const isMention = place !== 'line' && optionsOf(definition, words).length === words.length
  const isWhole = !isMention && !words.some(({ text }) => text === REST)
  const last = words.at(-1)?.text
  // A sentence may name an option without its value, as in "skerry apply -f".
  const given = isMention && last !== undefined && valuedOf(definition).includes(last) ? words.slice(0, -1) : words
  chosen = undefined
  try {
    const texts = given.flatMap(({ text }) => (text === REST ? [] : [text]))
    program.parse([...definition.name.split(' '), ...texts], { from: 'user' })
  } catch (error) {
    return !isWhole && /missing required argument/.test(messageOf(error)) ? undefined : messageOf(error)
  }
  return chosen === undefined ? undefined : valueTrouble(chosen, given, isWhole)
}

/** Reads the arguments and options as the command does, except the ones that are placeholders. */
function valueTrouble({ command, input }: Chosen, words: readonly PrintedWord[], isWhole: boolean): string | undefined {
  const blank = new Set(words.filter(({ isPlaceholder }) => isPlaceholder).map(({ text }) => text))
  const isRead = (raw: RawOption) =>
    raw === undefined ? isWhole : typeof raw === 'boolean' || ![raw].flat().some((text) => blank.has(text))
  try {
    for (const [at, { read }] of command.arguments.entries()) {
      const raw = input.arguments[at]
      if (raw !== undefined && isRead(raw)) read(raw)
    }
    for (const { flags, read } of command.options) {
      const raw = input.options[attributeOf(flags)]
      if (isRead(raw)) read(raw)
    }
  } catch (error) {
    return messageOf(error)
  }
  return undefined
}

/** These programs have parsers of their own. A placeholder is no valid value, so only the options count. */
function programTrouble(name: 'hub' | 'agent', words: readonly PrintedWord[], place: Place): string | undefined {
  const parse = name === 'hub' ? parseHubOptions : parseAgentOptions
  const texts = withoutRest(words).flatMap(({ text }) => (text === REST ? [] : [text]))
  const next = texts.findIndex((text, at) => !text.startsWith('--') && !texts[at - 1]?.startsWith('--'))
  const given = place === 'loose' && next !== -1 ? texts.slice(0, next) : texts
  const parsed = parse(given, {})
  if (parsed.ok !== false || (place !== 'line' && /argument missing/.test(parsed.message))) return undefined
  return /^(?:unknown option|unexpected argument|option .* argument)/.test(parsed.message) ? parsed.message : undefined
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
