/** Procedures on pairs of devices. */
import * as z from 'zod'
import { Pair, PairSpec } from '../../pairs/pair.ts'
import { Name } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

export const pairProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/pairs',
    access: 'fleet.read',
    scope: 'none',
    approval: 'none',
    summary: 'List pairs: two devices that stand in for each other, and a witness',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(z.strictObject({ rows: z.array(Pair) })),
  get: procedure({
    method: 'GET',
    path: '/v1/pairs/{name}',
    access: 'fleet.read',
    scope: 'none',
    approval: 'none',
    summary: 'Show a pair: its active device, and its weaknesses',
    errors: ['pair_unknown'],
  })
    .input(z.strictObject({ name: Name }))
    .output(Pair),
  create: procedure({
    method: 'POST',
    path: '/v1/pairs/{name}',
    access: 'device.write',
    scope: 'none',
    approval: 'none',
    summary: 'Make two devices a pair: from then on only one of them reads and writes equipment',
    errors: ['pair_refused', 'device_unknown'],
  })
    .input(z.strictObject({ name: Name, spec: PairSpec }))
    .output(Pair),
  switch: procedure({
    method: 'POST',
    path: '/v1/pairs/{name}/switch',
    access: 'device.write',
    scope: 'none',
    approval: 'none',
    summary: 'Make the other device of a pair the active one, as planned work',
    errors: ['pair_unknown', 'pair_refused'],
  })
    .input(z.strictObject({ name: Name, to: Name }))
    .output(Pair),
  remove: procedure({
    method: 'DELETE',
    path: '/v1/pairs/{name}',
    access: 'device.write',
    scope: 'none',
    approval: 'none',
    summary: 'End a pair: both devices read and write equipment on their own again',
    errors: ['pair_unknown', 'pair_refused'],
  })
    .input(
      z.strictObject({
        name: Name,
        /** Devices that a person has confirmed to be switched off. A pair has three. */
        off: z.array(Name).max(3).optional(),
      }),
    )
    .output(z.strictObject({})),
}
