/**
 * Rabbit peer: Debian's RabbitMQ in a folder of its own, with a password, on ports of loopback, and python3-pika, which reads what is in it. Its nodes find
 * each other by a daemon that outlives them; here it is a child, and ends with them.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../free-port.ts'
import { until } from '../until.ts'

/** Debian's wrapper would change to a user of its own, and to its folder. */
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server'
const PYTHON = '/usr/bin/python3'
const READER = fileURLToPath(new URL('../../peers/amqp-reader.py', import.meta.url))

/** Whether this machine has it, and who reads it. Tests that need it are skipped where it has not. */
export const hasRabbit =
  existsSync(SERVER) && spawnSync(PYTHON, ['-c', 'import pika'], { stdio: 'ignore' }).status === 0

export type AmqpMessage = {
  id: string
  key: string
  isPersistent: boolean
  type: string
  timestamp: number
  body: string
}

export type RabbitPeer = AsyncDisposable & {
  port: number
  tlsPort: number
  user: string
  password: string
  kill(): Promise<void>
  start(): Promise<void>
  freeze(): void
  thaw(): void
  /** Makes a durable queue, bound to the exchange where one is named, which refuses what is more than `max`. */
  bind(exchange: string, queue: string, key: string, max?: number): Promise<void>
  /** Takes all that is in it; nothing where the broker does not answer. */
  drain(queue: string): Promise<AmqpMessage[]>
  /** Has it believe that it has no memory left, or enough again. */
  block(): Promise<void>
  unblock(): Promise<void>
}

type Certificates = { ca: string; certificate: string; key: string }

const user = 'skerry'
const password = 'pw-for-tests-only'

/** Of TLS it asks for a certificate, too. */
export async function startRabbit(certificates?: Certificates): Promise<RabbitPeer> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-rabbit-'))
  const [port, tlsPort, distribution, epmd] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  await writeConfig(folder, { port, tlsPort, certificates })
  const env = environment(folder, { distribution, epmd })
  const daemon = spawn('epmd', ['-port', String(epmd), '-address', '127.0.0.1'], { stdio: 'ignore' })
  let server: ChildProcess | undefined
  // The script's own process is another than the server's, but of the same group.
  const signal = (name: NodeJS.Signals) => server?.pid !== undefined && process.kill(-server.pid, name)
  const read = (...args: string[]) =>
    promisify(execFile)(PYTHON, [READER, String(port), user, password, '/', ...args], BIG)
  const setMemory = async (share: string) => {
    const cookie = await readFile(join(folder, '.erlang.cookie'), 'utf8')
    const order = `vm_memory_monitor set_vm_memory_high_watermark [${share}]`
    await promisify(execFile)('erl_call', ['-sname', NODE, '-c', cookie, '-a', order], { env })
  }
  const peer: RabbitPeer = {
    port,
    tlsPort,
    user,
    password,
    async start() {
      server = spawn(SERVER, { stdio: 'ignore', env, detached: true })
      await until(() => answers(port), { what: 'RabbitMQ to answer', everyMs: 50 })
    },
    async kill() {
      if (!server || server.exitCode !== null || server.signalCode !== null) return
      const ended = once(server, 'exit')
      signal('SIGKILL')
      await ended
    },
    freeze: () => void signal('SIGSTOP'),
    thaw: () => void signal('SIGCONT'),
    bind: async (exchange, queue, key, max) =>
      void (await read('bind', exchange, queue, key, ...(max === undefined ? [] : [String(max)]))),
    async drain(queue) {
      const { stdout } = await read('drain', queue).catch(() => ({ stdout: '' }))
      return stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
    },
    block: () => setMemory('0.0'),
    unblock: () => setMemory('0.6'),
    async [Symbol.asyncDispose]() {
      await peer.kill()
      daemon.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    },
  }
  await peer.start()
  return peer
}

/** pika gives up by itself where nobody answers. */
const BIG = { maxBuffer: 64 * 1_024 ** 2, timeout: 60_000 }

const NODE = 'skerry@localhost'

type Ports = { port: number; tlsPort: number; certificates: Certificates | undefined }

async function writeConfig(folder: string, { port, tlsPort, certificates }: Ports): Promise<void> {
  const lines = [`listeners.tcp.1 = 127.0.0.1:${port}`, `default_user = ${user}`, `default_pass = ${password}`]
  if (certificates) {
    lines.push(`listeners.ssl.1 = 127.0.0.1:${tlsPort}`, 'ssl_options.verify = verify_peer')
    lines.push('ssl_options.fail_if_no_peer_cert = true')
    const names = { ca: 'cacertfile', certificate: 'certfile', key: 'keyfile' } as const
    for (const name of ['ca', 'certificate', 'key'] as const) {
      await writeFile(join(folder, `${name}.pem`), certificates[name])
      lines.push(`ssl_options.${names[name]} = ${join(folder, `${name}.pem`)}`)
    }
  }
  await writeFile(join(folder, 'rabbitmq.conf'), `${lines.join('\n')}\n`)
  await writeFile(join(folder, 'plugins'), '[].\n')
}

const environment = (folder: string, { distribution, epmd }: { distribution: number; epmd: number }) => ({
  ...process.env,
  HOME: folder,
  RABBITMQ_NODENAME: NODE,
  RABBITMQ_DIST_PORT: String(distribution),
  RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
  RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
  RABBITMQ_MNESIA_BASE: join(folder, 'data'),
  RABBITMQ_LOG_BASE: join(folder, 'log'),
  ERL_EPMD_PORT: String(epmd),
  ERL_EPMD_ADDRESS: '127.0.0.1',
})

/** [AMQP 0-9-1, 4.2.2] Who is greeted by its protocol's name is told what it speaks. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  socket.on('connect', () => socket.write('AMQP\0\0\x09\x01'))
  const heard = await Promise.race([
    once(socket, 'data').then(() => true),
    once(socket, 'close').then(() => false),
  ]).catch(() => false)
  socket.destroy()
  return heard
}
