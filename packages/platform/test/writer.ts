/** Writes blobs into a folder, and a counter beside them, for ever; blob-folder-kill.test.ts kills it. Usage: writer.ts FOLDER SEED */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { openBlobFolder } from '../src/blobs/blob-folder.ts'
import { writeAtomic } from '../src/files/atomic-file.ts'
import { nodeFileSystem } from '../src/files/file-system.ts'
import { digestOf } from '../src/files/hash.ts'

const [path = '', seed = ''] = process.argv.slice(2)
const signal = new AbortController().signal
const folder = await openBlobFolder({ fileSystem: nodeFileSystem, path, freeBytesMin: 0 })

for (let number = 0; ; number += 1) {
  const content = createHash('shake256', { outputLength: 200_000 }).update(`${seed} ${number}`).digest()
  const opened = await folder.openPart(`part-${seed}-${number}`, signal)
  if (!opened.ok) throw new Error(opened.message)
  await using part = opened.part
  while (part.sizeBytes < content.length) {
    await part.append(content.subarray(part.sizeBytes, part.sizeBytes + 17_000), part.sizeBytes)
  }
  await part.commit(digestOf(content))
  await writeAtomic(nodeFileSystem, join(path, 'state.json'), JSON.stringify({ seed, number, pad: 'x'.repeat(50_000) }))
  process.stdout.write(`${digestOf(content)} ${number}\n`)
}
