/** A journal for tests: as a device would write it, with whatever is left out. */
import type { JournalEntry, JournalPage } from '@skerry/contract/audit/device-journal'
import { chainEntry, newJournal, placeOf } from '@skerry/core/audit/device-journal'
import { keyPairOf } from '@skerry/platform/certificates/private-key'
import { digestOf } from '@skerry/platform/files/hash'
import { journalSigner } from '@skerry/platform/signatures/journal-signature'
import type { TestDevice } from './test-device.ts'

type Place = JournalPage['end']

/** Whose entries are numbered from 1, as many as are asked for. */
export function newTestJournal({ privateKeyPem }: Pick<TestDevice, 'privateKeyPem'>, id = '0123456789abcdef') {
  const sign = journalSigner(privateKeyPem)
  const { publicKeyPem: publicKey } = keyPairOf(privateKeyPem)
  const entries: JournalEntry[] = []
  const end = (): Place => placeOf(entries.at(-1) ?? newJournal(id))
  const upTo = (sequence: number) => {
    while (entries.length < sequence) {
      const said = { atMs: 1_000 + entries.length, action: 'agent-started', detail: { at: entries.length } }
      const entry = chainEntry(end(), said, digestOf)
      entries.push({ ...entry, signature: sign(entry.hash) })
    }
  }
  return {
    publicKey,
    /** A page of just these entries. */
    pageOf(sequences: readonly number[]): JournalPage {
      upTo(Math.max(0, ...sequences))
      const chosen = sequences.flatMap((sequence) => entries[sequence - 1] ?? [])
      return { end: end(), publicKey, entries: chosen }
    },
  }
}
