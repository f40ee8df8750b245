/** Kafka peer: librdkafka's mock cluster, built for the test that asks for it, and `kcat`, which reads what is in it. */
import { execFile, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { until } from '../until.ts'
import { type NetworkPeer, startCompiledPeer } from './compiled-peer.ts'

/** Whether this machine has what it is built of, and who reads it. Tests that need it are skipped where it has not. */
export const hasKafka =
  existsSync('/usr/include/librdkafka/rdkafka_mock.h') && spawnSync('kcat', ['-V'], { stdio: 'ignore' }).status === 0

export type KafkaRecord = { partition: number; key: string; headers: string; timestampMs: number; value: string }

export type KafkaPeer = NetworkPeer & {
  /** Ends all connections and takes no new ones, with what was written kept, as on a broker's disk. Killed, it forgets. */
  cut(): Promise<void>
  mend(): Promise<void>
  /** All of a topic, partition by partition, as kcat reads it with these settings of librdkafka; nothing where the broker does not answer. */
  records(topic: string, settings?: readonly string[]): Promise<KafkaRecord[]>
}

/** So long kcat may take. It tries for ever to reach a broker that is away. */
const READ_MS = 5_000

/** What it is started with stands in its source, topics as `NAME:PARTITIONS`. `advertised` is the port of what stands before it. */
export async function startKafka(topics: readonly string[], advertised?: number): Promise<KafkaPeer> {
  const peer = await startCompiledPeer('kafka-broker', ['-lrdkafka'], {
    argumentsOf: ({ port }) => [String(port), String(advertised ?? port), ...topics],
  })
  const order = async (signal: NodeJS.Signals, answer: string) => {
    const count = () => peer.said().split(`${answer}\n`).length
    const before = count()
    peer.signal(signal)
    await until(() => count() > before, { what: `the broker to say "${answer}"`, seen: peer.said })
  }
  return {
    ...peer,
    cut: () => order('SIGUSR1', 'down'),
    mend: () => order('SIGUSR2', 'up'),
    records: (topic, settings = []) => read(advertised ?? peer.port, topic, settings),
  }
}

/** [kcat(1)] Partition, key, headers, timestamp and payload. */
const FORMAT = '%p\t%k\t%h\t%T\t%s\n'

async function read(port: number, topic: string, settings: readonly string[]): Promise<KafkaRecord[]> {
  const more = settings.flatMap((setting) => ['-X', setting])
  const args = ['-b', `127.0.0.1:${port}`, '-t', topic, '-C', '-e', '-q', '-f', FORMAT, ...more]
  const options = { timeout: READ_MS, maxBuffer: 64 * 1_024 ** 2 }
  const { stdout } = await promisify(execFile)('kcat', args, options).catch(() => ({ stdout: '' }))
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const [partition = '', key = '', headers = '', timestamp = '', value = ''] = line.split('\t')
      return { partition: Number(partition), key, headers, timestampMs: Number(timestamp), value }
    })
}
