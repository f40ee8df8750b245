/**
 * Incoming ledger: how far each upload to a bucket has come, for all hubs. A hub first reserves a number at the offset where it stands, then
 * sends the bytes under it, then records them; each step says where it believes the upload stands, and nothing happens where that is not so
 * any more. So of two hubs that take the same bytes one is told to look again, and no number means two things.
 */
import type { Digest } from '@skerry/contract/values/digest'
import type { UploadId } from '@skerry/contract/values/ids'
import type { Store, Tx } from '../store/store.ts'
import type { IncomingPartTable, IncomingTable } from '../store/tables/incoming-tables.ts'

export type Incoming = IncomingTable & { parts: IncomingPartTable[] }

export type IncomingLedger = {
  find(id: UploadId): Promise<Incoming | undefined>
  /** Notes that it has begun; nothing where it has. */
  begin(entry: { id: UploadId; digest: Digest; hashState: string }): Promise<void>
  /** The store's id for the parts: the one that is there, or else this one. */
  agree(id: UploadId, storeUploadId: string): Promise<string | undefined>
  /** A number above all before; undefined where the upload does not stand at `offset` any more. */
  reserve(id: UploadId, offset: number): Promise<number | undefined>
  /** False where the upload does not stand at `from` any more. */
  record(step: IncomingStep): Promise<boolean>
  forget(id: UploadId): Promise<void>
  /** All of them, without their parts. */
  all(): Promise<IncomingTable[]>
}

export type IncomingStep = {
  id: UploadId
  from: number
  to: number
  hashState: string
  /** What came: a part of the blob, or the remainder behind the parts. */
  part?: { number: number; etag: string; sizeBytes: number }
  remainder: number | null
}

/** The ledger in the hub's store. */
export function createIncomingLedger(store: Pick<Store, 'db' | 'transaction'>): IncomingLedger {
  return {
    async find(id) {
      const row = await store.db.selectFrom('incoming_blobs').selectAll().where('upload_id', '=', id).executeTakeFirst()
      if (!row) return undefined
      const parts = store.db.selectFrom('incoming_parts').selectAll().where('upload_id', '=', id)
      return { ...row, parts: await parts.orderBy('number').execute() }
    },
    begin: ({ id, digest, hashState }) =>
      store.transaction(async (tx) => {
        const empty = { store_upload_id: null, last_number: 0, offset_bytes: 0, remainder_number: null }
        const row = { upload_id: id, digest, hash_state: hashState, ...empty }
        await tx
          .insertInto('incoming_blobs')
          .values(row)
          .onConflict((conflict) => conflict.column('upload_id').doNothing())
          .execute()
      }),
    agree: (id, storeUploadId) =>
      store.transaction(async (tx) => {
        await tx
          .updateTable('incoming_blobs')
          .set({ store_upload_id: storeUploadId })
          .where('upload_id', '=', id)
          .where('store_upload_id', 'is', null)
          .execute()
        const row = await tx
          .selectFrom('incoming_blobs')
          .select('store_upload_id')
          .where('upload_id', '=', id)
          .executeTakeFirst()
        return row?.store_upload_id ?? undefined
      }),
    reserve: (id, offset) =>
      store.transaction(async (tx) => {
        const row = await tx
          .updateTable('incoming_blobs')
          .set(({ eb }) => ({ last_number: eb('last_number', '+', 1) }))
          .where('upload_id', '=', id)
          .where('offset_bytes', '=', offset)
          .returning('last_number')
          .executeTakeFirst()
        return row?.last_number
      }),
    record: (step) => store.transaction((tx) => record(tx, step)),
    forget: (id) =>
      store.transaction(async (tx) => {
        await tx.deleteFrom('incoming_parts').where('upload_id', '=', id).execute()
        await tx.deleteFrom('incoming_blobs').where('upload_id', '=', id).execute()
      }),
    all: () => store.db.selectFrom('incoming_blobs').selectAll().execute(),
  }
}

async function record(tx: Tx, { id, from, to, hashState, part, remainder }: IncomingStep): Promise<boolean> {
  const moved = await tx
    .updateTable('incoming_blobs')
    .set({ offset_bytes: to, hash_state: hashState, remainder_number: remainder })
    .where('upload_id', '=', id)
    .where('offset_bytes', '=', from)
    .returning('upload_id')
    .executeTakeFirst()
  if (!moved) return false
  if (part) {
    const { number, etag, sizeBytes } = part
    await tx.insertInto('incoming_parts').values({ upload_id: id, number, etag, size_bytes: sizeBytes }).execute()
  }
  return true
}
