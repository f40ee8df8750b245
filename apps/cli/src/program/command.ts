/**
 * Command: one command as data. The parser, the help, docs/reference/cli.md and the shell completions all read it, so they cannot
 * differ.
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

/**
 * Turns text of the command line into a value, or throws an Error whose message describes the right form. `values` are
 * the only texts that it takes, for completion.
 */
export type Parse<T> = ((text: string) => T) & { values?: readonly string[] | undefined }

/** A positional argument: `<site>`, or `<change...>` if there may be several. */
export type Argument<T> = {
  term: string
  help: string
  /** The only texts that it takes, if they are few. */
  values?: readonly string[] | undefined
  read: (text: string | readonly string[] | undefined) => T
}

/** The value of an option from commander: absent, given without a value, with one, or with several. */
export type RawOption = undefined | boolean | string | readonly string[]

export type Option<T> = {
  /** The flags as commander spells them: `--to <selector>`, `-y, --yes`. */
  flags: string
  help: string
  /** True if the option may be repeated. Then all its values are collected. */
  isList: boolean
  /** The default, for the help. */
  usual?: string
  /** The only texts that it takes, if they are few. */
  values?: readonly string[] | undefined
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
  /** The words that call the command, such as `device token create`. */
  name: string
  summary: string
  details: string
  examples: readonly string[]
  arguments: readonly Argument<unknown>[]
  options: readonly Option<unknown>[]
  /** `none` for the commands that pass the rest of the line to another program. */
  output: 'document' | 'stream' | 'none'
  start(input: RawInput, session: Session): Promise<void>
}

type Statement<A extends Arguments, O extends Options> = {
  name: string
  summary: string
  /** More than the summary, if necessary. */
  details?: string
  examples: readonly [string, ...string[]]
  arguments: A
  options: O
  /** The output of `--json`: one document (the default), or a line for each event. */
  output?: 'stream' | 'none'
  run(input: Values<A> & Values<O>, session: Session): Promise<void>
}

/** Makes the definition of a command. `run` receives the parsed arguments and options under their keys. */
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
  const long = /--(?:no-)?([a-z][a-z0-9-]*)/.exec(flags)?.[1] ?? flags
  return long.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** A required argument or option; its term is `<so>`. Commander checks its presence. */
export function required<T>(term: string, help: string, parse: Parse<T>): Argument<T> {
  return { term, help, values: parse.values, read: (text) => named(term, parse, String(text)) }
}

/** An argument that may be omitted; its term is `[so]`. */
export function optional<T>(term: string, help: string, parse: Parse<T>): Argument<T | undefined> {
  const read = (text: unknown) => (typeof text === 'string' ? named(term, parse, text) : undefined)
  return { term, help, values: parse.values, read }
}

/** One or more words; its term is `<so...>`. */
export function several<T>(term: string, help: string, parse: Parse<T>): Argument<T[]> {
  return {
    term,
    help,
    values: parse.values,
    read: (texts) => [texts ?? []].flat().map((text) => named(term, parse, text)),
  }
}

/** An option that is there or not. [commander] `--no-x` is kept as `x`, which is true until somebody gives the option. */
export function flag(flags: string, help: string): Option<boolean> {
  const given = !flags.includes('--no-')
  return { flags, help, isList: false, read: (raw) => raw === given }
}

/** An option with a value; undefined if it is not given. */
export function value<T>(flags: string, help: string, parse: Parse<T>): Option<T | undefined> {
  const read = (raw: RawOption) => (typeof raw === 'string' ? named(flags, parse, raw) : undefined)
  return { flags, help, isList: false, values: parse.values, read }
}

/** An option that must be given. */
export function needed<T>(flags: string, help: string, parse: Parse<T>): Option<T> {
  return {
    flags,
    help: `${help} (needed)`,
    isList: false,
    values: parse.values,
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
    values: parse.values,
    read: (raw) => (Array.isArray(raw) ? raw.map((text: string) => named(flags, parse, text)) : []),
  }
}

/** An option with a default, given as a person would type it. */
export function usually<T>(flags: string, usual: string, help: string, parse: Parse<T>): Option<T> {
  return {
    flags,
    help,
    usual,
    isList: false,
    values: parse.values,
    read: (raw) => named(flags, parse, typeof raw === 'string' ? raw : usual),
  }
}

type Schema<T> = {
  /** The texts of an enumeration. */
  options?: unknown
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: { message: string }[] } }
}

/** Text that a schema of the contract accepts. */
export function fits<T>(schema: Schema<T>): Parse<T> {
  const parse = (text: string) => {
    const result = schema.safeParse(text)
    if (result.success) return result.data
    throw new Error(result.error.issues[0]?.message ?? 'is not right')
  }
  return Object.assign(parse, { values: textsOf(schema.options) })
}

const textsOf = (options: unknown): readonly string[] | undefined =>
  Array.isArray(options) && options.every((one) => typeof one === 'string') ? options : undefined

/** A whole number that a schema of the contract accepts. */
export function fitsNumber<T>(schema: Schema<T>): Parse<T> {
  return (text) =>
    fits({ safeParse: (word: unknown) => schema.safeParse(word === '' ? undefined : Number(word)) })(text)
}

export const asIs: Parse<string> = (text) => text

function named<T>(term: string, parse: Parse<T>, text: string): T {
  try {
    return parse(text)
  } catch (error) {
    throw wrongUsage(`${term} cannot be "${text}": ${error instanceof Error ? error.message : String(error)}`)
  }
}
