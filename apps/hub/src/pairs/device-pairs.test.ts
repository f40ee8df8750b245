import { DEVICE_PAIRS_MAX } from '@skerry/contract/held/pairs'
import { DeviceId, PairId } from '@skerry/contract/values/ids'
import { expect, test } from 'vitest'
import { openFleet } from '../../test/stage/simulated-fleet.ts'
import type { PairTable } from '../store/tables/devices/pair-tables.ts'
import { newPairs } from './device-pairs.ts'
import { endPair, insertPair, switchPair } from './pair-store.ts'

const WORD = 'abcdefghijklmnopqrst'

async function stage() {
  const fleet = await openFleet()
  const [first, second, witness] = (await fleet.addDevices(3)).map(({ id }) => id)
  if (!first || !second || !witness) throw new Error('there are no three devices')
  const rowOf = (at = 0): PairTable => ({
    id: PairId.parse(`pair_${(WORD[at] ?? 'z').repeat(8)}`),
    organisation_id: fleet.organisationId,
    name: `line-${at}`,
    first_id: first,
    second_id: second,
    witness_id: witness,
    address: '10.0.0.50/24',
    interface: 'eth0',
    turn: 0,
    turn_to: null,
    created_at_ms: fleet.clock.ms,
    created_by: 'test',
  })
  const { db } = fleet.store
  const documentFor = (id: DeviceId, revision?: `sha256:${string}`) =>
    newPairs(db, { id, organisation_id: fleet.organisationId }, { pairs: [], ...(revision && { revision }) } as never)
  return { fleet, db, first, second, witness, rowOf, documentFor }
}

test('only a record ends a pair for its devices, and the record stays', async () => {
  const { fleet, first, rowOf, documentFor } = await stage()
  expect(await documentFor(first)).toBeUndefined()
  const row = rowOf()
  await fleet.store.transaction((tx) => insertPair(tx, row))
  const before = await documentFor(first)
  expect(before).toMatchObject({ pairs: [{ pair: row.id }], ended: [] })
  await fleet.store.transaction((tx) => endPair(tx, row, fleet.clock.ms))
  const after = await documentFor(first, before?.revision as never)
  expect(after).toMatchObject({ pairs: [], ended: [row.id] })
  expect(await documentFor(first, after?.revision as never)).toBeUndefined()
})

test('a device gets the whole list of its pairs, or none', async () => {
  const { fleet, first, rowOf, documentFor } = await stage()
  await fleet.store.transaction(async (tx) => {
    for (let at = 0; at <= DEVICE_PAIRS_MAX; at += 1) await insertPair(tx, rowOf(at))
  })
  await expect(documentFor(first)).rejects.toThrow(`takes part in ${DEVICE_PAIRS_MAX + 1} pairs`)
})

test('a device without a record does not make a pair vanish', async () => {
  const { fleet, first, rowOf, documentFor } = await stage()
  const row = { ...rowOf(), witness_id: DeviceId.parse('dev_zzzzzzzz') }
  await fleet.store.transaction((tx) => insertPair(tx, row))
  await expect(documentFor(first)).rejects.toThrow('has no record')
})

test('a device that a person distrusts is barred, and each order of a switch is a turn of its own', async () => {
  const { fleet, first, second, rowOf, documentFor } = await stage()
  const row = rowOf()
  await fleet.store.transaction((tx) => insertPair(tx, row))
  await fleet.store.transaction((tx) =>
    tx.updateTable('devices').set({ status: 'quarantined' }).where('id', '=', second).execute(),
  )
  // Both hubs have read the same row.
  await fleet.store.transaction((tx) => switchPair(tx, row, first))
  await fleet.store.transaction((tx) => switchPair(tx, row, first))
  const document = await documentFor(first)
  expect(document?.pairs[0]?.members.map(({ barred }) => barred)).toEqual([undefined, true])
  expect(document?.pairs[0]?.witness.barred).toBeUndefined()
  expect(document?.pairs[0]?.switch).toEqual({ turn: 2, to: first })
})
