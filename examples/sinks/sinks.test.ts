/** Each example is a sink; those for which there is a server within reach are run against it, with nothing changed but where it is and who we are. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Sink } from '@skerry/contract/sinks/sink'
import { deep } from '@skerry/testkit/tier'
import { expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { type SinkPeer, sinkProtocols } from '../../packages/connectors/test/sinks-stage/sink-peers.ts'
import { openSinkStage } from '../../packages/connectors/test/sinks-stage/sink-stage.ts'

const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.yaml'))

const readExample = (name: string): { connection: Record<string, unknown> } =>
  parse(readFileSync(join(import.meta.dirname, name), 'utf8'))

test.each(names)('%s is a sink', (name) => {
  expect(Sink.parse(readExample(name))).toMatchObject({ name: expect.any(String) })
})

/** What of each is the peer's; what it has none of goes. */
const RUN: [name: string, protocol: string, theirs: string[]][] = [
  ['plant-database.yaml', 'postgres', ['host', 'port', 'database', 'user', 'password', 'tls']],
  ['plant-mqtt.yaml', 'mqtt', ['host', 'port', 'user', 'password', 'tls']],
  ['plant-nats.yaml', 'nats', ['host', 'port', 'user', 'password', 'tls']],
  ['line-kafka.yaml', 'kafka', ['brokers', 'topic', 'tls', 'sasl']],
  ['quality-webhook.yaml', 'webhook', ['url', 'bearer']],
]

test.each(RUN)(
  '%s: its values are with a peer of %s',
  deep('every peer: packages/connectors/test/sinks/broker-sinks is quick'),
  async (name, protocol, theirs) => {
    const peer = await startPeer(protocol)
    const example = readExample(name)
    const { connection = {} }: { connection?: Record<string, unknown> } = peer.draft
    const [ours, ofPeer] = [example.connection, connection].map(Object.entries)
    example.connection = Object.fromEntries([
      ...(ours ?? []).filter(([field]) => !theirs.includes(field)),
      ...(ofPeer ?? []).filter(([field]) => theirs.includes(field)),
    ])
    await using stage = openSinkStage(example, { password: peer.password, 'quality-signature': peer.password })
    await stage.offer(20)
    await stage.until(async () => new Set(await peer.numbers()).size >= 20)
    expect(new Set(await peer.numbers())).toEqual(new Set(Array.from({ length: 20 }, (_, index) => index)))
  },
)

async function startPeer(protocol: string): Promise<SinkPeer> {
  const peer = await sinkProtocols.find(({ name }) => name === protocol)?.startPeer()
  if (!peer) throw new Error(`no peer speaks ${protocol}`)
  onTestFinished(() => peer[Symbol.asyncDispose]())
  return peer
}

test('daily-parquet.yaml: takes values into its folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-example-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const example = readExample('daily-parquet.yaml')
  example.connection.folder = folder
  await using stage = openSinkStage(example)
  await stage.offer(20)
  await stage.until(() => stage.host.figures().forward?.delivered === 20)
  expect(readdirSync(folder)).toHaveLength(1)
})
