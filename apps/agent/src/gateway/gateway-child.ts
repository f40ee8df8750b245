/**
 * Gateway child: the gateway of a device, in a process of its own. A crowd of callers slows neither control nor the models
 * down, and a fault of the gateway ends this process only. It ends when control is gone.
 */
import { RouteTable } from '@skerry/contract/routes/route'
import { OrganisationId } from '@skerry/contract/values/ids'
import type { GatewayHub, HubLack, HubReply } from '@skerry/inference/gateway/gateway-hub'
import { openPlaceStream } from '@skerry/inference/gateway/place-stream'
import { runGateway } from '@skerry/inference/gateway/run-gateway'
import { type HttpsClient, type HttpsProblem, openHttpsClient } from '@skerry/platform/network/https-client'
import { createLog } from '@skerry/platform/process/log'
import * as z from 'zod'
import type { GatewayTask } from './gateway-task.ts'

/** Keys that were good stay good for so long while the hub does not answer, as for `skerry gateway`. */
const GRACE_MS = 300_000

const Caller = z.object({ organisationId: OrganisationId, name: z.string() })

/** The errors of the API have a code and words. */
const ErrorBody = z.object({ code: z.string(), message: z.string() })

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

function deviceHub({ hub, ca, key }: GatewayTask): GatewayHub {
  const client = openHttpsClient({ authorities: [ca] })
  const call = caller(client, hub)
  return {
    table: (question, signal) =>
      call<RouteTable>(RouteTable, { method: 'POST', path: '/v1/route-table', key, body: question }, signal),
    access: (callerKey, signal) => call(Caller, { method: 'GET', path: '/v1/route-access', key: callerKey }, signal),
    openStream: (target, signal) =>
      openPlaceStream({ hub, headers: bearer(key), authorities: [ca], site: undefined }, target, signal),
  }
}

type Call = { method: 'GET' | 'POST'; path: string; key: string; body?: unknown }

const caller =
  (client: HttpsClient, hub: string) =>
  async <Value>(schema: z.ZodType<Value>, call: Call, signal: AbortSignal): Promise<HubReply<Value>> => {
    try {
      const { method, path, key, body } = call
      const url = new URL(path, hub).href
      const answer = await client.sendJson({ method, url, headers: bearer(key), body }, signal)
      return answer.ok ? { ok: true, value: schema.parse(answer.body) } : lackOf(answer)
    } catch (error) {
      return { ok: false, status: 0, code: 'server_unreachable', message: String(error) }
    }
  }

function lackOf({ status = 0, code, message, body }: HttpsProblem): HubLack {
  const told = ErrorBody.safeParse(body)
  return { ok: false, status, ...(told.success ? told.data : { code, message }) }
}

async function main(text: string): Promise<void> {
  const task = JSON.parse(text) as GatewayTask
  const { name, device, origin, listen, grpc, tls, url, folder, version } = task
  const end = new AbortController()
  process.once('disconnect', () => end.abort())
  process.on('SIGTERM', () => end.abort())
  const log = createLog({ name: 'gateway' })
  const about = { name, site: undefined, own: { device, origin }, url, listen, grpc, tls }
  await runGateway({ ...about, hub: deviceHub(task), folder, graceMs: GRACE_MS, version, log }, end.signal)
}

/** [process.exitCode] Control logs the end, and begins again. */
process.once('message', (text) => {
  main(String(text)).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${JSON.stringify({ event: 'gateway_failed', message: String(error) })}\n`)
      process.exit(1)
    },
  )
})
