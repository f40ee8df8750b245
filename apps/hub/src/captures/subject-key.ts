/** Subject key: the keyed digest of a person or thing. The hub never stores the name itself. */
import { createHmac } from 'node:crypto'

/** [agent, capture-keeper.ts] Both sides compute it alike. */
export const subjectKey = (salt: string, subject: string): string =>
  createHmac('sha256', Buffer.from(salt, 'hex')).update(subject).digest('hex')
