/** Rivals: the bytes that other tools move from `before` to `after`, two files in the folder. */
import { execFile } from 'node:child_process'
import { readdir, readFile, stat } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { constants, zstdCompressSync } from 'node:zlib'

const run = promisify(execFile)

/** The whole file at a high level. */
export const zstdBytes = (after: Buffer): number =>
  zstdCompressSync(after, { params: { [constants.ZSTD_c_compressionLevel]: 19 } }).length

const sizeOf = async (path: string) => (await stat(path)).size

/** The patch for exactly this pair. */
export async function bsdiffBytes(folder: string): Promise<number> {
  await run('bsdiff', [join(folder, 'before'), join(folder, 'after'), join(folder, 'patch')])
  return sizeOf(join(folder, 'patch'))
}

/** The index, and the chunks that the store of the old file lacks. */
export async function casyncBytes(folder: string): Promise<number> {
  const make = async (name: string) => {
    const store = join(folder, `${name}.castr`)
    await run('casync', ['make', `--store=${store}`, join(folder, `${name}.caibx`), join(folder, name)])
    const files = await readdir(store, { recursive: true, withFileTypes: true })
    return new Map(files.filter((file) => file.isFile()).map((file) => [file.name, join(file.parentPath, file.name)]))
  }
  const before = await make('before')
  const after = await make('after')
  const missing = [...after].filter(([name]) => !before.has(name)).map(([, path]) => path)
  const sizes = await Promise.all(missing.map(sizeOf))
  return sizes.reduce((sum, size) => sum + size, await sizeOf(join(folder, 'after.caibx')))
}

/** The control file, and the bodies of all answers of a web server with ranges. */
export async function zsyncBytes(folder: string): Promise<number> {
  const after = await readFile(join(folder, 'after'))
  let bytes = 0
  const server = createServer((request, response) => {
    if (request.url !== '/after') return void response.writeHead(404).end()
    bytes += answerRanges(request.headers.range, after, response)
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/after`
    const control = join(folder, 'after.zsync')
    await run('zsyncmake', ['-Z', '-u', url, '-o', control, join(folder, 'after')])
    const output = join(folder, 'synced')
    await run('zsync', ['-q', '-i', join(folder, 'before'), '-o', output, control], { cwd: folder })
    if (!(await readFile(output)).equals(after)) throw new Error('zsync made another file')
    return bytes + (await sizeOf(control))
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** [RFC 9110 14.6] Several ranges are the parts of a multipart body. The number of bytes of the body. */
function answerRanges(header: string | undefined, file: Buffer, response: ServerResponse): number {
  const ranges = [...(header ?? '').matchAll(/(\d+)-(\d+)/g)].map(([, first, last]) => ({
    first: Number(first),
    last: Math.min(Number(last), file.length - 1),
  }))
  const [only] = ranges
  if (!only) {
    response.writeHead(200, { 'content-length': file.length }).end(file)
    return file.length
  }
  const place = ({ first, last }: { first: number; last: number }) => `bytes ${first}-${last}/${file.length}`
  if (ranges.length === 1) {
    const body = file.subarray(only.first, only.last + 1)
    response.writeHead(206, { 'content-range': place(only), 'content-length': body.length }).end(body)
    return body.length
  }
  const parts = ranges.flatMap((range) => [
    Buffer.from(`\r\n--part\r\nContent-Type: application/octet-stream\r\nContent-Range: ${place(range)}\r\n\r\n`),
    file.subarray(range.first, range.last + 1),
  ])
  const body = Buffer.concat([...parts, Buffer.from('\r\n--part--\r\n')])
  const type = 'multipart/byteranges; boundary=part'
  response.writeHead(206, { 'content-type': type, 'content-length': body.length }).end(body)
  return body.length
}
