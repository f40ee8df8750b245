/**
 * Wheel: the Python client as a package that pip installs [Python packaging, binary distribution format 1.0]. The same
 * client gives the same bytes.
 */
import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'

type Entry = { path: string; bytes: Uint8Array }

export type Wheel = { name: string; version: string; bytes: Uint8Array }

/** The tag of a package without compiled parts. */
const TAG = 'py3-none-any'

/** Makes the wheel of the module `skerry.py`, whose version stands in it. */
export function pythonWheel(source: Uint8Array): Wheel {
  const [, version] = /^__version__ = "(\d+\.\d+\.\d+)"$/m.exec(Buffer.from(source).toString('utf8')) ?? []
  if (version === undefined) throw new Error('skerry.py states no __version__')
  const info = `skerry-${version}.dist-info`
  const entries = [
    { path: 'skerry.py', bytes: source },
    { path: `${info}/METADATA`, bytes: Buffer.from(metadata(version)) },
    {
      path: `${info}/WHEEL`,
      bytes: Buffer.from(linesOf(['Wheel-Version: 1.0', 'Generator: skerry', 'Root-Is-Purelib: true', `Tag: ${TAG}`])),
    },
    { path: `${info}/top_level.txt`, bytes: Buffer.from('skerry\n') },
  ]
  const record = `${info}/RECORD`
  const rows = entries.map(({ path, bytes }) => `${path},sha256=${digestText(bytes)},${bytes.length}`)
  const all = [...entries, { path: record, bytes: Buffer.from(linesOf([...rows, `${record},,`])) }]
  return { name: `skerry-${version}-${TAG}.whl`, version, bytes: storedZip(all) }
}

const metadata = (version: string) =>
  linesOf([
    'Metadata-Version: 2.1',
    'Name: skerry',
    `Version: ${version}`,
    'Summary: Pushes models with the answers of their framework, deploys them, and reads their answers',
    'License: Apache-2.0',
    'Requires-Python: >=3.9',
  ])

const linesOf = (lines: readonly string[]) => `${lines.join('\n')}\n`

/** [Recording installed projects] base64url without padding. */
const digestText = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64url')

/** [APPNOTE.TXT 6.3.10, 4.4] Method 0, stored: some 25 kB need no compression. The date is the first that a zip knows. */
function storedZip(entries: readonly Entry[]): Buffer {
  const parts: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let offset = 0
  for (const { path, bytes } of entries) {
    const name = Buffer.from(path)
    const shared = Buffer.alloc(26)
    shared.writeUInt16LE(20, 0)
    shared.writeUInt16LE(FIRST_DATE, 8)
    shared.writeUInt32LE(crc32(bytes), 10)
    shared.writeUInt32LE(bytes.length, 14)
    shared.writeUInt32LE(bytes.length, 18)
    shared.writeUInt16LE(name.length, 22)
    parts.push(Buffer.from('PK\x03\x04', 'latin1'), shared, name, bytes)
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(FILE_MODE, 6)
    tail.writeUInt32LE(offset, 10)
    directory.push(Buffer.from('PK\x01\x02', 'latin1'), MADE_ON_UNIX, shared, tail, name)
    offset += 4 + shared.length + name.length + bytes.length
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(size, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, ...directory, end])
}

/** [4.4.6] 1 January 1980, in the form of MS-DOS. */
const FIRST_DATE = 0x21

/** [4.4.2] The attributes are those of Unix; version 2.0. */
const MADE_ON_UNIX = Buffer.from([20, 3])

/** [4.4.15] A plain file that everybody may read, in the upper half: rw-r--r--. */
const FILE_MODE = 0o100644 * 0x1_0000
