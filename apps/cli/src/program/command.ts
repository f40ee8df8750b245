/**
 * Command: what one command is, as data. The parser, the help, docs/reference/cli.md and the shell completions all read it, so they cannot differ.
 *
 *     export const showSite = command({
 *       name: 'site show',
 *       summary: 'Show a site',
 *       examples: ['skerry site show rotterdam'],
 *       arguments: { site: required('<site>', 'name of the site', fits(Name)) },
 *       options: {},
 *       async run({ site }, session) { ... },
 *     })
 */
import { wrongUsage } from './failure.ts'
import type { Session } from './session.ts'

/** Turns text of the command line into a value, or throws an Error whose message says what it must be. */
export type Parse<T> = (text: string) => T

/** A word at its place: `<site>`, or `<change...>` where there may be several. */
export type Argument<T> = { term: string; help: string; read: (text: string | readonly string[] | undefined) => T }

/** What commander hands over for an option: absent, given without a value, with one, or with several. */
export type RawOption = undefined | boolean | string | readonly string[]

export type Option<T> = {
  /** As commander spells it: `--to <selector>`, `-y, --yes`. */
  flags: string
  help: string
  /** Several values are collected where the option is repeated. */
  isList: boolean
  /** What it is where it is not given, for the help. */
  usual?: string
  read: (raw: RawOption) => T
}

type Arguments = Readonly<Record<string, Argument<unknown>>>
type Options = Readonly<Record<string, Option<unknown>>>
type Values<Of extends Arguments | Options> = { [Key in keyof Of]: ReturnType<Of[Key]['read']> }

export type RawInput = {
  arguments: readonly (string | readonly string[] | undefined)[]
  options: Readonly<Record<string, RawOption>>
}

export type Command = {
  /** The words that call it, such as `device token create`. */
  name: string
  summary: string
  details: string
  examples: readonly string[]
  arguments: readonly Argument<unknown>[]
  options: readonly Option<unknown>[]
  /** `none` for the commands that hand the rest of the line to another program. */
  output: 'document' | 'stream' | 'none'
  start(input: RawInput, session: Session): Promise<void>
}

type Statement<A extends Arguments, O extends Options> = {
  name: string
  summary: string
  /** More than the summary, where it needs saying. */
  details?: string
  examples: readonly [string, ...string[]]
  arguments: A
  options: O
  /** What `--json` prints: one document (the usual), or a line for each event. */
  output?: 'stream' | 'none'
  run(input: Values<A> & Values<O>, session: Session): Promise<void>
}

/** Makes the definition of a command; arguments and options arrive at `run` under their keys, parsed. */
export function command<A extends Arguments, O extends Options>(statement: Statement<A, O>): Command {
  const { name, summary, details = '', examples, output = 'document' } = statement
  const options = Object.entries(statement.options)
  const positions = Object.entries(statement.arguments)
  return {
    name,
    summary,
    details,
    examples,
    arguments: Object.values(statement.arguments),
    options: Object.values(statement.options),
    output,
    start(input, session) {
      const values = {
        ...Object.fromEntries(positions.map(([key, { read }], index) => [key, read(input.arguments[index])])),
        ...Object.fromEntries(
          options.map(([key, option]) => [key, option.read(input.options[attributeOf(option.flags)])]),
        ),
      }
      return statement.run(values as Values<A> & Values<O>, session)
    },
  }
}

/** `--failures-max <amount>` → `failuresMax`, the name under which commander keeps its value. */
export function attributeOf(flags: string): string {
  const long = /--([a-z][a-z0-9-]*)/.exec(flags)?.[1] ?? flags
  return long.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** An argument or option that must be there; its term is `<so>`. Commander sees to the presence. */
export function required<T>(term: string, help: string, parse: Parse<T>): Argument<T> {
  return { term, help, read: (text) => named(term, parse, String(text)) }
}

/** An argument that may be left out; its term is `[so]`. */
export function optional<T>(term: string, help: string, parse: Parse<T>): Argument<T | undefined> {
  return { term, help, read: (text) => (typeof text === 'string' ? named(term, parse, text) : undefined) }
}

/** One or more words; its term is `<so...>`. */
export function several<T>(term: string, help: string, parse: Parse<T>): Argument<T[]> {
  return { term, help, read: (texts) => [texts ?? []].flat().map((text) => named(term, parse, text)) }
}

/** An option that is there or not. */
export function flag(flags: string, help: string): Option<boolean> {
  return { flags, help, isList: false, read: (raw) => raw === true }
}

/** An option with a value; undefined where it is not given. */
export function value<T>(flags: string, help: string, parse: Parse<T>): Option<T | undefined> {
  return { flags, help, isList: false, read: (raw) => (typeof raw === 'string' ? named(flags, parse, raw) : undefined) }
}

/** An option that must be given. */
export function needed<T>(flags: string, help: string, parse: Parse<T>): Option<T> {
  return {
    flags,
    help: `${help} (needed)`,
    isList: false,
    read(raw) {
      if (typeof raw !== 'string') throw wrongUsage(`${flags} is missing`)
      return named(flags, parse, raw)
    },
  }
}

/** An option that may be repeated. */
export function list<T>(flags: string, help: string, parse: Parse<T>): Option<T[]> {
  return {
    flags,
    help: `${help}; may be repeated`,
    isList: true,
    read: (raw) => (Array.isArray(raw) ? raw.map((text: string) => named(flags, parse, text)) : []),
  }
}

/** An option that has a usual value, given as it would be typed. */
export function usually<T>(flags: string, usual: string, help: string, parse: Parse<T>): Option<T> {
  return {
    flags,
    help,
    usual,
    isList: false,
    read: (raw) => named(flags, parse, typeof raw === 'string' ? raw : usual),
  }
}

type Schema<T> = {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: { message: string }[] } }
}

/** Text that a schema of the contract accepts. */
export function fits<T>(schema: Schema<T>): Parse<T> {
  return (text) => {
    const result = schema.safeParse(text)
    if (result.success) return result.data
    throw new Error(result.error.issues[0]?.message ?? 'is not right')
  }
}

/** A whole number that a schema of the contract accepts. */
export function fitsNumber<T>(schema: Schema<T>): Parse<T> {
  return (text) =>
    fits({ safeParse: (word: unknown) => schema.safeParse(word === '' ? undefined : Number(word)) })(text)
}

/** Any text. */
export const asIs: Parse<string> = (text) => text

function named<T>(term: string, parse: Parse<T>, text: string): T {
  try {
    return parse(text)
  } catch (error) {
    throw wrongUsage(`${term} cannot be "${text}": ${error instanceof Error ? error.message : String(error)}`)
  }
}
