/** Drivers: the table of the kinds on a device, and the one place that selects a driver by the kind of an item. */
import type { DesiredItem } from '@skerry/contract/desired'
import type { Cause } from '@skerry/contract/item'
import { VersionKind } from '@skerry/contract/kinds/kinds'
import type { Loaded } from '../runner/runner-slot.ts'
import type { Driver } from './driver.ts'
import { openFlowDriver } from './flow/driver.ts'
import { openModelDriver } from './model/driver.ts'
import type { RunnerDriverDeps } from './runner-driver.ts'

/** A kind without a driver does not compile. */
export type Drivers = { readonly [Kind in VersionKind]: Driver }

type DriversDeps = RunnerDriverDeps

export const openDrivers = (deps: DriversDeps): Drivers => ({
  model: openModelDriver(deps),
  flow: openFlowDriver(deps),
})

/** One driver for every kind. */
export const sameDriver = (driver: Driver): Drivers =>
  Object.fromEntries(VersionKind.options.map((kind) => [kind, driver])) as Drivers

export const driverOf = (drivers: Drivers, { kind }: Pick<DesiredItem, 'kind'>): Driver => drivers[kind]

/** All loaded versions. Undefined while one of the drivers is not ready: a plan without its versions would load them again. */
export function loadedBy(drivers: Drivers): readonly Loaded[] | undefined {
  const all = unique(drivers).map((driver) => driver.loaded())
  return all.includes(undefined) ? undefined : all.flatMap((loaded) => loaded ?? [])
}

/** The first reason why a runtime cannot start. */
export const troubleOf = (drivers: Drivers): Cause | undefined =>
  unique(drivers)
    .map((driver) => driver.trouble?.())
    .find((trouble) => trouble !== undefined)

const unique = (drivers: Drivers): Driver[] => [...new Set(Object.values(drivers))]
