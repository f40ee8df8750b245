/** Drivers: the table of the kinds on a device, and the one place that selects a driver by the kind of an item. */
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { DeviceRuntime } from '@skerry/contract/devices/device'
import { VersionKind } from '@skerry/contract/kinds/kinds'
import type { DeviceFacts } from '@skerry/core/device/device-plan'
import type { MachineFacts } from '@skerry/core/device/machine-hold'
import { statesFolderIn } from '../campaigns/device-state.ts'
import type { Loaded } from '../runner/runner-slot.ts'
import { openAgentDriver } from './agent/driver.ts'
import { openAppDriver } from './app/driver.ts'
import { openChatDriver } from './chat/driver.ts'
import { openDataDriver } from './data/driver.ts'
import type { AppLogLine, AppLogQuery, AppOrder, Driver, DriverAnswer } from './driver.ts'
import { openFlowDriver } from './flow/driver.ts'
import { openGgufDriver } from './gguf/driver.ts'
import { openHostedDriver } from './hosted/driver.ts'
import { openModelDriver } from './model/driver.ts'
import { openOsDriver } from './os/driver.ts'
import type { DriverDeps } from './runner-driver.ts'
import { openServedDriver } from './served/driver.ts'
import { openSystemDriver } from './system/driver.ts'

/** A kind without a driver does not compile. */
export type Drivers = { readonly [Kind in VersionKind]: Driver }

/** `data` is the data folder of the agent. */
export type DriversDeps = Omit<DriverDeps, 'folder' | 'apps' | 'statesFolder'> & {
  data: string
  /** Opens drivers in place of those that work on this computer. */
  instead?: { readonly [Kind in VersionKind]?: (deps: DriverDeps) => Driver } | undefined
}

const NO_CONTAINERS: DriverAnswer = { ok: false, code: 'app_unknown', message: 'the device runs no containers' }

const openers: { readonly [Kind in VersionKind]: (deps: DriverDeps) => Driver } = {
  model: openModelDriver,
  flow: openFlowDriver,
  app: openAppDriver,
  agent: openAgentDriver,
  os: openOsDriver,
  gguf: openGgufDriver,
  served: openServedDriver,
  chat: openChatDriver,
  data: openDataDriver,
  system: openSystemDriver,
  hosted: openHostedDriver,
}

/** The folder of the driver of a kind, in the data folder of the agent. */
export const kindFolder = (data: string, kind: VersionKind): string => join(data, 'kinds', kind)

/** Each driver gets a folder that no other driver has. */
export function openDrivers({ data, instead, ...deps }: DriversDeps): Drivers {
  const opened = new Map<VersionKind, Driver>()
  // A driver calls them only once all are open.
  const apps: DriverDeps['apps'] = {
    isCapable: () => opened.get('app')?.isCapable?.() ?? false,
    endpointOf: (app, query) => opened.get('app')?.endpoint?.(app, query),
    dataFolderOf: async (name) => opened.get('data')?.folderOf?.(name),
    repositoryOf: (app) => opened.get('app')?.repository?.(app),
    repositoryFolderOf: async (app) => opened.get('hosted')?.folderOf?.(app),
    control: async (order, signal) => opened.get('app')?.control?.(order, signal) ?? NO_CONTAINERS,
  }
  const statesFolder = statesFolderIn(data)
  const open = (kind: VersionKind) =>
    (instead?.[kind] ?? openers[kind])({ ...deps, apps, statesFolder, folder: kindFolder(data, kind) })
  for (const kind of VersionKind.options) opened.set(kind, open(kind))
  return Object.fromEntries(opened) as Drivers
}

/** One driver for every kind. */
export const sameDriver = (driver: Driver): Drivers =>
  Object.fromEntries(VersionKind.options.map((kind) => [kind, driver])) as Drivers

export const driverOf = (drivers: Drivers, { kind }: Pick<DesiredItem, 'kind'>): Driver => drivers[kind]

/** The loaded versions of all drivers that are ready. Undefined while none is ready. */
export function loadedBy(drivers: Drivers): readonly Loaded[] | undefined {
  const ready = unique(drivers).flatMap((driver) => {
    const loaded = driver.loaded()
    return loaded ? [loaded] : []
  })
  return ready.length === 0 ? undefined : ready.flat()
}

/** The facts about the drivers that a plan is made from. A plan loads no version of a kind that is not ready. */
export function driverFacts(drivers: Drivers): Pick<DeviceFacts, 'loaded'> & { machine: MachineFacts } {
  const loaded = loadedBy(drivers)
  const unready = new Set(VersionKind.options.filter((kind) => drivers[kind].loaded() === undefined))
  const troubles = VersionKind.options.flatMap((kind) => {
    const cause = drivers[kind].trouble?.()
    return cause ? [[kind, cause] as const] : []
  })
  const trials = new Set(unique(drivers).flatMap((driver) => driver.trials?.() ?? []))
  return {
    ...(loaded && { loaded }),
    machine: {
      unready,
      ...(troubles.length > 0 && { troubles: new Map(troubles) }),
      ...(trials.size > 0 && { trials }),
    },
  }
}

/** The kinds whose runtime this machine has. */
export const capableKinds = (drivers: Drivers): VersionKind[] =>
  VersionKind.options.filter((kind) => drivers[kind].isCapable?.() ?? true)

/** The lines of the version under the name, from the driver that has it. */
export async function linesOfName(
  drivers: Drivers,
  { name, ...query }: AppLogQuery & { name: string },
  signal: AbortSignal,
): Promise<AppLogLine[] | undefined> {
  for (const driver of unique(drivers)) {
    const lines = await driver.logs?.(name, query, signal)
    if (lines) return lines
  }
  return undefined
}

/** Gives the secrets of the device to the drivers that use them. */
export function giveSecrets(drivers: Drivers, secretOf: (name: string) => Uint8Array | undefined): void {
  for (const driver of unique(drivers)) driver.takeSecrets?.(secretOf)
}

/** Gives the order to the driver that has containers. */
export function controlAppOf(drivers: Drivers, order: AppOrder, signal: AbortSignal): Promise<DriverAnswer> {
  const control = unique(drivers).find((driver) => driver.control)?.control
  if (control) return control(order, signal)
  return Promise.resolve(NO_CONTAINERS)
}

/** The loaded apps that load the files of hosted models. */
export const runtimesOf = (drivers: Drivers): DeviceRuntime[] =>
  unique(drivers).flatMap((driver) => [...(driver.runtimes?.() ?? [])])

const unique = (drivers: Drivers): Driver[] => [...new Set(Object.values(drivers))]
