/** Evidence: the files on the disk after everything has ended, read without the programs that wrote them. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pipeline } from 'node:stream/promises'

/**
 * The errors that SQLite finds in the file; `ok` if there are none. It also merges a log that a kill left beside it.
 */
export function integrityOf(path: string): string {
  using database = new DatabaseSync(path)
  const rows = database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[]
  return rows.map((row) => row.integrity_check).join('\n')
}

/** The blobs of a data folder whose bytes do not match their names, and the number of all blobs. */
export async function readBlobs(data: string): Promise<{ count: number; torn: string[] }> {
  const files = (await readdir(join(data, 'blobs/sha256'), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  const torn: string[] = []
  for (const path of files) if ((await sha256(path)) !== basename(path)) torn.push(path)
  return { count: files.length, torn }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** The path of the blob with this digest. */
export function blobPath(data: string, digest: string): string {
  const hex = digest.slice('sha256:'.length)
  return join(data, 'blobs/sha256', hex.slice(0, 2), hex)
}

/** The device's own records: the document that it follows, and the life of its model. */
export function readRecords(data: string) {
  using database = new DatabaseSync(join(data, 'agent.sqlite'), { readOnly: true })
  const document = database.prepare("SELECT value FROM fact WHERE name = 'document'").get()
  const item = database.prepare('SELECT life FROM item').get()
  return {
    document: JSON.parse(String(document?.value)) as { generation: number; digest: string },
    life: JSON.parse(String(item?.life)) as { state: string; target: { version: number } },
  }
}
