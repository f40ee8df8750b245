/**
 * Output format: the options that all commands share: `--json`, `-o FORMAT`, `--no-headers` and `--watch`. They are
 * declared and read here, so that no command has code for them.
 */
import type { Command as Commander } from 'commander'
import { Option as CommanderOption } from 'commander'
import { stringify } from 'yaml'
import type { Command, RawOption } from '../command.ts'
import { wrongUsage } from '../failure.ts'

const FORMATS = ['text', 'wide', 'json', 'yaml', 'name'] as const
type Format = (typeof FORMATS)[number]

export type OutputWish = { format: Format; hasHeads: boolean; isWatched: boolean }

export const PLAIN_OUTPUT: OutputWish = { format: 'text', hasHeads: true, isWatched: false }

/** A flag of the command line and its help. */
type SharedOption = { flags: string; help: string; values?: readonly string[] }

/** Describes the output of a command with `--json`. */
export function jsonHelp({ output }: Command): string {
  return output === 'stream' ? 'print a JSON line for each event' : 'print one JSON document'
}

/** The shared options of a command, in the order of its help. A command's own option of the same name wins. */
export function sharedOptions(command: Command): SharedOption[] {
  if (command.output === 'none') return []
  const own = command.options.map(({ flags }) => flags).join(' ')
  const format = takes(own, '-o') ? '--format <format>' : '-o, --format <format>'
  return [
    { flags: '--json', help: jsonHelp(command) },
    { flags: format, help: `${FORMATS.slice(1).join(', ')}; yaml is as "skerry apply" takes it`, values: FORMATS },
    ...(isListing(command) ? [{ flags: '--no-headers', help: 'print tables without their first line' }] : []),
    ...(isListing(command) && !takes(own, '--watch')
      ? [
          {
            flags: takes(own, '-w') ? '--watch' : '-w, --watch',
            help: 'print it again after each change, until Ctrl-C',
          },
        ]
      : []),
  ]
}

const takes = (flags: string, flag: string) => flags.split(/[\s,]+/).includes(flag)

/** Commands outside `ls` that print lists. */
const LISTINGS: readonly string[] = ['status', 'health', 'alerts', 'device pending', 'device events', 'device classes']

const isListing = ({ name, output }: Command) =>
  output === 'document' && (name.split(' ').at(-1) === 'ls' || LISTINGS.includes(name))

/** Adds the shared options to the parser of a command. */
export function addSharedOptions(commander: Commander, command: Command): void {
  for (const { flags, help } of sharedOptions(command)) commander.addOption(new CommanderOption(flags, help))
}

/** Reads the shared options of a command line. */
export function readOutputWish(command: Command, raw: Readonly<Record<string, RawOption>>): OutputWish {
  const shared = sharedOptions(command)
  const format = shared.length === 0 || raw.format === undefined ? undefined : formatOf(String(raw.format))
  if (format !== undefined && format !== 'json' && raw.json === true)
    throw wrongUsage(`--json and -o ${format} exclude each other`, 'give one of them')
  return {
    format: format ?? (raw.json === true ? 'json' : 'text'),
    hasHeads: raw.headers !== false,
    isWatched: raw.watch === true && shared.some(({ flags }) => flags.endsWith('--watch')),
  }
}

function formatOf(text: string): Format {
  const format = FORMATS.find((one) => one === text)
  if (format) return format
  throw wrongUsage(`the format cannot be "${text}"`, `give -o with ${FORMATS.slice(1).join(', ')}`)
}

/** Whether errors are to be printed as JSON. It reads the bare words, because wrong usage has no options yet. */
export function wantsJson(words: readonly string[]): boolean {
  const isFormat = (word: string, index: number) =>
    word === '-ojson' ||
    word === '--format=json' ||
    (word === 'json' && ['-o', '--format'].includes(words[index - 1] ?? ''))
  return words.includes('--json') || words.some(isFormat)
}

/** The document as YAML: a list of manifests becomes several documents. */
export function yamlText(json: unknown, manifests: readonly unknown[] | undefined): string {
  // Without anchors, because people edit the text.
  const write = (value: unknown) => stringify(value, { keepUndefined: false, aliasDuplicateObjects: false })
  return (manifests === undefined ? write(json) : manifests.map(write).join('---\n')).trimEnd()
}

/** The name of each thing in a document, or its id if it has none. A thing inside a single key counts as the document. */
export function namesText(json: unknown): string {
  const things = Array.isArray(json) ? json : [nameIn(json) === undefined ? firstThing(json) : json]
  return things.flatMap((thing) => nameIn(thing) ?? []).join('\n')
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function nameIn(thing: unknown): string | undefined {
  if (!isRecord(thing)) return undefined
  const found = [thing.name, thing.id].find((one) => typeof one === 'string')
  return typeof found === 'string' ? found : undefined
}

const firstThing = (json: unknown): unknown => (isRecord(json) ? Object.values(json).find(isRecord) : undefined)
