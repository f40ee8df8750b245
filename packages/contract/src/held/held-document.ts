/**
 * Held documents: small documents that the hub keeps a device in step with. The device reports what it holds of each;
 * the hub sends the next document of that name when the device should hold another. Each document has a file of its
 * name in this folder, in the hub and in the agent.
 */
import * as z from 'zod'

export const HeldName = z.string().regex(/^[a-z][a-z-]{0,31}$/, 'must be the name of a document, such as secrets')
export type HeldName = z.infer<typeof HeldName>

/** There are fewer than ten; a later agent may follow more than this hub sends. */
export const HELD_NAMES_MAX = 64

/**
 * The facts of a document that both sides know: its name, and the schemas of the document and of the device's report
 * about it.
 */
export type HeldKind<Document, Held> = {
  readonly name: HeldName
  readonly document: z.ZodType<Document>
  readonly held: z.ZodType<Held>
}

/** A document as the hub signs it. The name stands inside the signature: no document passes for one of another name. */
export const HeldMessage = z.object({ name: HeldName, document: z.unknown() })
export type HeldMessage = z.infer<typeof HeldMessage>

/**
 * A device's report about the document that it holds. The hub reads `held` by the schema of the name, so that an
 * unknown one fails alone.
 */
export const HeldReport = z.object({ name: HeldName, held: z.unknown() })
export type HeldReport = z.infer<typeof HeldReport>

/**
 * `unknown`: this hub has no document of that name. `unreadable`: the hub cannot read the device's report. In both
 * cases it sends none of that name.
 */
export const HeldReply = z.object({ problem: z.enum(['unknown', 'unreadable']).optional() })
export type HeldReply = z.infer<typeof HeldReply>
