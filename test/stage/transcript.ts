/** Transcript: runs the commands of a document word for word, as somebody who has never seen the project. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort } from '@skerry/testkit/free-port'

const ROOT = join(import.meta.dirname, '../..')

export type Transcript = AsyncDisposable & {
  /** Runs one command, in the folder of the commands before it. A server starts, and keeps running. */
  follow(command: string): Promise<Output>
  endHub(): Promise<void>
  startHub(): Promise<void>
}

type Output = { text: string; code: number | null }

export const isServer = (command: string): boolean => /^skerry (hub|agent)(?= -|$)/.test(command)

/** A folder with the examples, free ports, and a profile of its own. */
export async function openTranscript(): Promise<Transcript> {
  const home = await mkdtemp(join(tmpdir(), 'skerry-transcript-'))
  await cp(join(ROOT, 'examples'), join(home, 'examples'), { recursive: true })
  /** Texts of the document, and their replacements in this run. */
  const instead = new Map<RegExp, string>([
    [/\b8443\b/g, String(await freePort())],
    [/\b8500\b/g, String(await freePort())],
  ])
  let folder = home
  let hub: ChildProcess | undefined
  let agent: ChildProcess | undefined

  const learn = (pattern: RegExp, output: string) => {
    const [found] = output.match(pattern) ?? []
    if (found !== undefined) instead.set(pattern, found)
  }

  const start = (command: string): ChildProcess => {
    const text = [...instead].reduce((rest, [pattern, value]) => rest.replace(pattern, value), withDefaults(command))
    const path = [join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter)
    const env = { ...process.env, PATH: path, SKERRY_HOME: join(home, '.skerry'), NO_COLOR: '1' }
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore']
    return spawn('bash', ['-c', `exec 2>&1; ${text}`], { cwd: folder, env, detached: true, stdio })
  }

  /** Starts a server, and gives its output up to the words. */
  const startUntil = (command: string, words: string): Promise<{ child: ChildProcess; output: string }> => {
    const child = start(command)
    let output = ''
    return new Promise((resolve, reject) => {
      child.stdout?.on('data', (chunk) => {
        output += chunk
        if (output.includes(words) && output.endsWith('\n')) resolve({ child, output })
      })
      child.once('exit', () => reject(new Error(`${command} ended and said: ${output}`)))
    })
  }

  const followServer = async (command: string): Promise<Output> => {
    if (command.startsWith('skerry agent')) {
      const { child, output } = await startUntil(`${command} --grpc 127.0.0.1:0`, 'link_up')
      agent = child
      return { text: output, code: 0 }
    }
    const { child, output } = await startUntil(command, 'within a day:')
    hub = child
    learn(/\bsk_[\w-]+/g, output)
    learn(/\b[0-9a-f]{64}\b/g, output)
    return { text: output, code: 0 }
  }

  const follow = async (command: string): Promise<Output> => {
    const [, target] = /^cd (.*)/.exec(command) ?? []
    if (target !== undefined) {
      folder = join(folder, target)
      return { text: '', code: 0 }
    }
    if (isServer(command)) return followServer(command)
    const child = start(command)
    const [text, [code]] = await Promise.all([textOf(child), once(child, 'exit')])
    if (command.startsWith('skerry device token create')) learn(/\bskj_[\w-]+/g, text)
    return { text, code }
  }

  return {
    follow,
    endHub: () => end(hub),
    startHub: async () => {
      hub = (await startUntil('skerry hub', 'hub_ready')).child
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([end(agent), end(hub)])
      await rm(home, { recursive: true })
    },
  }
}

/** The defaults of a server are its ports; elsewhere an address names them. */
function withDefaults(command: string): string {
  if (command.startsWith('skerry agent')) return command.replace('skerry agent', 'skerry agent --listen 127.0.0.1:8500')
  return isServer(command) ? `${command} --listen 127.0.0.1:8443` : command
}

async function textOf(child: ChildProcess): Promise<string> {
  let output = ''
  for await (const chunk of child.stdout ?? []) output += chunk
  return output
}

/** As Ctrl-C does: the shell and the program in it. */
async function end(child: ChildProcess | undefined): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  process.kill(-child.pid, 'SIGINT')
  await exited
}
