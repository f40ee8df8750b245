/**
 * Records copy: the records of the device as they were before another version of the agent got them. A newer version may
 * change their form for good. If the device returns from it, the older version continues with the copy.
 */
import { open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const RECORDS = 'agent.sqlite'
const COPY = `${RECORDS}.before`

/** Called after the store was closed. The copy has its name only once it is complete and on the disk. */
export async function keepRecords(data: string): Promise<void> {
  const partial = join(data, `${COPY}.partial`)
  await rm(partial, { force: true })
  const database = new DatabaseSync(join(data, RECORDS), { readOnly: true })
  try {
    database.prepare('vacuum into ?').run(partial)
  } finally {
    database.close()
  }
  const file = await open(partial, 'r+')
  await file.chmod(0o600)
  await file.sync()
  await file.close()
  await rename(partial, join(data, COPY))
}

/** Puts the copy in the place of records that this version cannot read. False if there is no copy. */
export async function bringRecordsBack(data: string): Promise<boolean> {
  if (!(await stat(join(data, COPY)).catch(() => undefined))) return false
  for (const suffix of ['', '-wal', '-shm']) {
    await rename(join(data, RECORDS + suffix), join(data, `${RECORDS}.newer${suffix}`)).catch(() => {})
  }
  await rename(join(data, COPY), join(data, RECORDS))
  return true
}
