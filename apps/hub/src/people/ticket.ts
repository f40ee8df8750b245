/**
 * Ticket: what the hub has to remember between two steps of a person, sealed, and kept by the browser. So a stranger who begins and never ends
 * costs nothing, and every hub of a database can go on where another began. It counts for one purpose, for a while, and once.
 */
import { openBox, sealBox } from '@skerry/platform/sealing/secret-box'
import * as z from 'zod'
import { hashSecret } from '../keys/key-secret.ts'
import type { Tx } from '../store/store.ts'

/** Long enough to find a password and a phone. */
export const TICKET_LIFE_MS = 600_000

const Wrapped = z.strictObject({ id: z.string(), expiresAtMs: z.number(), content: z.unknown() })

export type TicketOffice = {
  /** `id` is a secret of its own: what is spent is found by it. */
  issue(purpose: string, content: object, made: { id: string; nowMs: number }): string
  /** Undefined where it is none, for another purpose, or too old. */
  read<T>(purpose: string, schema: z.ZodType<T>, text: string, nowMs: number): Ticket<T> | undefined
}

export type Ticket<T> = { id: string; expiresAtMs: number; content: T }

/** Every hub of a database has the same key. */
export function openTicketOffice(key: Uint8Array): TicketOffice {
  return {
    issue(purpose, content, { id, nowMs }) {
      const wrapped = JSON.stringify({ id, expiresAtMs: nowMs + TICKET_LIFE_MS, content })
      return Buffer.from(sealBox(key, Buffer.from(wrapped), purpose)).toString('base64url')
    },
    read(purpose, schema, text, nowMs) {
      const plain = openBox(key, Buffer.from(text, 'base64url'), purpose)
      if (!plain) return undefined
      const { id, expiresAtMs, content } = Wrapped.parse(JSON.parse(plain.toString('utf8')))
      return expiresAtMs > nowMs ? { id, expiresAtMs, content: schema.parse(content) } : undefined
    },
  }
}

/** Spends it; false where it was spent before. */
export async function spendTicket(tx: Tx, { id, expiresAtMs }: Ticket<unknown>, nowMs: number): Promise<boolean> {
  await tx.deleteFrom('spent_tickets').where('expires_at_ms', '<=', nowMs).execute()
  const result = await tx
    .insertInto('spent_tickets')
    .values({ ticket_hash: hashSecret(id), expires_at_ms: expiresAtMs })
    .onConflict((conflict) => conflict.column('ticket_hash').doNothing())
    .executeTakeFirst()
  return Number(result.numInsertedOrUpdatedRows) > 0
}
