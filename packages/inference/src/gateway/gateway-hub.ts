/**
 * Gateway hub: the hub, as a gateway needs it. A program of its own calls the API, and an agent has another client, so
 * that neither must carry the other's libraries.
 */
import type { Duplex } from 'node:stream'
import type { GatewayReport, RouteTable } from '@skerry/contract/routes/route'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'

/** As the input of the procedure `route.table`. */
export type TableQuestion = {
  gateway: string
  site?: string
  device?: DeviceId
  url?: string
  seen?: string
  waitMs: number
  report: GatewayReport
}

/** Why the hub gave no answer, with the status of the rejection; 0 if the hub was not reached. */
export type HubLack = { ok: false; status: number; code: string; message: string }

export type HubReply<Value> = { ok: true; value: Value } | HubLack

export type StreamTarget = { route: string; device: string }

export type GatewayHub = {
  /** Reports the counts, and waits for a table that differs from the seen one. */
  table(question: TableQuestion, signal: AbortSignal): Promise<HubReply<RouteTable>>
  /** Whether the key of a caller may send requests to routes. */
  access(key: string, signal: AbortSignal): Promise<HubReply<{ organisationId: OrganisationId; name: string }>>
  /** Opens a stream of bytes to the inference server of a device without an address. Rejects with the reason. */
  openStream(target: StreamTarget, signal: AbortSignal): Promise<Duplex>
}
