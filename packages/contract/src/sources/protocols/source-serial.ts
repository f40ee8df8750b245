/** Serial source: scales, bar code readers and meters that speak lines of text, each in its own words. */
import * as z from 'zod'
import { PauseAfterConnect, PauseBetweenRequests } from '../../deployments/pauses.ts'
import { SerialLineShape } from '../serial-line.ts'
import { TagShape } from '../tag.ts'

const Text = z.string().min(1).max(250)

export const SerialConnection = z.strictObject({
  ...SerialLineShape,
  /** What ends a line, in both directions. */
  terminator: z.string().min(1).max(8).default('\r\n'),
  timeoutMs: z.int().min(10).max(60_000).default(1_000),
  /** Boards that begin anew when their port is opened say nothing of use for a second or two. */
  ...PauseAfterConnect,
  ...PauseBetweenRequests,
})
export type SerialConnection = z.infer<typeof SerialConnection>

const Pattern = Text.refine((pattern) => isExpression(pattern), 'is no regular expression')

function isExpression(pattern: string): boolean {
  try {
    return new RegExp(pattern).source !== ''
  } catch {
    return false
  }
}

export const SerialGroupShape = {
  /** What is asked at the group's rate, without its end; where absent the equipment speaks by itself. */
  request: Text.optional(),
  /** The whole line, as a regular expression whose named parts are the tags: `^W (?<weight>[-+ 0-9.]+) kg$`. */
  pattern: Pattern,
  /** Without a request: the tags are bad when no such line has come for so long. */
  quietMaxMs: z.int().min(100).max(86_400_000).optional(),
}

export const SerialTag = z
  .strictObject({
    ...TagShape,
    /** The named part of the pattern. */
    address: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,63}$/, 'must be the name of a part of the pattern'),
    type: z.enum(['number', 'string']).default('number'),
    /** How it is written: `T {value}`, and what the equipment answers where it does. */
    command: z
      .strictObject({
        send: Text.refine((text) => text.includes('{value}'), 'must have {value} in it'),
        reply: Pattern.optional(),
      })
      .optional(),
  })
  .refine(({ mask, shift }) => mask === undefined && shift === undefined, 'there are no bits to mask')
  .refine(
    ({ write, command }) => (write === undefined) === (command === undefined),
    'a tag with write needs command, which says how, and only such a tag has one',
  )
export type SerialTag = z.infer<typeof SerialTag>
