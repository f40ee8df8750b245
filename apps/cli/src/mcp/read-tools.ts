/**
 * Read tools: the procedures of the API that only read, as tools of the Model Context Protocol. They are derived from
 * the contract, so a new procedure becomes a tool by itself, and a procedure that changes something never does.
 */
import type { SkerryClient } from '@skerry/client/client'
import { api } from '@skerry/contract/api'
import type { ProcedureMeta } from '@skerry/contract/api/procedure'
import { errors } from '@skerry/contract/errors/errors'
import * as z from 'zod'
import { exitCodes, Failure } from '../program/failure.ts'

export type ReadTool = {
  name: string
  noun: string
  /** Its entry in the answer to `tools/list`. It is made late, because every command loads this list. */
  describe(): Readonly<Record<string, unknown>>
  call(client: SkerryClient, input: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<unknown>
}

type Call = (input: unknown, options: { signal: AbortSignal }) => Promise<unknown>
type Definition = {
  route: { method?: string; summary?: string }
  meta: ProcedureMeta
  inputSchema: z.ZodType
  outputSchema?: { '~standard': { vendor: string } }
}

/** All tools, in the order of the API. */
export const readTools: readonly ReadTool[] = Object.entries(api).flatMap(([noun, group]) =>
  Object.entries(group).flatMap(([verb, procedure]) => {
    const definition = procedure['~orpc'] as Definition
    return isOffered(definition) ? [toolOf(noun, verb, definition)] : []
  }),
)

/** The nouns that have a tool, for a choice of tools. */
export const toolNouns: readonly string[] = [...new Set(readTools.map(({ noun }) => noun))]

/**
 * A tool is a GET that leaves no audit record. Audited GETs fetch rows, logs and recordings from devices, which a person
 * should decide about. Public procedures serve sign-ins. A stream has no end, so it is no answer.
 */
function isOffered({ route, meta, outputSchema }: Definition): boolean {
  return (
    route.method === 'GET' &&
    meta.isReadOnly &&
    meta.access !== 'public' &&
    outputSchema?.['~standard'].vendor === 'zod'
  )
}

function toolOf(noun: string, verb: string, { route, meta, inputSchema }: Definition): ReadTool {
  const name = `${noun}_${verb}`.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const { summary = name } = route
  const needs = meta.access === 'caller' ? 'Any key may call it.' : `Needs the permission ${meta.access}.`
  return {
    name,
    noun,
    describe() {
      // Each character of the list is paid for in each conversation. 2020-12 is the default dialect of the protocol.
      const { $schema: _, ...schema } = z.toJSONSchema(inputSchema, { io: 'input', unrepresentable: 'any' })
      return {
        name,
        description: `${summary}. ${needs}`,
        inputSchema: schema,
        annotations: { readOnlyHint: true, openWorldHint: false },
      }
    },
    async call(client, given, signal) {
      const { error } = inputSchema.safeParse(given)
      if (error) throw invalid(error)
      const calls = client as unknown as Readonly<Record<string, Readonly<Record<string, Call>>>>
      return calls[noun]?.[verb]?.(given, { signal })
    },
  }
}

/** The same error as that of the hub, before the hub gets the request. */
function invalid({ issues }: z.ZodError): Failure {
  return new Failure({
    code: 'input_invalid',
    message: errors.input_invalid.message,
    next: 'correct the arguments; the schema of the tool describes them',
    exitCode: exitCodes.usage,
    data: { issues: issues.map(({ path, message }) => ({ path, message })) },
  })
}
