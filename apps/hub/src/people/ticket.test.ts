import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { openTicketOffice, TICKET_LIFE_MS } from './ticket.ts'

const Content = z.strictObject({ secret: z.string() })

test('a ticket is valid for its purpose, its hub and its time, and reveals nothing', () => {
  const office = openTicketOffice(randomBytes(32))
  const text = office.issue('a', { secret: 'planted' }, { id: 'x', nowMs: 1_000 })
  expect(Buffer.from(text, 'base64url').toString('latin1')).not.toContain('planted')
  const read = (purpose: string, nowMs: number, from = office) => from.read(purpose, Content, text, nowMs)
  expect(read('a', 1_000)).toEqual({ id: 'x', expiresAtMs: 1_000 + TICKET_LIFE_MS, content: { secret: 'planted' } })
  expect(read('b', 1_000)).toBeUndefined()
  expect(read('a', 1_000 + TICKET_LIFE_MS)).toBeUndefined()
  expect(read('a', 1_000, openTicketOffice(randomBytes(32)))).toBeUndefined()
  for (const wrong of ['', 'A', `A${text.slice(1)}`, text.slice(0, -2)]) {
    expect(office.read('a', Content, wrong, 1_000), wrong).toBeUndefined()
  }
})
