/** Procedures on the traffic of models over time. */
import * as z from 'zod'
import { TrafficSeries, TrafficSpan } from '../../traffic/traffic.ts'
import { Name } from '../../values/names.ts'
import { procedure } from '../procedure.ts'
import { DeviceReference } from './device-procedures.ts'

const asked = {
  name: Name,
  over: TrafficSpan.default('day'),
  /** All versions together if absent. */
  version: z.coerce.number<number | string>().int().min(1).optional(),
}

export const trafficProcedures = {
  model: procedure({
    method: 'GET',
    path: '/v1/models/{name}/traffic',
    access: 'model.read',
    scope: 'whole',
    approval: 'none',
    summary: 'Show the requests, errors and latency of a model over time, on all devices together',
    errors: ['model_unknown'],
  })
    .input(z.strictObject(asked))
    .output(TrafficSeries),
  device: procedure({
    method: 'GET',
    path: '/v1/devices/{device}/models/{name}/traffic',
    access: 'fleet.read',
    scope: 'named',
    approval: 'none',
    summary: 'Show the requests, errors and latency of a model over time, on one device',
    errors: ['device_unknown'],
  })
    .input(z.strictObject({ device: DeviceReference, ...asked }))
    .output(TrafficSeries),
}
