/** Admission: whether somebody has announced who asks, what the rules say, and so what becomes of them. */
import { admissionOf } from '@skerry/core/joining/join-admission'
import type { Db } from '../store/store.ts'
import type { TokenRow } from '../tokens/token-store.ts'
import { type ExpectedRow, findExpected } from './expected-store.ts'
import { readJoiningRules } from './joining-rules.ts'

export type Applying = { token: TokenRow; input: { serial?: string | undefined }; publicKeyHash: string }

/** `expected` is what was announced of the device, where nobody has joined as it. */
export type Admission = { status: 'active' | 'pending'; expected: ExpectedRow | undefined }

/** As it stands now: what counts is what is found in the transaction that adds the device. */
export async function admissionFor(db: Db, { token, input, publicKeyHash }: Applying): Promise<Admission> {
  const organisationId = token.organisation_id
  const expected = await findExpected(db, { organisationId, keyFingerprint: publicKeyHash, serial: input.serial })
  const rules = await readJoiningRules(db, organisationId)
  const standing = expected && (expected.device_id === null ? 'open' : 'taken')
  const status = admissionOf({ approval: token.approval, rules: rules.approval, expected: standing })
  return { status, expected: standing === 'open' ? expected : undefined }
}
