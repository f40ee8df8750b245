/** Dissect: what tshark makes of messages that were seen on a wire: a judge of both sides that is neither. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Both come with Debian's tshark. */
export const hasTshark = ['tshark', 'text2pcap'].every(
  (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined,
)

/** The direction as text2pcap reads it. */
export type Chunk = { way: 'I' | 'O'; bytes: Buffer }

/** The ports of the conversation as tshark sees it. */
export const CLIENT_PORT = 40_000
const SERVER_PORT = 50_000

type Question = {
  transport: 'tcp' | 'udp'
  /** What is spoken at the server's port. */
  protocol: string
  filter: string
  fields: readonly string[]
}

/** Of each packet that fits the display filter the fields, each a list of what it holds. */
export function dissect(
  chunks: readonly Chunk[],
  { transport, protocol, filter, fields }: Question,
): Record<string, string[]>[] {
  const folder = mkdtempSync(join(tmpdir(), 'skerry-wire-'))
  try {
    const text = join(folder, 'wire.txt')
    const capture = join(folder, 'wire.pcap')
    writeFileSync(text, chunks.map(({ way, bytes }) => `${way}\n${hexDump(bytes)}`).join(''))
    run('text2pcap', ['-q', '-D', transport === 'tcp' ? '-T' : '-u', `${SERVER_PORT},${CLIENT_PORT}`, text, capture])
    const asked = fields.flatMap((field) => ['-e', field])
    const decode = ['-d', `${transport}.port==${SERVER_PORT},${protocol}`]
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

/** What a server of ours says of all that it hears (`I HEX`) and says (`O HEX`), as its client sees it. */
export const chunksOf = (said: string): Chunk[] =>
  said.split('\n').flatMap((line): Chunk[] => {
    const [, way, hex = ''] = /^([IO]) ([0-9a-f]+)$/.exec(line) ?? []
    return way === undefined ? [] : [{ way: way === 'I' ? 'O' : 'I', bytes: Buffer.from(hex, 'hex') }]
  })

function run(program: string, args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 })
  if (status !== 0) throw new Error(`${program}: ${stderr}`)
  return stdout
}
