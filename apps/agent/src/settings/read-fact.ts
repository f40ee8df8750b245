/** Read fact: the value of one fact now, from a file, a variable, a command or a tag. */
import { execFile } from 'node:child_process'
import { open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { TAGS_READ_MAX, TagReading } from '@skerry/contract/devices/device-command'
import type { FactFrom } from '@skerry/contract/settings/device-settings'
import { factIn } from '@skerry/core/settings/layered-settings'
import { systemCode } from '@skerry/platform/files/file-system'
import * as z from 'zod'
import type { RunnerSources } from '../runner/runner-supervisor.ts'
import type { FactSwitches } from './fact-options.ts'

export type FactGround = {
  switches: FactSwitches
  environment: NodeJS.ProcessEnv
  runner: Pick<RunnerSources, 'askSources'>
}

/** The value, or why there is none. */
export type FactAnswer = { value: string } | { problem: string }

/** Facts are short: the rest of a large file or of long output is not read. */
const TEXT_BYTES_MAX = 65_536

/** A command that waits for something must not hold up the other facts for long. */
const COMMAND_MS = 10_000

/** Never rejects, except by the signal. */
export async function readFact(from: FactFrom, ground: FactGround, signal: AbortSignal): Promise<FactAnswer> {
  if ('file' in from) return readFile(from, ground)
  if ('environment' in from) return readVariable(from, ground)
  if ('command' in from) return runCommand(from, ground, signal)
  return readTag(from, ground)
}

type From<Key extends string> = Extract<FactFrom, Record<Key, string>>

const notAllowed = (what: string): FactAnswer => ({
  problem: `the device does not allow it; start its agent with --allow-fact ${what}`,
})

async function readFile({ file, key }: From<'file'>, { switches }: FactGround): Promise<FactAnswer> {
  if (!switches.files.includes(file)) return notAllowed(`file:${file}`)
  try {
    await using opened = await open(file, 'r')
    if (!(await opened.stat()).isFile()) return { problem: `${file} is not a file` }
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(TEXT_BYTES_MAX), 0, TEXT_BYTES_MAX, 0)
    const value = factIn(buffer.toString('utf8', 0, bytesRead), key)
    const missing = key === undefined ? `the first line of ${file} is empty` : `${file} has no line ${key}=VALUE`
    return value === undefined ? { problem: missing } : { value }
  } catch (error) {
    return { problem: `${file} cannot be read (${systemCode(error)})` }
  }
}

function readVariable({ environment: name }: From<'environment'>, { switches, environment }: FactGround): FactAnswer {
  if (!switches.environment.includes(name)) return notAllowed(`env:${name}`)
  const value = factIn(environment[name] ?? '', undefined)
  return value === undefined ? { problem: `the variable ${name} is not set` } : { value }
}

async function runCommand(
  { command }: From<'command'>,
  { switches, environment }: FactGround,
  signal: AbortSignal,
): Promise<FactAnswer> {
  const program = switches.commands.get(command)
  if (program === undefined) return notAllowed(`command:${command}=/PROGRAM`)
  try {
    const { stdout } = await promisify(execFile)(program, [], {
      signal,
      timeout: COMMAND_MS,
      killSignal: 'SIGKILL',
      maxBuffer: TEXT_BYTES_MAX,
      // The agent's variables may hold secrets.
      env: { PATH: environment.PATH },
    })
    const value = factIn(stdout, undefined)
    return value === undefined ? { problem: `${command} printed nothing` } : { value }
  } catch (error) {
    signal.throwIfAborted()
    return { problem: `${command} failed: ${reasonOf(error)}`.slice(0, 300) }
  }
}

function reasonOf(error: unknown): string {
  const { killed, code, stderr = '' } = error as { killed?: boolean; code?: number | string; stderr?: string }
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return 'it printed too much'
  if (killed) return 'it took over 10 s'
  if (typeof code === 'string') return code
  return `exit code ${code}${stderr.trim() === '' ? '' : `, ${stderr.trim().split('\n', 1)[0]}`}`
}

const Said = z.object({ readings: z.array(TagReading).max(TAGS_READ_MAX) })

async function readTag({ source, tag }: From<'tag'>, { runner }: FactGround): Promise<FactAnswer> {
  const answer = await runner.askSources({ kind: 'tags', source, tags: [tag] })
  if (!answer.ok) return { problem: answer.message.slice(0, 300) }
  const value = Said.safeParse(answer.said).data?.readings[0]?.value
  if (value === undefined) return { problem: `${source} has read no value of ${tag} yet` }
  return value.quality === 'good'
    ? { value: textOf(value.value) }
    : { problem: `${tag} has the quality ${value.quality}` }
}

const textOf = (value: unknown): string => factIn(String(value), undefined) ?? ''
