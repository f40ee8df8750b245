/** Compiled query: one text for all parameters, in each store and inside transactions. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OrganisationId } from '@skerry/contract/values/ids'
import { expect, onTestFinished, test } from 'vitest'
import { compileFirst } from './compiled-query.ts'
import { openSqliteStore } from './sqlite-store.ts'

async function openStore() {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-compiled-'))
  const opened = await openSqliteStore(join(folder, 'hub.sqlite'), 1)
  if (!opened.ok) throw new Error(opened.message)
  onTestFinished(async () => {
    await opened.store[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })
  return opened.store
}

const ID = OrganisationId.parse('org_abcdefgh234567abcdef')

test('each parameter gives its own row, also in another store and in a transaction', async () => {
  let built = 0
  const idOf = compileFirst((db, name) => {
    built += 1
    return db.selectFrom('organisations').select('id').where('name', '=', name)
  })
  const [one, other] = [await openStore(), await openStore()]
  for (const { db, transaction } of [one, other]) {
    expect(await idOf(db, 'plant')).toBeUndefined()
    await transaction(async (tx) => {
      await tx.insertInto('organisations').values({ id: ID, name: 'plant', created_at_ms: 0 }).execute()
      expect(await idOf(tx, 'plant')).toEqual({ id: ID })
    })
    expect(await idOf(db, 'plant')).toEqual({ id: ID })
    expect(await idOf(db, 'shop')).toBeUndefined()
  }
  // The reader and the writer of each store.
  expect(built).toBe(4)
})

test('a query with a further value is refused, because each call would reuse it', async () => {
  const { db } = await openStore()
  const wrong = compileFirst((of, name) =>
    of.selectFrom('organisations').select('id').where('name', '=', name).where('created_at_ms', '=', 1),
  )
  await expect(wrong(db, 'x')).rejects.toThrow('a compiled query has one parameter')
})
