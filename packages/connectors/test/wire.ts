/** Wire: a port of loopback that leads to another one and keeps all that goes over it, for tshark to judge. */
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Both come with Debian's tshark. */
export const hasTshark = ['tshark', 'text2pcap'].every(
  (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined,
)

export type Wire = AsyncDisposable & {
  port: number
  /** What tshark makes of all so far: of each packet that fits the display filter the fields, each a list of what it holds. */
  dissect(protocol: string, filter: string, fields: readonly string[]): Record<string, string[]>[]
}

/** The direction as text2pcap reads it. */
type Chunk = { way: 'I' | 'O'; bytes: Buffer }

/** One connection at a time: what several say would be one conversation to tshark. */
export async function openWire(to: number): Promise<Wire> {
  const chunks: Chunk[] = []
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(to, 'localhost')
    const lead = (from: Socket, onto: Socket, way: Chunk['way']) => {
      sockets.add(from)
      from.on('error', () => onto.destroy()).on('close', () => onto.destroy())
      from.on('data', (bytes) => chunks.push({ way, bytes }))
      from.pipe(onto)
    }
    lead(near, far, 'O')
    lead(far, near, 'I')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    dissect: (protocol, filter, fields) => dissect(chunks, protocol, filter, fields),
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** The ports of the conversation as tshark sees it. */
export const CLIENT_PORT = 40_000
const SERVER_PORT = 50_000

function dissect(chunks: Chunk[], protocol: string, filter: string, fields: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-wire-'))
  try {
    const [text, capture] = [join(folder, 'wire.txt'), join(folder, 'wire.pcap')]
    writeFileSync(text, chunks.map(({ way, bytes }) => `${way}\n${hexDump(bytes)}`).join(''))
    run('text2pcap', ['-q', '-D', '-T', `${SERVER_PORT},${CLIENT_PORT}`, text, capture])
    const asked = fields.flatMap((field) => ['-e', field])
    const decode = ['-d', `tcp.port==${SERVER_PORT},${protocol}`]
    const lines = run('tshark', ['-r', capture, ...decode, '-Y', filter, '-T', 'json', ...asked])
    const packets: { _source: { layers: Record<string, string[]> } }[] = JSON.parse(lines)
    return packets.map(({ _source }) => _source.layers)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Each chunk begins at offset 0, which to text2pcap is a packet of its own. */
function hexDump(bytes: Buffer): string {
  const lines = []
  for (let at = 0; at < bytes.length; at += 16) {
    const row = bytes
      .subarray(at, at + 16)
      .toString('hex')
      .replaceAll(/../g, ' $&')
    lines.push(`${at.toString(16).padStart(6, '0')}${row}\n`)
  }
  return lines.join('')
}

function run(program: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 })
  if (status !== 0) throw new Error(`${program}: ${stderr}`)
  return stdout
}
