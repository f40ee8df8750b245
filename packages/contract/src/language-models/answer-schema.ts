/**
 * Answer schema: the part of JSON Schema by which a device binds the answers of a language model. It becomes a grammar, so
 * it has no references and no patterns, and each text and list ends. A hostile schema cannot become a grammar that never
 * ends, or that takes long to build.
 */
import * as z from 'zod'

/** Forms that people fill in are three levels deep. Each level multiplies the states of the grammar. */
export const SCHEMA_DEPTH_MAX = 6

/** All parts of a schema together: a grammar of this many rules is built in milliseconds. */
export const SCHEMA_PARTS_MAX = 128

/** A property is a name, never text with quotes: it becomes a part of the grammar. */
const PropertyName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/, 'must be 1 to 64 letters, digits, _ and -')

/** Printable text: control characters have no place in a value that people read. */
const PlainText = z
  .string()
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must have no control characters')

const TEXT_MAX = 1_000
const TEXT = 200
const ITEMS_MAX = 32

const Description = { description: z.string().max(500).optional() }

const Choice = z.strictObject({
  ...Description,
  enum: z
    .array(z.union([PlainText, z.number(), z.boolean(), z.null()]))
    .min(1)
    .max(64),
})
const Constant = z.strictObject({ ...Description, const: z.union([PlainText, z.number(), z.boolean(), z.null()]) })
const Text = z
  .strictObject({
    ...Description,
    type: z.literal('string'),
    minLength: z.int().min(0).max(TEXT_MAX).optional(),
    maxLength: z.int().min(1).max(TEXT_MAX).default(TEXT),
  })
  .refine(({ minLength = 0, maxLength }) => minLength <= maxLength, { error: 'minLength is above maxLength' })
const Simple = z.strictObject({ ...Description, type: z.enum(['number', 'integer', 'boolean', 'null']) })

export type AnswerSchema =
  | z.infer<typeof Choice>
  | z.infer<typeof Constant>
  | z.infer<typeof Text>
  | z.infer<typeof Simple>
  | {
      type: 'object'
      description?: string | undefined
      properties: Record<string, AnswerSchema>
      required?: string[] | undefined
      additionalProperties?: false | undefined
    }
  | {
      type: 'array'
      description?: string | undefined
      items: AnswerSchema
      minItems?: number | undefined
      maxItems: number
    }

const Part: z.ZodType<AnswerSchema> = z.lazy(() => z.union([Choice, Constant, Text, Simple, List, Form]))

const List = z
  .strictObject({
    ...Description,
    type: z.literal('array'),
    items: Part,
    minItems: z.int().min(0).max(ITEMS_MAX).optional(),
    maxItems: z.int().min(1).max(ITEMS_MAX).default(8),
  })
  .refine(({ minItems = 0, maxItems }) => minItems <= maxItems, { error: 'minItems is above maxItems' })

const Form = z.strictObject({
  ...Description,
  type: z.literal('object'),
  properties: z.record(PropertyName, Part),
  /** All properties are required, also if the list is absent. */
  required: z.array(PropertyName).max(SCHEMA_PARTS_MAX).optional(),
  additionalProperties: z.literal(false).optional(),
})

/** The size of a schema, before any part of it is parsed. Undefined if it is too deep or too large. */
function partsOf(input: unknown, depth: number): number | undefined {
  if (typeof input !== 'object' || input === null) return 0
  if (depth > SCHEMA_DEPTH_MAX * 2 + 1) return undefined
  let parts = 1
  for (const value of Object.values(input)) {
    const below = partsOf(value, depth + 1)
    if (below === undefined) return undefined
    parts += below
    if (parts > SCHEMA_PARTS_MAX * 2) return undefined
  }
  return parts
}

const SIZE = `a schema of answers has at most ${SCHEMA_DEPTH_MAX} levels and ${SCHEMA_PARTS_MAX} parts`

/** Rejects depth and size first: the parser of a deep schema would recurse as deep. */
export const AnswerSchema: z.ZodType<AnswerSchema> = z
  .unknown()
  .refine((input) => partsOf(input, 0) !== undefined, { error: SIZE, abort: true })
  .pipe(Part)
  .refine((schema) => boundOf(schema) <= ANSWER_CHARACTERS_MAX, {
    error: `answers of this schema can be longer than 32,000 characters; lower maxLength or maxItems`,
  }) as unknown as z.ZodType<AnswerSchema>

/** An answer of 8,192 tokens has about this many characters. */
const ANSWER_CHARACTERS_MAX = 32_000

/** The most characters of an answer, with some for the longest numbers. */
function boundOf(schema: AnswerSchema): number {
  if ('enum' in schema) return Math.max(...schema.enum.map((one) => JSON.stringify(one).length))
  if ('const' in schema) return JSON.stringify(schema.const).length
  switch (schema.type) {
    case 'string':
      return schema.maxLength + 2
    case 'array':
      return schema.maxItems * (boundOf(schema.items) + 2) + 2
    case 'object':
      return Object.entries(schema.properties).reduce((sum, [name, part]) => sum + name.length + 6 + boundOf(part), 2)
    case 'number':
    case 'integer':
    case 'boolean':
    case 'null':
      return 32
  }
}
