/** Test rows: the tests of a connector with the programs of other makers that they start, read from the tests. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../../step.ts'

export const CONNECTORS = 'packages/connectors'

/** The modules that start a peer, and the peer's name with its Debian package. */
const PEERS: Readonly<Record<string, string>> = {
  'bacnet-peer': 'a device of our own in Python',
  'can-peer': "can-utils' asc2log (`can-utils`)",
  'curl-poster': 'curl and openssl (`curl`, `openssl`)',
  dissect: "Wireshark's dissectors (`tshark`)",
  'growing-file': 'files that a test writes',
  'http-machine': "Python's own HTTP server (`python3`)",
  hyparquet: 'hyparquet, which reads Parquet back',
  'iec104-peer': 'lib60870 (`liblib60870-dev`)',
  'influx-peer': 'InfluxDB (`influxdb`)',
  'kafka-peer': "librdkafka's mock cluster, kcat (`librdkafka-dev`, `kcat`)",
  'knx-peer': 'knxd (`knxd`)',
  'logix-peer': 'a controller of our own in Python',
  mbpoll: 'mbpoll (`mbpoll`)',
  'modbus-peer': 'libmodbus (`libmodbus-dev`)',
  'modbus-reader': 'pymodbus (`python3-pymodbus`)',
  'modbus-rtu-peer': 'pymodbus and socat (`python3-pymodbus`, `socat`)',
  mosquitto: 'mosquitto (`mosquitto`)',
  'nats-peer': 'nats-server (`nats-server`)',
  'opcua-peer': 'open62541 (`libopen62541-1.4-dev`)',
  'postgres-cluster': 'PostgreSQL (`postgresql`)',
  protoc: 'protoc (`protobuf-compiler`)',
  'rabbit-peer': 'RabbitMQ, pika (`rabbitmq-server`, `python3-pika`)',
  'rtsp-peer': "GStreamer's RTSP server (`gir1.2-gst-rtsp-server-1.0`)",
  's7-peer': 'snap7 (`libsnap7-dev`)',
  'serial-peer': 'pyserial and socat (`python3-serial`, `socat`)',
  'snmp-peer': "net-snmp's snmpd (`snmpd`)",
}

/** A row for each test file, with its own description. */
export const testRows = (files: readonly string[]): Promise<string[]> =>
  Promise.all(
    files.map(async (file) => {
      const code = await readFile(join(ROOT, CONNECTORS, file), 'utf8')
      const peers = peersIn(code)
      return `| \`${CONNECTORS}/${file}\` | ${purposeOf(code)} | ${peers.join('; ') || 'no other program'} |`
    }),
  )

/** The peers that the code of a test imports. */
export const peersIn = (code: string): string[] => {
  const modules = [...code.matchAll(/^import .* from '[^']*?([\w-]+)(?:\.ts)?'$|^\} from '[^']*?([\w-]+)(?:\.ts)?'$/gm)]
  const peers = modules.flatMap(([, line, last]) => PEERS[line ?? last ?? ''] ?? [])
  return [...new Set(peers)]
}

/** The first comment of a file, without its marks and tags. */
const purposeOf = (code: string): string => {
  const [, comment = ''] = /^\/\*\*([\s\S]*?)\*\//.exec(code) ?? []
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\* ?/, '').trim())
  return lines
    .filter((line) => !line.startsWith('@'))
    .join(' ')
    .trim()
    .replaceAll('|', '\\|')
}
