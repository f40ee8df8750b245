/** Small words that many records share: names, labels, reasons, instants, pages. */
import * as z from 'zod'
import './missing.ts'

/** A name that people type, inside paths and file names too: a DNS label (RFC 1123), so it is safe wherever it goes. */
export const Name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be 1 to 63 of a-z, 0-9 and -, not starting or ending with -')
export type Name = z.infer<typeof Name>

const LabelKey = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9._/-]{0,61}[a-z0-9])?$/, 'must be a lower-case word such as line or team/owner')
const LabelValue = z.string().max(63)

/** 64 labels of at most 63 characters keep a device's facts under 8 KB, as the tags of other systems. */
export const LABELS_MAX = 64
export const Labels = z
  .record(LabelKey, LabelValue)
  .refine((labels) => Object.keys(labels).length <= LABELS_MAX, `at most ${LABELS_MAX} labels`)
export type Labels = z.infer<typeof Labels>

/** Why a person did it; kept in the audit trail, so short and required. */
export const Reason = z.string().trim().min(1).max(500)

/** Milliseconds since 1970-01-01 UTC. */
export const InstantMs = z.int().min(0)

/** 500 rows fill a screen many times over and keep one answer under a megabyte. */
export const PAGE_LIMIT_MAX = 500

/**
 * The input of every list: at most `limit` rows after the row that `after` names (a value of `next` from the page
 * before).
 */
export const Page = {
  limit: z.coerce.number<number | string>().int().min(1).max(PAGE_LIMIT_MAX).default(100),
  after: z.string().max(200).optional(),
}

/** The output of every list; `next` is absent on the last page. */
export const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.strictObject({ rows: z.array(row), next: z.string().optional() })

/**
 * A CEL expression over `device` and `site`; 2,000 characters hold dozens of conditions and bound the cost of an
 * evaluation.
 */
export const SelectorText = z.string().trim().min(1).max(2_000)

/** The text that a person types above a list: words or a selector. It has the limit of a selector. */
export const FilterText = z.string().trim().min(1).max(2_000)
