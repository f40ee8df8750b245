/** Node image: the Node of this process and its libraries, with one program. About 120 MB. */
import { execFileSync } from 'node:child_process'
import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { imageOf, layerOf, type TestImage, writeAll } from './busybox-image.ts'

/** An image whose container runs the program. */
export async function nodeImage(program: string): Promise<TestImage> {
  const runtime = await layerOf(async (folder) => {
    for (const from of [process.execPath, ...librariesOf(process.execPath)]) {
      const to = join(folder, from === process.execPath ? '/bin/node' : from)
      await mkdir(dirname(to), { recursive: true })
      await copyFile(from, to)
    }
    await mkdir(join(folder, 'tmp'))
  })
  const own = await layerOf((folder) => writeAll(folder, { 'srv/server.mjs': program }))
  return imageOf([runtime, own], ['/bin/node', '/srv/server.mjs'])
}

/** [ldd(1)] The paths of the libraries, and that of the loader. */
const librariesOf = (program: string): string[] =>
  [...execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path)
