/** The secrets of a device, encrypted for the key of its certificate. */
import { type HeldSecrets, SECRETS, type SecretsDocument } from '@skerry/contract/held/secrets'
import { keepHeld, newSecrets, saidOf } from '../secrets/device-secrets.ts'
import { AGAIN_MS, findActiveDevice, type HeldDocument } from './held-document.ts'

export const secretsHeld: HeldDocument<SecretsDocument, HeldSecrets> = {
  kind: SECRETS,
  wakes: ['secrets.changed', 'device.changed'],
  async next(hub, connection, { revision: held }) {
    const device = await findActiveDevice(hub.store.db, connection)
    const document = device && (await newSecrets(hub, device, held))
    return document && { document, standing: { revision: document.revision } }
  },
  revision: ({ revision }) => revision,
  againMs: AGAIN_MS,
  record: {
    async findNews(db, { deviceId }, { revision }) {
      const known = await saidOf(db, deviceId)
      return (known?.revision ?? undefined) === revision ? 'none' : 'state'
    },
    write: keepHeld,
  },
}
