/** Calling device: the device of a request, by the certificate of its connection. */
import { TLSSocket } from 'node:tls'
import type { DeviceCall } from '@skerry/core/devices/device-pace'
import type { FastifyRequest } from 'fastify'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { identifyDevice, refuseQuarantined } from './device-identity.ts'

/** The socket of a request. The hub serves HTTPS only. */
export function tlsSocketOf({ raw: { socket } }: FastifyRequest): TLSSocket {
  if (!(socket instanceof TLSSocket)) throw new Error('a request without TLS')
  return socket
}

/** Throws the problem of a device that is unknown, may receive nothing, or calls too often. */
export async function callingDevice(hub: Hub, request: FastifyRequest, call: DeviceCall): Promise<DeviceTable> {
  const identity = await identifyDevice(hub, tlsSocketOf(request))
  if (!identity.ok) throw problem(identity.code, identity.message)
  const { device } = identity
  refuseQuarantined(device)
  hub.devicePacer.admit(device.id, call)
  return device
}
