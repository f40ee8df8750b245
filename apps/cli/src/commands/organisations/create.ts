/** `skerry org create` */
import { command } from '../../program/command.ts'
import { DEVICES, invitationText, NEW_ORGANISATION, OWNER_EMAIL, REQUESTS, STORAGE } from './organisation-words.ts'

export const createOrganisation = command({
  name: 'org create',
  summary: 'Create an organisation on the hub, and invite its first owner',
  details: 'For operators. An operator sees the organisation and how much it uses, and nothing else of it.',
  examples: [
    'skerry org create plant-north --owner-email mona@plant-north.example',
    'skerry org create plant-south --devices 500 --storage 50GiB --requests-per-minute 600',
  ],
  arguments: { name: NEW_ORGANISATION },
  options: { ownerEmail: OWNER_EMAIL, devices: DEVICES, storageBytes: STORAGE, requestsPerMinute: REQUESTS },
  async run({ name, ownerEmail, ...bounds }, session) {
    const given = Object.entries(bounds).filter(([, bound]) => bound != null)
    const quota = Object.fromEntries(given)
    const { client } = await session.hub()
    const made = await client.organisation.create({ name, ownerEmail, quota }, { signal: session.signal })
    session.print({
      json: made,
      text: () => `made the organisation ${made.organisation.name}\n${invitationText(made.invitation)}`,
    })
  },
})
