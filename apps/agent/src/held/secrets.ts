/** The secrets of the device. */
import { type HeldSecrets, SECRETS, type SecretsDocument } from '@skerry/contract/held/secrets'
import type { SecretKeeper } from '../secrets/secret-keeper.ts'
import type { HeldDocument } from './held-document.ts'

export const secretsHeld = (keeper: SecretKeeper): HeldDocument<SecretsDocument, HeldSecrets> => ({
  kind: SECRETS,
  begins: 'proved',
  held: keeper.held,
  async take(document) {
    await keeper.take(document)
    return 'report'
  },
})
