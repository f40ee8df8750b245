/** Notes: a text that a device stores. It is a toy, by which a test counts the cost of a deployable kind. */
import * as z from 'zod'
import type { KindRow } from './kind-row.ts'

export const NOTE_PATH = 'note.txt'

/** A page. */
export const NOTE_LENGTH_MAX = 4_000

export const NoteSpec = z.object({ language: z.literal('en') })

export const noteKind = {
  mainFile: NOTE_PATH,
  capability: 'note',
  serves: false,
  mayShadow: false,
  hasGoldenCases: false,
  lifecycle: ['fetching', 'verifying', 'loading', 'ready', 'probation', 'active'],
  spec: NoteSpec,
  detail: { note: z.strictObject({ text: z.string().min(1).max(NOTE_LENGTH_MAX) }) },
} as const satisfies KindRow
