/** Admission: checks whether a person has announced the device, applies the rules, and decides its status. */
import { admissionOf } from '@skerry/core/joining/join-admission'
import type { Db } from '../store/store.ts'
import type { TokenRow } from '../tokens/token-store.ts'
import { type ExpectedRow, findExpected } from './expected-store.ts'
import { readJoiningRules } from './joining-rules.ts'

export type Applying = { token: TokenRow; input: { serial?: string | undefined }; publicKeyHash: string }

/** `expected`: the announcement of the device, if no other device has used it. */
export type Admission = { status: 'active' | 'pending'; expected: ExpectedRow | undefined }

/** The present decision. The transaction that adds the device decides again, and that decision counts. */
export async function admissionFor(db: Db, { token, input, publicKeyHash }: Applying): Promise<Admission> {
  const organisationId = token.organisation_id
  const expected = await findExpected(db, { organisationId, keyFingerprint: publicKeyHash, serial: input.serial })
  const rules = await readJoiningRules(db, organisationId)
  const standing = expected && (expected.device_id === null ? 'open' : 'taken')
  const status = admissionOf({ approval: token.approval, rules: rules.approval, expected: standing })
  return { status, expected: standing === 'open' ? expected : undefined }
}
