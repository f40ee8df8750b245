/**
 * A Sparkplug edge node that is not ours: its bytes are Google's protoc's, its client is another library's. A message is the metrics, written as text, and
 * the sequence number behind them: protobuf merges what stands one after the other.
 */
import { decode, encode } from '@skerry/testkit/protoc'
import mqtt, { type MqttClient } from 'mqtt'

/** [protobuf encoding] Field 3, a varint. */
const withSeq = (bytes: Buffer, seq: number) =>
  Buffer.concat([bytes, Buffer.from(seq < 128 ? [0x18, seq] : [0x18, (seq & 0x7f) | 0x80, seq >> 7])])

export type Edge = AsyncDisposable & {
  births: number
  commands: string[]
  /** Says its births: the node's, then its device's. */
  bear(): void
  /** Says that metrics of its device have changed. */
  tell(text: string): void
  /** Loses a message on the way. */
  skip(): void
  die(): void
  disconnect(): void
}

type EdgeOptions = {
  port: number
  bdSeq?: number
  birth: (device: boolean) => string
  onCommand?: (text: string) => void
}

/** Connects, and is born when it is asked. */
export async function startEdge({ port, bdSeq = 1, birth, onCommand }: EdgeOptions): Promise<Edge> {
  const death = encode(`metrics { name: "bdSeq" datatype: 4 long_value: ${bdSeq} }`)
  const topic = (type: string, device = '') => `spBv1.0/plant/${type}/line-3${device}`
  const will = { topic: topic('NDEATH'), payload: death, qos: 1 as const, retain: false }
  const client: MqttClient = await mqtt.connectAsync({
    host: 'localhost',
    port,
    protocolVersion: 4,
    will,
    reconnectPeriod: 0,
  })
  let seq = 0
  const say = (type: string, bytes: Buffer, device?: string) => {
    client.publish(topic(type, device), withSeq(bytes, seq))
    seq = (seq + 1) % 256
  }
  const edge: Edge = {
    births: 0,
    commands: [],
    bear() {
      seq = 0
      edge.births += 1
      say('NBIRTH', Buffer.concat([death, encode(birth(false))]))
      say('DBIRTH', encode(birth(true)), '/press-7')
    },
    tell: (text) => say('DDATA', encode(text), '/press-7'),
    skip() {
      seq = (seq + 1) % 256
    },
    die: () => void client.publish(topic('NDEATH'), death),
    disconnect: () => void client.stream.destroy(),
    async [Symbol.asyncDispose]() {
      await client.endAsync(true)
    },
  }
  client.on('error', () => undefined)
  client.on('message', (_, bytes) => {
    const text = decode(bytes)
    edge.commands.push(text)
    if (text.includes('Node Control/Rebirth')) edge.bear()
    else onCommand?.(text)
  })
  await client.subscribeAsync([topic('NCMD'), topic('DCMD', '/+')])
  return edge
}
