/** YAML fields: the fields that a schema knows at a place of a document, for suggestions and for the reference. */
import * as z from 'zod'

/** [JSON Schema, 2020-12] The parts that zod writes for our schemas. */
export type JsonSchema = {
  type?: string | string[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  items?: JsonSchema
  additionalProperties?: JsonSchema | boolean
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  allOf?: JsonSchema[]
  enum?: unknown[]
  const?: unknown
  default?: unknown
  pattern?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  maxItems?: number
}

/** A document as people write it, with values before their defaults. */
export const inputSchema = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as JsonSchema

/** All shapes that a schema allows. */
export const shapesOf = (schema: JsonSchema): JsonSchema[] => {
  const several = schema.anyOf ?? schema.oneOf ?? schema.allOf
  return several ? several.flatMap(shapesOf) : [schema]
}

/** The names of the fields at the path. `isFitting` leaves out shapes of other kinds of documents. */
export function fieldsAt(
  schema: JsonSchema,
  path: readonly (string | number)[],
  isFitting: (shape: JsonSchema) => boolean = () => true,
): string[] {
  const places = path.reduce<JsonSchema[]>(
    (schemas, step) => schemas.flatMap((one) => stepInto(one, step)),
    shapesOf(schema).filter(isFitting),
  )
  return [...new Set(places.flatMap(({ properties }) => Object.keys(properties ?? {})))]
}

function stepInto({ properties, items, additionalProperties }: JsonSchema, step: string | number): JsonSchema[] {
  const rest = typeof additionalProperties === 'object' ? additionalProperties : undefined
  const next = typeof step === 'number' ? items : (properties?.[step] ?? rest)
  return next ? shapesOf(next) : []
}
