/** Procedures on sources and sinks: the same for both, since both belong to places and are run by devices. */
import * as z from 'zod'
import {
  Connection,
  type ConnectionKind,
  ConnectionPlan,
  ConnectionScope,
  ConnectionSpec,
  DeviceConnections,
} from '../connections/connection.ts'
import { ConnectionId } from '../values/ids.ts'
import { Name, Page, pageOf } from '../values/names.ts'
import { DeviceReference } from './fleet/device-procedures.ts'
import { procedure } from './procedure.ts'

const proceduresOf = (kind: ConnectionKind) => ({
  ...looking(kind),
  ...changing(kind),
})

function looking(kind: ConnectionKind) {
  return {
    list: procedure({
      method: 'GET',
      path: `/v1/${kind}s`,
      access: 'connection.read',
      scope: 'none',
      approval: 'none',
      summary: `List ${kind}s, without their content`,
      errors: [],
    })
      .input(z.strictObject({ ...Page, scope: ConnectionScope.optional(), name: Name.optional() }))
      .output(pageOf(Connection)),
    get: procedure({
      method: 'GET',
      path: `/v1/${kind}s/{connection}`,
      access: 'connection.read',
      scope: 'none',
      approval: 'none',
      entity: kind,
      summary: `Show a ${kind} with its content`,
      errors: ['connection_unknown'],
    })
      .input(z.strictObject({ connection: ConnectionId }))
      .output(z.strictObject({ connection: Connection, spec: ConnectionSpec })),
    ofDevice: procedure({
      method: 'GET',
      path: `/v1/devices/{device}/${kind}s`,
      access: 'connection.read',
      scope: 'named',
      approval: 'none',
      summary: `List the ${kind}s that apply to a device, with their state there`,
      errors: ['device_unknown'],
    })
      .input(z.strictObject({ device: DeviceReference }))
      .output(DeviceConnections),
  }
}

function changing(kind: ConnectionKind) {
  const Setting = z.strictObject({
    /** The name that its spec has, too. */
    name: Name,
    scope: ConnectionScope.default('organisation'),
    spec: ConnectionSpec,
  })
  return {
    set: procedure({
      method: 'PUT',
      path: `/v1/${kind}s/{name}`,
      access: 'connection.write',
      scope: 'none',
      approval: 'deployments',
      entity: kind,
      summary: `Set a ${kind} for the organisation, a site or a device; the affected devices run it within seconds`,
      errors: ['site_unknown', 'device_unknown', 'connections_full', 'data_class_refused', 'approval_needed'],
    })
      .input(Setting)
      .output(z.strictObject({ change: z.enum(['created', 'changed', 'unchanged']), connection: Connection })),
    plan: procedure({
      method: 'POST',
      path: `/v1/${kind}s/{name}/plan`,
      access: 'connection.read',
      scope: 'none',
      approval: 'none',
      isReadOnly: true,
      summary: `List the devices that a new ${kind} would affect, without a change`,
      errors: ['site_unknown', 'device_unknown', 'data_class_refused'],
    })
      .input(Setting)
      .output(ConnectionPlan),
    remove: procedure({
      method: 'DELETE',
      path: `/v1/${kind}s/{connection}`,
      access: 'connection.write',
      scope: 'none',
      approval: 'deployments',
      entity: kind,
      summary: `Remove a ${kind}, from the hub and from the devices that run it`,
      errors: ['connection_unknown', 'approval_needed'],
    })
      .input(z.strictObject({ connection: ConnectionId }))
      .output(z.strictObject({})),
  }
}

export const sourceProcedures = proceduresOf('source')
export const sinkProcedures = proceduresOf('sink')
