/**
 * Broker peers: mosquitto with a password, and its own client as the reader. Received messages are in the client's
 * memory. So tests cut the connection, and do not kill the broker.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMosquitto } from '@skerry/testkit/peers/mosquitto'
import { decode } from '@skerry/testkit/protoc'
import { openWay } from '../stage/way.ts'
import { ANSWER_MS, KEEPALIVE_SECONDS } from './sink-limits.ts'
import type { SinkPeer } from './sink-peers.ts'

const user = 'skerry'
const password = 'pw-for-tests-only'

/** The file with the accounts that may connect. */
function passwords(): string {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-passwords-'))
  const file = join(folder, 'users')
  execFileSync('mosquitto_passwd', ['-b', '-c', file, user, password])
  const text = readFileSync(file, 'utf8')
  rmSync(folder, { recursive: true })
  return text
}

type Heard = { protocol: 'mqtt' | 'sparkplug'; filter: string; format: string; more: object }

async function startBrokerPeer({ protocol, filter, format, more }: Heard, numbersIn: (line: string) => number[]) {
  const broker = await startMosquitto({
    config: ['allow_anonymous false', 'password_file $FOLDER/users'],
    files: { users: passwords() },
    clientArguments: ['-u', user, '-P', password],
  })
  const way = await openWay(broker.port)
  const lines: string[] = []
  const numbers: number[] = []
  await broker.listen(filter, (line) => lines.push(line), '-F', format, '-q', '1')
  const peer: SinkPeer = {
    draft: {
      protocol,
      connection: {
        host: '127.0.0.1',
        port: way.port,
        user,
        password: { secret: 'password' },
        keepaliveSeconds: KEEPALIVE_SECONDS,
        timeoutMs: ANSWER_MS,
        ...more,
      },
    },
    password,
    async numbers() {
      numbers.push(...lines.splice(0).flatMap(numbersIn))
      return [...numbers]
    },
    kill: () => way.cut(),
    start: () => way.mend(),
    freeze: () => broker.freeze(),
    thaw: () => broker.thaw(),
    async [Symbol.asyncDispose]() {
      await way[Symbol.asyncDispose]()
      await broker[Symbol.asyncDispose]()
    },
  }
  return peer
}

export const startMqttPeer = (): Promise<SinkPeer> =>
  startBrokerPeer({ protocol: 'mqtt', filter: 'skerry/#', format: '%p', more: {} }, (line) => [JSON.parse(line).value])

/** Counts the data messages of a node. Its births repeat the last values. */
export const startSparkplugPeer = (): Promise<SinkPeer> =>
  startBrokerPeer(
    {
      protocol: 'sparkplug',
      filter: 'spBv1.0/plant/NDATA/edge-1',
      format: '%x',
      more: { group: 'plant', node: 'edge-1' },
    },
    (line) => [...decode(Buffer.from(line, 'hex')).matchAll(/double_value: (\S+)/g)].map(([, text]) => Number(text)),
  )
