/** Compress folder: writes a brotli and a gzip form beside each file of text. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** `quality`: 11 is the smallest form, and takes ten times as long as 9. */
export async function compressFolder(folder: string, quality: number): Promise<void> {
  const names = await readdir(folder, { recursive: true })
  const worthIt = names.filter((name) => /\.(js|css|html|svg|json)$/.test(name))
  await Promise.all(
    worthIt.map(async (name) => {
      const bytes = await readFile(join(folder, name))
      const params = {
        [constants.BROTLI_PARAM_QUALITY]: quality,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      }
      await writeFile(join(folder, `${name}.br`), await promisify(brotliCompress)(bytes, { params }))
      await writeFile(join(folder, `${name}.gz`), await promisify(gzip)(bytes, { level: 9 }))
    }),
  )
}
