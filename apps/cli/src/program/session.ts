/** Session: the environment of a running command: the hub, the person, and the two ways of printing. */
import { createClient, type SkerryClient } from '@skerry/client/client'
import type { Connection } from '@skerry/client/connection'
import type { Command } from './command.ts'
import { fail } from './failure.ts'
import { connect } from './profile.ts'
import type { Io } from './terminal/io.ts'
import { openProgress, type Progress } from './terminal/progress.ts'
import { type Style, styleOf } from './terminal/style.ts'

/**
 * The result of a command: a document for programs, and text for people. The text is made only if somebody will read
 * it.
 */
export type Printed = { json: unknown; text: () => string }

export type Hub = { connection: Connection; client: SkerryClient }

export type Session = {
  io: Io
  /** All commands, for the command that writes completions. */
  commands: readonly Command[]
  signal: AbortSignal
  style: Style
  isJson: boolean
  /** The hub of the sign-in. Fails with `login_missing` if there is none. */
  hub(): Promise<Hub>
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
  /** The process ends with this code of a program on a device. */
  endWith(exitCode: number): void
}

export type SessionOptions = {
  endWith(exitCode: number): void
  io: Io
  commands: readonly Command[]
  isJson: boolean
  signal: AbortSignal
}

/** Opens the session of one command. */
export function openSession({ io, commands, isJson, signal, endWith }: SessionOptions): Session {
  const style = styleOf(io.stdout, io.env)
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
      hub ??= connect(io).then((connection) => ({ connection, client: createClient(connection) }))
      return hub
    },
    print: ({ json, text }) => writeLine(isJson ? JSON.stringify(json, null, 2) : text()),
    printEvent: ({ json, text }) => writeLine(isJson ? JSON.stringify(json) : text()),
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
