/**
 * The board: a title that the hub keeps each device in step with. It is a toy, by which a test counts the cost of a
 * held document.
 */
import * as z from 'zod'
import type { HeldKind } from './held-document.ts'

export const BoardDocument = z.object({ v: z.literal(1), revision: z.int().min(1), title: z.string() })
export type BoardDocument = z.infer<typeof BoardDocument>

export const HeldBoard = z.object({ revision: z.int().min(1).optional() })
export type HeldBoard = z.infer<typeof HeldBoard>

/** The row of this document. */
export const BOARD = { name: 'board', document: BoardDocument, held: HeldBoard } satisfies HeldKind<
  BoardDocument,
  HeldBoard
>
