/** Session: the environment of a running command: the hub, the person, and the two ways of printing. */
import { createClient, type SkerryClient } from '@skerry/client/client'
import type { Connection } from '@skerry/client/connection'
import { assertNever } from '@skerry/core/values/assert-never'
import type { Command } from './command.ts'
import { fail } from './failure.ts'
import { namesText, type OutputWish, yamlText } from './output/output-format.ts'
import { connect } from './profile.ts'
import { chosenProfile } from './sign-in/contexts.ts'
import type { Io } from './terminal/io.ts'
import { openProgress, type Progress } from './terminal/progress.ts'
import { type Style, styleOf } from './terminal/style.ts'

/**
 * The result of a command: a document for programs, and text for people. The text is made only if somebody will read
 * it.
 */
export type Printed = {
  json: unknown
  text: () => string
  /** The things as files of `skerry apply`, for `-o yaml`. */
  manifests?: () => readonly unknown[]
}

export type Hub = { connection: Connection; client: SkerryClient }

export type Session = {
  io: Io
  /** All commands, for the command that writes completions. */
  commands: readonly Command[]
  signal: AbortSignal
  style: Style
  /** Whether a program reads the output: JSON, YAML or names. */
  isJson: boolean
  /** The hub of the sign-in. Fails with `login_missing` if there is none. */
  hub(): Promise<Hub>
  /** The origin of the hub that the command has used; undefined if it used none. */
  usedHub(): Promise<string | undefined>
  /** A command prints its result only once. */
  print(printed: Printed): void
  /** Prints one event of a stream; as JSON it takes one line. */
  printEvent(printed: Printed): void
  /** Prints a note for a person. Programs with JSON output do not get it. */
  note(text: string): void
  /**
   * Requests a confirmation before something is destroyed, unless `--yes` was given. Throws if the answer is no, or if
   * no person can answer.
   */
  confirm(what: string, isAgreed: boolean, hint?: string): Promise<void>
  progress(label: string, total: number): Progress
  /** The process ends with this code after it printed a result: of failed checks, or of a program on a device. */
  endWith(exitCode: number): void
}

export type SessionOptions = {
  endWith(exitCode: number): void
  io: Io
  commands: readonly Command[]
  output: OutputWish
  signal: AbortSignal
}

/** Opens the session of one command. */
export function openSession({ io, commands, output, signal, endWith }: SessionOptions): Session {
  const { format, hasHeads } = output
  const isJson = format !== 'text' && format !== 'wide'
  const style = { ...styleOf(io.stdout, io.env), hasHeads, isWide: format === 'wide' }
  let hub: Promise<Hub> | undefined
  const writeLine = (text: string) => {
    if (text !== '') io.stdout.write(`${text}\n`)
  }
  return {
    io,
    commands,
    signal,
    style,
    isJson,
    hub() {
      hub ??= openHub(io)
      return hub
    },
    usedHub: async () => (await hub)?.connection.hub,
    print: (printed) => writeLine(printedText(printed, format, 2)),
    printEvent: (printed) => writeLine(`${format === 'yaml' ? '---\n' : ''}${printedText(printed, format, 0)}`),
    note(text) {
      if (!isJson) io.stderr.write(`${text}\n`)
    },
    async confirm(what, isAgreed, hint) {
      if (isAgreed) return
      if (!io.isInteractive)
        throw fail('confirmation_missing', `this would ${what}, and nobody is at the terminal to confirm it`, {
          ...(hint !== undefined && { next: `${hint}, or add --yes to confirm` }),
        })
      if (hint !== undefined) io.stderr.write(`Hint: ${hint}.\n`)
      const answer = await io.ask(`This will ${what}. Continue? [y/N] `, signal)
      if (!/^y(es)?$/i.test(answer.trim())) throw fail('confirmation_refused', 'nothing was changed')
    },
    endWith,
    progress: (label, total) => openProgress({ io, label, total, isSilent: isJson }),
  }
}

async function openHub(io: Io): Promise<Hub> {
  const connection = await connect(io, await chosenProfile(io.env))
  return { connection, client: createClient(connection) }
}

/** The result in the format. `indent` is that of JSON. */
function printedText({ json, text, manifests }: Printed, format: OutputWish['format'], indent: number): string {
  switch (format) {
    case 'text':
    case 'wide':
      return text()
    case 'json':
      return JSON.stringify(json, null, indent)
    case 'yaml':
      return yamlText(json, manifests?.())
    case 'name':
      return namesText(json)
    default:
      return assertNever(format)
  }
}
