/**
 * Git program: runs the `git` of the machine on a repository that a stranger may control. The program reads no
 * configuration but ours, runs no hook, asks nobody, follows no redirect, and writes no working tree. The system ends it
 * if a file grows over the limit, and the hub ends it, with its children, when its time is up.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { GIT_PACK_BYTES_MAX } from '@skerry/contract/git-sources/git-source'

export type GitConfig = {
  /** The hub's own copies of repositories. */
  folder: string
  /** The folder whose repositories `file:` may name; undefined means none. */
  root: string | undefined
  /** PEM of authorities that are trusted in addition to the usual ones. */
  ca: string | undefined
}

export type GitRun = {
  /** The folder in which the program runs. */
  folder: string
  args: readonly string[]
  /** Another program, under the same limits. */
  program?: 'git' | 'gpg'
  /** Besides the variables that every run has. */
  environment?: Readonly<Record<string, string>>
  /** The protocol that a fetch may use; none by default. */
  protocol?: string
  /** Settings that must not be visible in a list of processes. */
  settings?: Readonly<Record<string, string>>
  input?: string
  timeoutMs?: number
}

export type GitResult =
  | { ok: true; output: Buffer }
  | { ok: false; reason: 'missing' | 'timeout' | 'failed' | 'large'; status: number; text: string }

/** A local command on a repository within the limits takes well under a second. */
const TIMEOUT_MS = 30_000

/** A hundred thousand names of files. The contents are limited before they are read. */
const OUTPUT_MAX = 16 * 1024 * 1024

const TEXT_MAX = 4_000

/** [POSIX, ulimit -f] Blocks of 512 bytes. */
const FILE_BLOCKS = GIT_PACK_BYTES_MAX / 512

/** [ulimit -v] Kilobytes of address space: Git maps its packs, and a hostile pack must not take the machine's memory. */
const MEMORY_KB = 2 * 1024 * 1024

/** Bounds memory: large objects are streamed, one thread resolves deltas, and no packs are written in the background. */
const SETTINGS: Readonly<Record<string, string>> = {
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'core.bigFileThreshold': '1m',
  'core.packedGitLimit': '64m',
  'core.packedGitWindowSize': '1m',
  'core.deltaBaseCacheLimit': '16m',
  'pack.threads': '1',
  'fetch.fsckObjects': 'true',
  'fetch.unpackLimit': '1',
  'fetch.recurseSubmodules': 'false',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'transfer.bundleURI': 'false',
  'credential.helper': '',
  'http.followRedirects': 'false',
  'http.lowSpeedLimit': '1000',
  'http.lowSpeedTime': '20',
  'gpg.format': 'ssh',
  // A signature of a format that the source does not declare must not start another program.
  'gpg.openpgp.program': 'false',
  'gpg.x509.program': 'false',
  'log.showSignature': 'false',
}

/** Runs the program to its end. Rejects only if the signal aborts. */
export async function runGit(run: GitRun, signal: AbortSignal): Promise<GitResult> {
  signal.throwIfAborted()
  const limit = AbortSignal.timeout(run.timeoutMs ?? TIMEOUT_MS)
  const script = `ulimit -f ${FILE_BLOCKS} && ulimit -v ${MEMORY_KB} && exec "$0" "$@"`
  const child = spawn('sh', ['-c', script, run.program ?? 'git', ...run.args], {
    cwd: run.folder,
    env: environmentOf(run),
    stdio: ['pipe', 'pipe', 'pipe'],
    // A process group of its own, so that its children end with it.
    detached: true,
  })
  const stop = () => endGroup(child)
  const both = AbortSignal.any([signal, limit])
  both.addEventListener('abort', stop, { once: true })
  try {
    const result = await resultOf(child, run.input ?? '', stop)
    signal.throwIfAborted()
    return limit.aborted ? { ok: false, reason: 'timeout', status: -1, text: '' } : result
  } finally {
    both.removeEventListener('abort', stop)
  }
}

function environmentOf({ folder, protocol = '', settings = {}, environment = {} }: GitRun): NodeJS.ProcessEnv {
  const all = Object.entries({ ...SETTINGS, ...settings })
  const numbered = all.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ])
  return {
    PATH: process.env.PATH,
    HOME: folder,
    // Git must not search for a repository in the folders above.
    GIT_DIR: folder,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_COUNT: String(all.length),
    ...Object.fromEntries(numbered),
    GIT_ALLOW_PROTOCOL: protocol,
    GIT_ASKPASS: 'false',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    SSH_ASKPASS: 'false',
    SSH_ASKPASS_REQUIRE: 'never',
    ...environment,
  }
}

function resultOf(child: ChildProcess, input: string, stop: () => void): Promise<GitResult> {
  const output: Buffer[] = []
  let size = 0
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > OUTPUT_MAX) stop()
    else output.push(chunk)
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    text = (text + chunk.toString('utf8')).slice(-TEXT_MAX)
  })
  // The program may end before it has read its input.
  child.stdin?.on('error', () => undefined)
  child.stdin?.end(input)
  return new Promise((resolve) => {
    const fail = (reason: 'missing' | 'failed' | 'large', status: number) =>
      resolve({ ok: false, reason, status, text: text.trim() })
    child.on('error', () => fail('missing', 127))
    child.on('close', (code) => {
      if (code === 0) resolve({ ok: true, output: Buffer.concat(output) })
      else if (size > OUTPUT_MAX || isOverLimit(text)) fail('large', code ?? -1)
      else fail(code === 127 ? 'missing' : 'failed', code ?? -1)
    })
  })
}

/** [setrlimit] A write over the limit ends a program with SIGXFSZ, or fails with EFBIG. */
const isOverLimit = (text: string) => /signal 25|File too large|File size limit|out of memory|mmap failed/i.test(text)

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended already.
  }
}
