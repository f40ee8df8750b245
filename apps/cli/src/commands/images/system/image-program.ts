/** Image program: the programs of the computer that make images. They are separate programs, and Skerry ships none. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fail } from '../../../program/failure.ts'

/** The Debian package of each program, for the person who lacks it. */
const PACKAGES: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  sfdisk: 'fdisk',
  'mkfs.vfat': 'dosfstools',
  mmd: 'mtools',
  mcopy: 'mtools',
  mke2fs: 'e2fsprogs',
  du: 'coreutils',
  rauc: 'rauc',
  mksquashfs: 'squashfs-tools',
}

/** A program that ends by itself after a signal removes its mounts first. In milliseconds. */
const END_MS = 30_000

/** The end of the errors is enough for a person, and a failed apt writes hundreds of lines. */
const LINES_MAX = 12

export type Call = {
  program: string
  words: readonly string[]
  /** Written to its standard input. */
  input?: string
  onLine?: (line: string) => void
}

/** Ordinary people do not have the folders of the administrator in PATH. */
const pathOf = (env: Readonly<Record<string, string | undefined>>) =>
  [env.PATH ?? '', '/usr/local/sbin', '/usr/sbin', '/sbin'].join(delimiter)

export type ProgramEnvironment = Readonly<Record<string, string | undefined>>

/** The packages that a person must install first. */
export async function missingPackages(programs: readonly string[], env: ProgramEnvironment): Promise<string[]> {
  const folders = pathOf(env).split(delimiter)
  const missing: string[] = []
  for (const program of programs) {
    const places = folders.map((folder) => isProgram(join(folder, program)))
    if (!(await Promise.all(places)).includes(true)) missing.push(PACKAGES[program] ?? program)
  }
  return [...new Set(missing)]
}

const isProgram = (path: string) =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  )

/** Runs a program to its end. Gives its output, and throws a failure with the end of its errors. */
export async function runProgram(call: Call, env: ProgramEnvironment, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted()
  const { program, words, input, onLine } = call
  const child = spawn(program, words, {
    env: { ...env, PATH: pathOf(env), LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const pieces: Buffer[] = []
  const last: string[] = []
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece))
  createInterface(child.stderr).on('line', (line) => {
    onLine?.(line)
    last.push(line)
    if (last.length > LINES_MAX) last.shift()
  })
  // A program that ends early closes its input. Its exit code has the reason.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input ?? '')
  const stop = () => endChild(child)
  signal.addEventListener('abort', stop, { once: true })
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    signal.throwIfAborted()
    if (code !== 0) throw fail('image_failed', `${program} ended with ${code ?? 'a signal'}:\n${last.join('\n')}`)
    return Buffer.concat(pieces).toString('utf8')
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

function endChild(child: ChildProcess): void {
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), END_MS)
  child.once('close', () => clearTimeout(kill))
}
