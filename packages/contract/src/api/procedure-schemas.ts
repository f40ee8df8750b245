/** Procedure schemas: input and output of a procedure; of a stream, the schema of one message. */
import { type AnySchema, getEventIteratorSchemaDetails } from '@orpc/contract'
import * as z from 'zod'

type Procedure = { '~orpc': { inputSchema?: AnySchema | undefined; outputSchema?: AnySchema | undefined } }

export const schemasOf = ({
  '~orpc': { inputSchema, outputSchema },
}: Procedure): { input: z.ZodType; output: z.ZodType } => ({
  input: zodOf(inputSchema),
  output: zodOf(outputSchema),
})

function zodOf(schema: AnySchema | undefined): z.ZodType {
  const { yields } = getEventIteratorSchemaDetails(schema) ?? { yields: schema }
  if (yields instanceof z.ZodType) return yields
  throw new Error('a procedure has a schema that is not of zod')
}
