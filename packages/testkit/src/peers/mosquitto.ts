/** Mosquitto: Eclipse's MQTT broker and its two small clients, as Debian has them, for the test that asks for them. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../free-port.ts'
import { until } from '../until.ts'

/** Debian keeps daemons where not everybody's PATH looks. */
const PATH = `${process.env.PATH ?? ''}:/usr/sbin`

/** Whether this machine has it. Tests that need it are skipped where it has not. */
export const hasMosquitto = ['mosquitto', 'mosquitto_pub'].every(
  (program) => spawnSync(program, ['-h'], { stdio: 'ignore', env: { PATH } }).error === undefined,
)

export type Mosquitto = AsyncDisposable & {
  port: number
  /** Ends it without a word. What it had in memory is gone. */
  kill(): Promise<void>
  /** Starts it again, on the same port. */
  start(): Promise<void>
  /** Holds it still: connections stay open, and nothing is answered. */
  freeze(): void
  thaw(): void
  /** Publishes one message, as `mosquitto_pub` does. */
  publish(topic: string, message: string, ...more: string[]): Promise<void>
  /** The same, of bytes. */
  publishBytes(topic: string, message: Buffer): Promise<void>
  /** Publishes each line on the topic, as equipment that keeps its connection. */
  publisher(topic: string, ...more: string[]): { say(line: string): void }
  /** Hears what is published, as `mosquitto_sub` does; each message a line. Resolves when it is subscribed. */
  listen(filter: string, onLine: (line: string) => void, ...more: string[]): Promise<void>
}

type Options = {
  /** Lines of its configuration, beyond a listener that lets anybody in. */
  config?: readonly string[]
  /** Files beside it, by name; `$FOLDER` in the configuration is where they lie. */
  files?: Readonly<Record<string, string>>
  /** How its own clients connect. */
  clientArguments?: readonly string[]
}

/** Starts one on a free port. */
export async function startMosquitto(options: Options = {}): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-mosquitto-'))
  const port = await freePort()
  await writeFiles(folder, port, options)
  const children = new Set<ChildProcess>()
  const run = (program: string, args: string[]) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], env: { PATH } })
    children.add(child)
    child.on('exit', () => children.delete(child))
    return child
  }
  let broker: ChildProcess | undefined
  const client = (...args: string[]) => [
    '-h',
    'localhost',
    '-p',
    String(port),
    ...(options.clientArguments ?? []),
    ...args,
  ]
  const it: Mosquitto = {
    port,
    async start() {
      broker = run('mosquitto', ['-c', join(folder, 'mosquitto.conf')])
      await listening(port)
    },
    kill: async () => void (broker && (await end(broker))),
    freeze: () => void broker?.kill('SIGSTOP'),
    thaw: () => void broker?.kill('SIGCONT'),
    async publish(topic, message, ...more) {
      await once(run('mosquitto_pub', client('-t', topic, '-m', message, '-q', '1', ...more)), 'exit')
    },
    async publishBytes(topic, message) {
      const child = run('mosquitto_pub', client('-t', topic, '-s', '-q', '1'))
      child.stdin?.end(message)
      await once(child, 'exit')
    },
    publisher(topic, ...more) {
      const child = run('mosquitto_pub', client('-t', topic, '-l', ...more))
      child.stdin?.on('error', () => undefined)
      return { say: (line) => void child.stdin?.write(`${line}\n`) }
    },
    listen: (filter, onLine, ...more) =>
      heardBy(run('stdbuf', ['-oL', 'mosquitto_sub', ...client('-t', filter, '-d', ...more)]), onLine),
    async [Symbol.asyncDispose]() {
      await Promise.all([...children].map(end))
      await rm(folder, { recursive: true, force: true })
    },
  }
  await it.start()
  return it
}

async function writeFiles(folder: string, port: number, { config = ['allow_anonymous true'], files = {} }: Options) {
  // Started by root it becomes a user of its own, who must be able to read them.
  await chmod(folder, 0o755)
  const lines = [`listener ${port} 127.0.0.1`, ...config, 'max_queued_messages 100000', '']
  await writeFile(join(folder, 'mosquitto.conf'), lines.join('\n').replaceAll('$FOLDER', folder))
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text)
    await chmod(join(folder, name), 0o644)
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

/** Resolves when somebody answers there. */
async function listening(port: number): Promise<void> {
  const look = async () => {
    const socket = connect(port, '127.0.0.1')
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      socket.once('error', () => resolve(false))
    })
    socket.destroy()
    return isThere
  }
  await until(look, { what: `mosquitto to answer on port ${port}` })
}

/** With -d it says what it does, between the messages. */
async function heardBy(child: ChildProcess, onLine: (line: string) => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let rest = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = `${rest}${text}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      if (/^Subscribed \(mid/.test(line)) resolve()
      else if (!/^(Client .* (sending|received) |Subscribed)/.test(line)) onLine(line)
    }
  })
  await promise
}
