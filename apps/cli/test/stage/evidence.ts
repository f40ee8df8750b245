/** Evidence: what lies on the disk after everything has ended, looked at without the programs that wrote it. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pipeline } from 'node:stream/promises'

/** What SQLite finds wrong with the file; `ok` where nothing is. Also takes in a log that a kill left beside it. */
export function integrityOf(path: string): string {
  using database = new DatabaseSync(path)
  const rows = database.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[]
  return rows.map((row) => row.integrity_check).join('\n')
}

/** The blobs of a data folder whose bytes do not have the digest that they are named by, and how many there are in all. */
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

/** Where a blob of this digest lies. */
export function blobPath(data: string, digest: string): string {
  const hex = digest.slice('sha256:'.length)
  return join(data, 'blobs/sha256', hex.slice(0, 2), hex)
}

/** What the device has written down for itself: the document that it follows, and the life of its model. */
export function readRecords(data: string) {
  using database = new DatabaseSync(join(data, 'agent.sqlite'), { readOnly: true })
  const document = database.prepare("SELECT value FROM fact WHERE name = 'document'").get()
  const item = database.prepare('SELECT life FROM item').get()
  return {
    document: JSON.parse(String(document?.value)) as { generation: number; digest: string },
    life: JSON.parse(String(item?.life)) as { state: string; target: { version: number } },
  }
}
