/** Python image: a server of models in Python, on a root file system that mmdebstrap makes of packages of Debian. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isInstalled } from '../judges/judge.ts'
import { imageOf, layerOf, type TestImage, writeAll } from './busybox-image.ts'

/** It needs root, and a mirror of Debian. */
export const hasMmdebstrap: boolean = process.getuid?.() === 0 && isInstalled('mmdebstrap', '--version')

let root: Promise<Buffer> | undefined

/** The whole file system as one layer; a minute. */
async function pythonRoot(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-python-'))
  try {
    const path = join(folder, 'root.tar')
    const excluded = ['/dev/*', '/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*', '/var/lib/apt/*']
    const leave = excluded.map((pattern) => `--dpkgopt=path-exclude=${pattern}`)
    await promisify(execFile)('mmdebstrap', ['--variant=essential', '--include=python3', ...leave, 'trixie', path], {
      maxBuffer: 64 * 1024 ** 2,
    })
    return await readFile(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A server that multiplies by the variable FACTOR. */
export async function pythonServerImage(): Promise<TestImage> {
  root ??= pythonRoot()
  const program = await readFile(new URL('./python-server.py', import.meta.url), 'utf8')
  const own = await layerOf((folder) => writeAll(folder, { 'srv/server.py': program }))
  return imageOf([await root, own], ['/usr/bin/python3', '/srv/server.py'])
}
